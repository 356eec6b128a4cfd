import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import {
  type Bucket,
  type EdgeStore,
  type KeyChange,
  newObject,
  type Target,
} from '../aws/target.ts';
import type { BuildStore } from '../read-build.ts';
import { storeKey } from '../records/object-keys.ts';
import { type ChangeOptions, changeKeys, readKeys, type StoredKeys } from './change-keys.ts';
import {
  idOfKey,
  parseStoreKeys,
  readBlocks,
  readsStore,
  type StoreKeys,
  storeFileOf,
} from './store-keys.ts';

/** The keys that a snapshot still needs in the store. */
export interface KeyPlan {
  readonly changes: readonly KeyChange[];
  /** How many of its keys are there. */
  readonly present: number;
  /** The store as it was planned for. */
  readonly stored: StoredKeys;
}

/** A target with a store. */
export type StoreTarget = Target & Required<Pick<Target, 'store'>>;

/** What a store holds: 5 MB. */
const MOST_STORE_BYTES = 5_000_000;

/**
 * The store that a router reads; undefined if it reads none.
 *
 * @param whose the router in the message
 * @throws {UserError} if it reads one, and none is named
 */
export function storeFor(
  { store }: Target,
  code: string,
  whose = 'the router of this snapshot',
): EdgeStore | undefined {
  if (!readsStore(code)) return undefined;
  if (store) return store;
  throw new UserError(
    `${whose} reads a KeyValueStore, and none is named: nothing went live; name it with --key-value-store, its ARN is the output KeyValueStoreArn of the stack`,
  );
}

/**
 * Plans which keys to write.
 *
 * @throws {UserError} if the store has no room for them
 */
export async function planKeys(store: EdgeStore, keys: StoreKeys): Promise<KeyPlan> {
  const stored = await readKeys(store);
  const changes = findMissing(keys, stored.keys);
  const newBytes = sizeOf(changes);
  if (newBytes > 0 && stored.sizeBytes + newBytes > MOST_STORE_BYTES) throw full(stored, newBytes);
  return { changes, present: keys.size - changes.length, stored };
}

/** The keys that are not in the store, or have another value there. */
export function findMissing(keys: StoreKeys, stored: StoreKeys): [key: string, value: string][] {
  return [...keys].filter(([key, value]) => stored.get(key) !== value);
}

/**
 * Writes the keys of a build that are missing in the store. Their record comes first: a prune goes by it.
 *
 * @returns what is stored then
 */
export async function fillStore(
  { bucket, store, sleep }: StoreTarget,
  id: string,
  { keys, content }: BuildStore,
  { stored }: KeyPlan,
): Promise<StoredKeys> {
  await bucket.put(newObject(storeKey(id), 'application/json', content), content);
  return changeKeys({ store, sleep }, stored, (found) => findMissing(keys, found));
}

/**
 * Checks that keys are in the store.
 *
 * @param known the store as it was when they were: if its ETag is still the same, it is not listed again
 * @throws {UserError} if some are missing
 */
export async function checkKeys(
  store: EdgeStore,
  keys: StoreKeys,
  known?: StoredKeys,
): Promise<void> {
  const isSame = known !== undefined && (await store.describe()).etag === known.etag;
  const stored = isSame ? known : await readKeys(store);
  const missing = findMissing(keys, stored.keys);
  const [first] = missing;
  if (first === undefined) return;
  throw new UserError(
    `snapshot ${idOfKey(first[0])} is incomplete: ${missing.length} of its ${keys.size} keys ${missing.length === 1 ? 'is' : 'are'} missing in ${store.arn}; deploy it again`,
    missing.slice(0, 5).map(([key]) => ({ level: 'error', path: key, message: 'is missing' })),
  );
}

/** Removes every key of some snapshots. */
export async function removeKeys(
  options: ChangeOptions,
  ids: ReadonlySet<string>,
): Promise<StoredKeys> {
  return changeKeys(options, await readKeys(options.store), (stored) =>
    [...stored.keys()].filter((key) => ids.has(idOfKey(key))).map((key) => [key, null]),
  );
}

/**
 * The keys of a snapshot in the bucket; undefined if its router needs no store.
 *
 * @throws {UserError} if the record of them is missing or damaged
 */
export async function readStoreKeys(
  bucket: Bucket,
  snapshot: Snapshot,
): Promise<StoreKeys | undefined> {
  const file = storeFileOf(snapshot);
  if (file === undefined) return undefined;
  const key = storeKey(snapshot.id);
  const label = `${bucket.address}/${key}`;
  const stored = await bucket.get(key, file.size);
  if (stored && digestOf(stored.body) === file.sha256) {
    const keys = parseStoreKeys(stored.body.toString(), label, snapshot.id);
    readBlocks(snapshot, keys);
    return keys;
  }
  throw new UserError(
    `${label} ${stored ? 'does not have the digest in the manifest' : 'is missing'}: deploy ${snapshot.id} again`,
  );
}

function sizeOf(keys: Iterable<KeyChange>): number {
  let bytes = 0;
  for (const [key, value] of keys) bytes += key.length + Buffer.byteLength(value ?? '');
  return bytes;
}

function full({ sizeBytes, keys }: StoredKeys, newBytes: number): UserError {
  const bytes = new Map<string, number>();
  for (const [key, value] of keys) {
    const id = idOfKey(key);
    bytes.set(id, (bytes.get(id) ?? 0) + sizeOf([[key, value]]));
  }
  return new UserError(
    `the keys of this snapshot take ${newBytes} bytes in the KeyValueStore, which has room for ${MOST_STORE_BYTES - sizeBytes}: nothing was published; remove old snapshots with npm run prune -- --keep N`,
    [...bytes].map(([id, size]) => ({
      level: 'error',
      path: `snapshot ${id}`,
      message: `takes ${size} bytes`,
    })),
  );
}
