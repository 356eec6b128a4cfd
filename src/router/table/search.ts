// Edge dialect: this file is part of the router.
import { expand } from './expand.ts';
import type { RoutingTable } from './routing-table.ts';

/**
 * Lower-cases what is searched for, as the build did the texts. Letters that occur in no text are left as they are.
 *
 * @param pairs `lowerCase` of the routing table
 */
export function foldText(text: string, pairs: string[]): string {
  let folded = text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
  for (let i = 0; i < pairs.length; i += 2) {
    folded = folded.split(pairs[i] as string).join(pairs[i + 1]);
  }
  return folded;
}

/** The texts of each rank. The first two characters of the packed texts separate ranks, and the texts of a rank. */
export function unpackTexts(table: RoutingTable): string[][] {
  const texts = expand(table.texts, table.abbreviations);
  const ranks = texts.slice(2).split(texts[0] as string);
  return ranks.map((rank) => rank.split(texts[1] as string));
}
