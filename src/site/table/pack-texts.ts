import type { IndexedRelease } from '../../query/catalog-index.ts';
import { lowerCase } from '../../query/lower-case.ts';
import { abbreviate, unusedCharacters } from './abbreviate.ts';
import type { RankedTexts } from './rank-texts.ts';

/** The part of a routing table that is for text search. */
export interface PackedTexts {
  readonly texts: string;
  readonly onlyIds: boolean;
  readonly abbreviations: string;
  readonly lowerCase: string[];
}

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
 * @param onlyIds whether whole ids are all that is searched for: then of the texts only the ids in them are packed
 */
export function packTexts(
  { examples }: RankedTexts,
  newest: ReadonlySet<number>,
  options: PackOptions,
  onlyIds: boolean,
): PackedTexts {
  const ids = [...new Set(examples.map(({ lowerId }) => lowerId))];
  const searched = examples.map((release, rank) => {
    if (options.onlyNewest && !newest.has(rank)) return ['', ''];
    const texts = searchedTexts(release);
    return onlyIds ? findIds(ids, texts, release) : texts;
  });
  const used = new Set(searched.flat().flatMap((text) => [...text]));
  const [betweenRanks, betweenTexts] = separators(used);
  const joined = searched.map((texts) => texts.join(betweenTexts));
  const codes = unusedCharacters(new Set([...used, betweenRanks, betweenTexts]));
  const separator = codes.pop() ?? '';
  const chosen = codes.slice(0, options.abbreviations);
  const { text, abbreviations } = abbreviate(joined, betweenRanks, chosen, separator);
  return {
    texts: `${betweenRanks}${betweenTexts}${text}`,
    onlyIds,
    abbreviations,
    lowerCase: lowerCasePairs(new Set([...used, ...ids.join('')])),
  };
}

/** What is in one is found in the other too, and need not be there twice. */
function searchedTexts({ lowerName, lowerDescription }: IndexedRelease): string[] {
  if (lowerDescription.includes(lowerName)) return [lowerDescription];
  return lowerName.includes(lowerDescription) ? [lowerName] : [lowerName, lowerDescription];
}

/** The other plugins' ids that some texts have, without those that others of them have in them. */
function findIds(
  ids: readonly string[],
  texts: readonly string[],
  { lowerId }: IndexedRelease,
): string[] {
  const found = ids.filter((id) => id !== lowerId && texts.some((text) => text.includes(id)));
  return found.filter((id) => !found.some((other) => other !== id && other.includes(id)));
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
