// Edge dialect: this file is part of the router.
import { digitAt } from './digit.ts';
import { escapeId } from './escape-id.ts';
import type { RoutingTable } from './routing-table.ts';

/**
 * Lower-cases what is searched for, as the build did the texts. Letters that occur in no text are left as they are.
 *
 * @param pairs `lowerCase` of the routing table
 */
export function foldText(text: string, pairs: string[]): string {
  let folded = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i] as string;
    const half = pair.length / 2;
    folded = folded.split(pair.slice(0, half)).join(pair.slice(half));
  }
  return folded;
}

/** The names and descriptions, by rank. The two characters in front of the packed texts separate ranks, and texts of a rank. */
export function unpackTexts(table: RoutingTable): string[][] {
  let texts = table.texts;
  for (let i = table.abbreviations.length; i--; ) {
    const abbreviation = table.abbreviations[i] as string;
    texts = texts.split(abbreviation[0] as string).join(abbreviation.slice(1));
  }
  const ranks = texts.slice(2).split(texts[0] as string);
  const unpacked: string[][] = [];
  for (let i = 0; i < ranks.length; i++) {
    unpacked.push((ranks[i] as string).split(texts[1] as string));
  }
  return unpacked;
}

/**
 * How many of a plugin's releases match.
 *
 * @param ranks of the releases
 * @param id escaped and folded
 * @param texts by rank
 * @param text folded; empty: every release matches
 */
export function countMatches(ranks: string, id: string, texts: string[][], text: string): number {
  let count = 0;
  for (let i = 0; i < ranks.length; i++) {
    const own = text ? (texts[digitAt(ranks, i)] as string[]) : [''];
    let isMatch = escapeId(text) === id;
    for (let j = 0; j < own.length; j++) isMatch = isMatch || (own[j] as string).indexOf(text) >= 0;
    if (isMatch) count++;
  }
  return count;
}
