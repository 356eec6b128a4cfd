import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { MOST_VALUE_BYTES } from '../../router/store/records.ts';
import type { FileList, Snapshot, SnapshotFile } from '../../snapshot/parse-snapshot.ts';
import { readStore } from '../../snapshot/table/read-store.ts';

/** The file of a build with the keys that its router reads in the store. A build whose router carries everything has none. */
export const STORE_FILE = 'edge/cloudfront-store.json';

/** Values by their keys in the store: `<snapshot id>/<key>`. */
export type StoreKeys = ReadonlyMap<string, string>;

/** CloudFront allows 512 bytes. The id of the snapshot and a slash come before the key. */
const MOST_KEY_BYTES = 512 - 17;

const isRecord = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schema = z.object({
  format: z.literal(1, 'is not 1: another version wrote it'),
  // `z.record` skips a key `__proto__`.
  keys: z
    .custom<Readonly<Record<string, string>>>(isRecord, { error: 'is not an object', abort: true })
    .superRefine((keys, context) => {
      for (const [key, input] of Object.entries<unknown>(keys)) {
        const message = describeFault(key, input);
        if (message) context.addIssue({ code: 'custom', path: [key], message, input });
      }
    }),
});

function describeFault(key: string, value: unknown): string | undefined {
  if (!/^[!-~]+$/.test(key) || key.length > MOST_KEY_BYTES) {
    return `is under a key that is not 1 to ${MOST_KEY_BYTES} characters of ASCII without blanks`;
  }
  if (typeof value === 'string' && Buffer.byteLength(value) <= MOST_VALUE_BYTES) return undefined;
  return `is not a text of at most ${MOST_VALUE_BYTES} bytes`;
}

/**
 * Reads the text of a `cloudfront-store.json`: `{"format": 1, "keys": {"0": "(…", "1": ")…", "1.1": "…"}}`.
 *
 * @param id the snapshot that it belongs to
 * @throws {UserError} with every problem and its location
 */
export function parseStoreKeys(text: string, label: string, id: string): StoreKeys {
  const parsed = parseJsonAs(schema, text, label);
  if ('problems' in parsed)
    throw new UserError(`${label} has no keys: build again`, parsed.problems);
  return new Map(Object.entries(parsed.value.keys).map(([key, value]) => [`${id}/${key}`, value]));
}

/** The id of the snapshot that a key in the store belongs to. */
export const idOfKey = (key: string) => key.split('/', 1)[0] ?? '';

/** The row of the keys in a manifest; undefined if the router needs no store. */
export function storeFileOf({ files }: Pick<FileList, 'files'>): SnapshotFile | undefined {
  return files.find(({ path }) => path === STORE_FILE);
}

/** Whether the code of a CloudFront Function reads a store: only then it imports `cloudfront`, first of all. */
export const readsStore = (code: string) => /^import\b[^;]*\bfrom\s*['"]cloudfront['"]/.test(code);

/**
 * The blocks in the keys of a snapshot; none if its router needs no store.
 *
 * @throws {UserError} if they are not those of a build
 */
export function readBlocks({ id, files, router }: Snapshot, keys: StoreKeys): string[] {
  const values = new Map([...keys].map(([key, value]) => [key.slice(id.length + 1), value]));
  const paths = new Set(files.map(({ path }) => `/${path}`));
  return readStore(router.cloudFront ?? router.table, values, paths, STORE_FILE);
}
