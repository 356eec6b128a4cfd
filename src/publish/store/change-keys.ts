import { UserError } from '../../lib/errors.ts';
import { isConditionFailed } from '../aws/aws-error.ts';
import { type EdgeStore, type KeyChange, MOST_CHANGED, type StoreState } from '../aws/target.ts';
import type { StoreKeys } from './store-keys.ts';

/** The contents of a store at a moment. */
export interface StoredKeys extends StoreState {
  readonly keys: StoreKeys;
}

/** How to change keys. */
export interface ChangeOptions {
  readonly store: EdgeStore;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** Runs before each request; throws to stop. */
  readonly check?: () => Promise<void>;
}

/** So many refusals in a row, with growing pauses between them, are some 45 seconds. */
const MOST_CONFLICTS = 9;

const PAUSE_MS = 1000;

/** Reads a store. A change on the condition of its ETag finds the keys as they are here. */
export async function readKeys(store: EdgeStore): Promise<StoredKeys> {
  // The ETag first, so that a change while the keys are listed fails the next update.
  const state = await store.describe();
  return { ...state, keys: await store.list() };
}

/**
 * Changes keys, as many requests as it takes. Every request is refused if anybody changed any key since the store was read, or
 * if the answer to an own request was lost: then the store is read and the rest planned again.
 *
 * @param plan the changes that are left to do
 * @returns what is stored then
 * @throws {UserError} if others keep changing the store
 */
export async function changeKeys(
  { store, sleep, check = async () => {} }: ChangeOptions,
  read: StoredKeys,
  plan: (keys: StoreKeys) => readonly KeyChange[],
): Promise<StoredKeys> {
  let stored = read;
  for (let conflicts = 0; ; ) {
    const changes = plan(stored.keys).slice(0, MOST_CHANGED);
    if (changes.length === 0) return stored;
    await check();
    try {
      const etag = await store.update(changes, stored.etag);
      stored = { ...stored, etag, keys: applyChanges(stored.keys, changes) };
      conflicts = 0;
    } catch (error) {
      if (!isConditionFailed(error)) throw error;
      if (conflicts === MOST_CONFLICTS) throw busy(store);
      conflicts++;
      await sleep(conflicts * PAUSE_MS);
      stored = await readKeys(store);
    }
  }
}

function applyChanges(keys: StoreKeys, changes: readonly KeyChange[]): StoreKeys {
  const changed = new Map(keys);
  for (const [key, value] of changes) {
    if (value === null) changed.delete(key);
    else changed.set(key, value);
  }
  return changed;
}

function busy({ arn }: EdgeStore): UserError {
  return new UserError(
    `others keep changing the keys in ${arn}: wait until they are done, and run it again`,
  );
}
