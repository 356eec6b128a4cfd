// Edge dialect: this file is part of the router with a store.
import { digitAt, escapeId } from '../table/encoding.ts';

/**
 * The number of the block with the records about a subject: a plugin's id, a text, the folder of a plugin's page, the number of a
 * list's page; empty for whole lists. The store has every block, also an empty one. So what its block does not have does not exist,
 * and a block that is missing has not reached the edge.
 *
 * @param blocks how many there are
 */
export const blockOf = (subject: string, blocks: number): number =>
  subject
    .split('')
    .reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 4294967291, 0) % blocks;

/** The fields of a record in a block; null where there is none. */
export function readRecord(block: string, key: string): string[] | null {
  const line = `\n${key} `;
  const at = block.indexOf(line);
  return at < 0 ? null : (block.slice(at + line.length).split('\n')[0] as string).split(' ');
}

// The keys of records. That of a page has its number behind the letter.

/** Of a list of all plugins. */
export const listKey = (allVersions: boolean, page: string): string =>
  (allVersions ? 'a' : 'l') + page;

/** Of one plugin. */
export const pluginKey = (id: string, allVersions: boolean, page: string): string =>
  `${listKey(allVersions, page)}+${escapeId(id)}`;

/** Of what a whole id finds as a filter. */
export const filterKey = (folded: string, page: string): string => `=${page}+${escapeId(folded)}`;

/** Of a plugin's page, which has no fields. */
export const pageKey = (folder: string): string => `/${folder}`;

/** Bytes of a value; CloudFront allows 1 KB. */
export const MOST_VALUE_BYTES = 1000;

/** The page size that is published: real clients ask for it. */
export const PAGE_SIZE = 100;

/** The part of a store that is read. */
export interface Store {
  /** Rejects where there is no such key. */
  get: (key: string) => Promise<string>;
}

/**
 * The text of a block, which is stored in pieces: under its key, begun by the digit of how many more there are, and under the key
 * with `.1`, `.2` and so on. Null where a piece is missing.
 */
export async function readBlock(store: Store, key: string): Promise<string | null> {
  try {
    const first = await store.get(key);
    let text = first.slice(1);
    for (let piece = 1; piece <= digitAt(first); piece++)
      text += await store.get(`${key}.${piece}`);
    return text;
  } catch (_error) {
    return null;
  }
}
