import { lowerCase } from '../../../query/lower-case.ts';
import { lowerTexts, matchesText, type Texts } from '../../../query/texts.ts';
import { trim } from '../../../router/request/parse-filter.ts';
import type { Searchable } from '../listed-plugin.ts';

/** What a text finds. */
export interface Found<Plugin> {
  /** The best matches first. */
  readonly plugins: readonly Plugin[];
  /** Whether nothing has the text, and these have a similar one. */
  readonly isSimilar: boolean;
  /** How many of them the API's `filter` finds, as Mattermost itself searches. */
  readonly byApi: number;
}

/**
 * Finds the plugins whose ids, names and descriptions have every word of a text, in any order; if there are none, those with
 * words that differ by one typing error. Whatever the API's `filter` finds is among them.
 */
export function search<Plugin extends Searchable>(
  plugins: readonly Plugin[],
  typed: string,
): Found<Plugin> {
  const text = trim(typed);
  const words = fold(text)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return { plugins, isSimilar: false, byApi: plugins.length };
  const exact = rankAll(plugins, words);
  const isSimilar = exact.length === 0;
  const found = isSimilar
    ? plugins.filter((plugin) => words.every((word) => isNear(textsOf(plugin), word)))
    : exact;
  const isInApi = matchesText(text);
  const byApi = found.filter((plugin) => isInApi(textsOf(plugin))).length;
  return { plugins: found, isSimilar, byApi };
}

/** The texts of a plugin as they are compared. */
interface SearchTexts extends Texts {
  /** As written, and without what separates words, after a blank: ` ms teams msteams`. */
  readonly name: string;
  readonly idAndName: string;
  readonly all: string;
  /** The words of all of them. */
  readonly words: () => readonly string[];
}

const known = new WeakMap<Searchable, SearchTexts>();

/** Those of a plugin, computed once. */
function textsOf(plugin: Searchable): SearchTexts {
  const before = known.get(plugin);
  if (before !== undefined) return before;
  const name = withJoined(plugin.name);
  const idAndName = name + withJoined(plugin.id);
  const all = `${idAndName} ${fold(plugin.description)}`;
  let words: readonly string[] | undefined;
  const texts = {
    ...lowerTexts(plugin.id, plugin.name, plugin.description),
    name,
    idAndName,
    all,
    words: () => {
      words ??= all.match(/[\p{L}\p{N}]+/gu) ?? [];
      return words;
    },
  };
  known.set(plugin, texts);
  return texts;
}

function withJoined(text: string): string {
  const folded = fold(text);
  return ` ${folded} ${folded.replace(/[^\p{L}\p{N}]/gu, '')}`;
}

/** Without case and accents. What a text has, folded, the folded text has. */
function fold(text: string): string {
  const lower = lowerCase(text);
  if (/^[ -~]*$/.test(lower)) return lower;
  return lowerCase(lower.normalize('NFKD').replace(/\p{M}/gu, ''));
}

/** Those that have all words, by how well they do, and otherwise in their order. */
function rankAll<Plugin extends Searchable>(
  plugins: readonly Plugin[],
  words: readonly string[],
): Plugin[] {
  const phrase = ` ${words.join(' ')}`;
  const beginnings = words.map((word) => ` ${word}`);
  const rankOf = ({ name, idAndName }: SearchTexts) => {
    if (!hasAll(name, words)) return hasAll(idAndName, words) ? 3 : 4;
    if (name.startsWith(phrase)) return 0;
    return hasAll(name, beginnings) ? 1 : 2;
  };
  const byRank: Plugin[][] = [[], [], [], [], []];
  for (const plugin of plugins) {
    const texts = textsOf(plugin);
    if (hasAll(texts.all, words)) byRank[rankOf(texts)]?.push(plugin);
  }
  return byRank.flat();
}

/** A loop, since every letter that is typed asks this of every plugin. */
function hasAll(text: string, parts: readonly string[]): boolean {
  for (const part of parts) if (!text.includes(part)) return false;
  return true;
}

/** In shorter words an error makes another word. */
const LEAST_FOR_ERRORS = 4;

/** Whether some word of the texts begins as a word would without one typing error. */
function isNear({ all, words }: SearchTexts, word: string): boolean {
  if (all.includes(word)) return true;
  return word.length >= LEAST_FOR_ERRORS && words().some((other) => beginsNearly(other, word));
}

/** Whether a text begins with a word in which one character is another, is missing or is too many, or two are exchanged. */
export function beginsNearly(text: string, word: string): boolean {
  if (text.length < word.length - 1) return false;
  let at = 0;
  while (at < word.length && word[at] === text[at]) at++;
  const rest = word.slice(at + 1);
  const [wrong, next] = [text[at], text[at + 1]];
  // Most words differ, and this tells most of them sooner.
  if (rest !== '' && rest[0] !== next && rest[0] !== wrong && word[at] !== next) return false;
  return (
    at === word.length ||
    text.startsWith(rest, at + 1) ||
    text.startsWith(rest, at) ||
    text.startsWith(word.slice(at), at + 1) ||
    (word[at] === next && rest[0] === wrong && text.startsWith(word.slice(at + 2), at + 2))
  );
}
