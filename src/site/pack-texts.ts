import { lowerCase } from '../query/lower-case.ts';
import type { RankedTexts } from './rank-texts.ts';

/** The part of a routing table that is for text search. */
export interface PackedTexts {
  readonly texts: string;
  readonly abbreviations: string[];
  readonly lowerCase: string[];
}

/** Where search is not published. */
export const NO_TEXTS: PackedTexts = { texts: '', abbreviations: [], lowerCase: [] };

/** Longer texts take too long to abbreviate, and no router would be small enough for them. */
const LONGEST_TO_ABBREVIATE = 30_000;

/** What is shorter than this and longer than 1 can be abbreviated. */
const LONGEST_ABBREVIATED = 32;

/**
 * Packs the names and descriptions, by rank.
 *
 * @param count how many abbreviations to use at most: each makes the router smaller and a search slower
 */
export function packTexts({ examples }: RankedTexts, count: number): PackedTexts {
  const used = new Set(examples.flatMap((r) => [...r.lowerName, ...r.lowerDescription]));
  const [betweenRanks, betweenTexts] = separators(used);
  const joined = examples
    .map(({ lowerName, lowerDescription }) => lowerName + betweenTexts + lowerDescription)
    .join(betweenRanks);
  const ids = examples.flatMap(({ lowerId }) => [...lowerId]);
  const folded = { lowerCase: lowerCasePairs(new Set([...used, ...ids])) };
  const codes = unusedCharacters(new Set([...used, betweenRanks, betweenTexts])).slice(0, count);
  const { text, abbreviations } = abbreviate(joined, codes);
  return { ...folded, texts: `${betweenRanks}${betweenTexts}${text}`, abbreviations };
}

/** Two characters that occur in no text. */
function separators(used: ReadonlySet<string>): [string, string] {
  const candidates = ['\n', '|', '\t', '\u0001', '\u0002', '\ue000', '\ue001', '\ue002', '\ue003'];
  const [first, second] = candidates.filter((candidate) => !used.has(candidate));
  if (first === undefined || second === undefined) {
    throw new Error('the texts use every character that could separate them');
  }
  return [first, second];
}

/** Characters of one byte that need no escape in JavaScript and occur in no text. */
function unusedCharacters(used: ReadonlySet<string>): string[] {
  const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  return printable.filter((character) => !used.has(character) && !'"\'`\\$'.includes(character));
}

/** Puts a code in the place of what saves most, again and again. */
function abbreviate(text: string, codes: readonly string[]) {
  const abbreviations: string[] = [];
  let short = text;
  for (const code of text.length > LONGEST_TO_ABBREVIATE ? [] : codes) {
    const best = mostSaving(short);
    if (best === undefined) break;
    abbreviations.push(code + best);
    short = short.split(best).join(code);
  }
  return { text: short, abbreviations };
}

/** The sub-string that takes most bytes in all, against a code for each occurrence and the abbreviation itself. */
function mostSaving(text: string): string | undefined {
  let best: string | undefined;
  let most = 0;
  for (let length = 2; length <= LONGEST_ABBREVIATED; length++) {
    const counts = new Map<string, { count: number; end: number }>();
    for (let at = 0; at + length <= text.length; at++) {
      const part = text.slice(at, at + length);
      const known = counts.get(part);
      if (known === undefined) {
        counts.set(part, { count: 1, end: at + length });
      } else if (known.end <= at) {
        known.count++;
        known.end = at + length;
      }
    }
    for (const [part, { count }] of counts) {
      const saved = count * (length - 1) - length - 4;
      if (saved > most && !/[\u0080-\uffff]/.test(part)) {
        most = saved;
        best = part;
      }
    }
  }
  return best;
}

/** Letters beyond A to Z whose lower case is one of the characters, each with it. */
function lowerCasePairs(characters: ReadonlySet<string>): string[] {
  const pairs: string[] = [];
  for (let code = 0x80; code < 0x20000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const letter = String.fromCodePoint(code);
    const lower = lowerCase(letter);
    if (lower !== letter && characters.has(lower)) pairs.push(letter + lower);
  }
  return pairs;
}
