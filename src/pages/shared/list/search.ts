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
  const exact = rankAll(plugins, (texts) => rankOf(texts, words));
  const isSimilar = exact.length === 0;
  const found = isSimilar
    ? rankAll(plugins, (texts) => (words.every((word) => isNear(texts, word)) ? 0 : undefined))
    : exact;
  const isInApi = matchesText(text);
  const byApi = found.filter((plugin) => isInApi(textsOf(plugin))).length;
  return { plugins: found, isSimilar, byApi };
}

/** The texts of a plugin as they are compared. */
interface SearchTexts extends Texts {
  /** As written, and without what separates words: `ms teams msteams`. */
  readonly name: string;
  readonly idAndName: string;
  readonly all: string;
  /** The words of all of them. */
  readonly words: () => readonly string[];
}

const known = new WeakMap<Searchable, SearchTexts>();

/** Those of a plugin, computed once. */
export function textsOf(plugin: Searchable): SearchTexts {
  const before = known.get(plugin);
  if (before !== undefined) return before;
  const name = withJoined(plugin.name);
  const idAndName = `${name} ${withJoined(plugin.id)}`;
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
  return `${folded} ${folded.replace(/[^\p{L}\p{N}]/gu, '')}`;
}

/** Without case and accents. What a text has, folded, the folded text has. */
function fold(text: string): string {
  const lower = lowerCase(text);
  if (/^[ -~]*$/.test(lower)) return lower;
  return lowerCase(lower.normalize('NFKD').replace(/\p{M}/gu, ''));
}

/** How well texts have the words: 0 is best; undefined where one is missing. */
function rankOf({ name, idAndName, all }: SearchTexts, words: readonly string[]) {
  const isIn = (text: string) => words.every((word) => text.includes(word));
  if (!isIn(all)) return undefined;
  if (!isIn(name)) return isIn(idAndName) ? 3 : 4;
  if (name.startsWith(words.join(' '))) return 0;
  return words.every((word) => name.startsWith(word) || name.includes(` ${word}`)) ? 1 : 2;
}

/** Those with a rank, by that, and otherwise in their order. */
function rankAll<Plugin extends Searchable>(
  plugins: readonly Plugin[],
  rank: (texts: SearchTexts) => number | undefined,
): Plugin[] {
  const byRank: Plugin[][] = [[], [], [], [], []];
  for (const plugin of plugins) {
    const found = rank(textsOf(plugin));
    if (found !== undefined) byRank[found]?.push(plugin);
  }
  return byRank.flat();
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
  let at = 0;
  while (at < word.length && word[at] === text[at]) at++;
  const rest = word.slice(at + 1);
  return (
    at === word.length ||
    text.startsWith(rest, at + 1) ||
    text.startsWith(rest, at) ||
    text.startsWith(word.slice(at), at + 1) ||
    (word[at] === text[at + 1] &&
      word[at + 1] === text[at] &&
      text.startsWith(word.slice(at + 2), at + 2))
  );
}
