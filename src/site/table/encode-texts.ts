import type { IndexedRelease } from '../../query/catalog-index.ts';
import { lowerCase } from '../../query/lower-case.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { abbreviator, unusedCharacters } from './abbreviate.ts';
import type { RankedTexts } from './rank-texts.ts';
import { TextIndex } from './text-index.ts';

/** The part of a routing table that is for text search. */
export type EncodedTexts = Pick<RoutingTable, 'texts' | 'onlyIds' | 'abbreviations' | 'lowerCase'>;

/** How to make a routing table smaller. */
export interface TextForm {
  /** How many abbreviations to use at most: each makes the router smaller and slower. */
  readonly abbreviations: number;
  /** Whether to leave out what no newest version has. Then all versions are searched only where none of that is seen. */
  readonly onlyNewest: boolean;
  /** Whether to leave out the names of the lists of all plugins, which the router can work out. Default: not. */
  readonly withoutLists?: boolean;
}

/** What serves requests best. */
export const PLAIN_TEXTS: TextForm = { abbreviations: 0, onlyNewest: false };

/** Encodes texts with at most so many abbreviations. */
export type TextEncoder = (abbreviations: number) => EncodedTexts;

/**
 * Encodes names and descriptions, by rank.
 *
 * @param only the ranks that are not left out; undefined for all
 * @param onlyIds whether only whole ids are searched for: then the texts are reduced to the ids in them
 */
export function textEncoder(
  { examples }: RankedTexts,
  only: ReadonlySet<number> | undefined,
  onlyIds: boolean,
): TextEncoder {
  const ids = [...new Set(examples.map(({ lowerId }) => lowerId))];
  const searched = onlyIds
    ? findIds(ids, examples)
    : examples.map((release, rank) =>
        only && !only.has(rank) ? ['', ''] : searchedTexts(release),
      );
  const used = new Set(searched.flat().flatMap((text) => [...text]));
  const [betweenRanks, betweenTexts] = separators(used);
  const joined = searched.map((texts) => texts.join(betweenTexts));
  const codes = unusedCharacters(new Set([...used, betweenRanks, betweenTexts]));
  const separator = codes.pop() ?? '';
  const abbreviate = abbreviator(joined, betweenRanks, codes, separator);
  const lowerCase = lowerCasePairs(new Set([...used, ...ids.join('')]));
  return (count) => {
    const { text, abbreviations } = abbreviate(count);
    return { texts: `${betweenRanks}${betweenTexts}${text}`, onlyIds, abbreviations, lowerCase };
  };
}

/** What is in one is found in the other too, and need not be there twice. */
function searchedTexts({ lowerName, lowerDescription }: IndexedRelease): string[] {
  if (lowerDescription.includes(lowerName)) return [lowerDescription];
  return lowerName.includes(lowerDescription) ? [lowerName] : [lowerName, lowerDescription];
}

/** For each rank the other plugins' ids that its texts have, without those that others of them have in them. */
function findIds(ids: readonly string[], examples: readonly IndexedRelease[]): string[][] {
  const texts = new TextIndex(
    examples.flatMap(({ lowerName, lowerDescription }) => [lowerName, lowerDescription]),
  );
  const found = examples.map((): string[] => []);
  for (const id of ids) {
    for (const rank of new Set(texts.find(id).map((text) => text >> 1))) {
      if (examples[rank]?.lowerId !== id) found[rank]?.push(id);
    }
  }
  return found.map((all) =>
    all.filter((id) => !all.some((other) => other !== id && other.includes(id))),
  );
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
