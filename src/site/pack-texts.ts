import type { IndexedRelease } from '../query/catalog-index.ts';
import { lowerCase } from '../query/lower-case.ts';
import { abbreviate, unusedCharacters } from './abbreviate.ts';
import type { RankedTexts } from './rank-texts.ts';

/** The part of a routing table that is for text search. */
export interface PackedTexts {
  readonly texts: string;
  readonly abbreviations: string;
  readonly lowerCase: string[];
}

/** Where search is not published. */
export const NO_TEXTS: PackedTexts = { texts: '', abbreviations: '', lowerCase: [] };

/** How to make a routing table smaller. */
export interface PackOptions {
  /** How many abbreviations to use at most: each makes the router smaller and slower. */
  readonly abbreviations: number;
  /** Whether to leave out what no newest version says. Then all versions are searched only where none of that is seen. */
  readonly onlyNewest: boolean;
}

/**
 * Packs the names and descriptions, by rank.
 *
 * @param newest the ranks that some newest version has
 */
export function packTexts(
  { examples }: RankedTexts,
  newest: ReadonlySet<number>,
  options: PackOptions,
): PackedTexts {
  const used = new Set(examples.flatMap((r) => [...r.lowerName, ...r.lowerDescription]));
  const ids = examples.flatMap(({ lowerId }) => [...lowerId]);
  const [betweenRanks, betweenTexts] = separators(used);
  const joined = examples.map((release, rank) => {
    const isLeftOut = options.onlyNewest && !newest.has(rank);
    return (isLeftOut ? ['', ''] : searchedTexts(release)).join(betweenTexts);
  });
  const codes = unusedCharacters(new Set([...used, betweenRanks, betweenTexts]));
  const separator = codes.pop() ?? '';
  const chosen = codes.slice(0, options.abbreviations);
  const { text, abbreviations } = abbreviate(joined, betweenRanks, chosen, separator);
  return {
    texts: `${betweenRanks}${betweenTexts}${text}`,
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
