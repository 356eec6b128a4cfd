// Edge dialect: this file is part of the router.
import { expand } from './encoding.ts';
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

/** The texts of each rank. The first two characters separate ranks, and the texts of a rank. */
export function readTexts(table: RoutingTable): string[][] {
  const texts = expand(table.texts, table.abbreviations);
  const ranks = texts.slice(2).split(texts[0] as string);
  return ranks.map((rank) => rank.split(texts[1] as string));
}
