// Edge dialect: this file is part of the router with a store.
import { digitAt, escapeId } from '../table/encoding.ts';

/**
 * The number of the bucket with the records about a subject: a plugin's id, a text, the folder of a plugin's page, the number of a
 * list's page; empty for whole lists. The store has every bucket, also an empty one. So what its bucket does not have does not exist,
 * and a bucket that is missing has not reached the edge.
 *
 * @param buckets how many there are
 */
export const bucketOf = (subject: string, buckets: number): number =>
  subject
    .split('')
    .reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 4294967291, 0) % buckets;

/** The fields of a record in a bucket; null where there is none. */
export function readRecord(bucket: string, key: string): string[] | null {
  const line = `\n${key} `;
  const at = bucket.indexOf(line);
  return at < 0 ? null : (bucket.slice(at + line.length).split('\n')[0] as string).split(' ');
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

/** The page size that is published. */
export const PAGE_SIZE = 100;

/** The part of a store that is read. */
export interface Store {
  /** Rejects where there is no such key. */
  get: (key: string) => Promise<string>;
}

/**
 * The text of a bucket, which is stored in pieces: under its key, begun by the digit of how many more there are, and under the key
 * with `.1`, `.2` and so on. Null where a piece is missing.
 */
export async function readBucket(store: Store, key: string): Promise<string | null> {
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
