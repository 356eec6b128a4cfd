import { abbreviate } from '../edge/abbreviate.ts';
import type { IndexedRelease } from '../query/catalog-index.ts';
import { lowerCase } from '../query/lower-case.ts';
import type { RankedTexts } from './rank-texts.ts';

/** The part of a routing table that is for text search. */
export interface PackedTexts {
  readonly texts: string;
  readonly abbreviations: string;
  readonly lowerCase: string[];
}

/** Where search is not published. */
export const NO_TEXTS: PackedTexts = { texts: '', abbreviations: '', lowerCase: [] };

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
  const ids = examples.flatMap(({ lowerId }) => [...lowerId]);
  const [betweenRanks, betweenTexts] = separators(used);
  const joined = examples.map((release) => searchedTexts(release).join(betweenTexts));
  const codes = unusedCharacters(new Set([...used, betweenRanks, betweenTexts]));
  const separator = codes.pop() ?? '';
  const abbreviations = chooseAbbreviations(joined, codes.slice(0, count), separator);
  const packed = abbreviate(joined.join(betweenRanks), abbreviations);
  return {
    texts: `${betweenRanks}${betweenTexts}${packed}`,
    abbreviations,
    lowerCase: lowerCasePairs(new Set([...used, ...ids])),
  };
}

/** What is in one is found in the other too, and need not be there twice. */
function searchedTexts({ lowerName, lowerDescription }: IndexedRelease): string[] {
  if (lowerDescription.includes(lowerName)) return [lowerDescription];
  return lowerName.includes(lowerDescription) ? [lowerName] : [lowerName, lowerDescription];
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

/**
 * Chooses what to abbreviate, again and again what saves most.
 *
 * @param codes the characters to use, which occur in no text
 * @param separator another such character
 * @returns as `abbreviate` takes it
 */
export function chooseAbbreviations(
  texts: readonly string[],
  codes: readonly string[],
  separator: string,
): string {
  let abbreviations = '';
  // What would go from one text into the next is not ASCII, and so not abbreviated.
  let short = texts.join('\u0080');
  for (const code of short.length > LONGEST_TO_ABBREVIATE || separator === '' ? [] : codes) {
    const best = mostSaving(short);
    if (best === undefined) break;
    abbreviations += separator + code + best;
    short = short.split(best).join(code);
  }
  return abbreviations;
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
      const saved = count * (length - 1) - length - 2;
      if (saved > most && !/[\u0080-\uffff]/.test(part)) {
        most = saved;
        best = part;
      }
    }
  }
  return best;
}

/** Letters beyond A to Z whose lower case is one of the characters, each followed by it. */
function lowerCasePairs(characters: ReadonlySet<string>): string[] {
  const pairs: string[] = [];
  for (let code = 0x80; code < 0x20000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const letter = String.fromCodePoint(code);
    const lower = lowerCase(letter);
    if (lower !== letter && characters.has(lower)) pairs.push(letter, lower);
  }
  return pairs;
}
