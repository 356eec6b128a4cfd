import { UserError } from '../lib/errors.ts';
import { snapshotFolder } from '../snapshot/parse-snapshot.ts';
import { isCloudFront, type ListedObject, MOST_REMOVED, type Target } from './aws/target.ts';
import { listStored, type StoredSnapshot } from './list-snapshots.ts';
import { isSnapshotId, manifestKey, PREFIXES, routerKey, storeKey } from './records/object-keys.ts';
import { readPruneRecord, writePruneRecord } from './records/prune-record.ts';
import { readPublishState, recordDeployment } from './records/publish-state.ts';
import { removeKeys } from './store/snapshot-keys.ts';

/** The options of `prune`. */
export interface PruneOptions {
  readonly target: Target;
  /** How many snapshots to keep, the live one among them. */
  readonly keep: number;
  /** How long an edge or a deploy may use a snapshot after it stopped being live, or arrived. */
  readonly edgeMs: number;
  readonly now: Date;
}

/** The snapshots that a prune removes. */
export interface PrunePlan {
  readonly kept: readonly string[];
  /** Whole snapshots. */
  readonly removed: readonly string[];
  /** Parts of snapshots, which a dead deploy or prune left. */
  readonly leftovers: readonly string[];
}

/** By then no deploy still works on the snapshot. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Finds what a prune would remove, and changes nothing. */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  const { target, keep, edgeMs, now } = options;
  const state = await readPublishState(target);
  const stored = await listStored(target, state);
  const inUse = [state.live.id, state.claimedId];
  const isYoung = ({ retiredAt, uploadedAt }: StoredSnapshot) =>
    now.getTime() - (retiredAt ?? uploadedAt).getTime() < edgeMs;
  const removed = stored
    .slice(keep)
    .filter((snapshot) => !inUse.includes(snapshot.id) && !isYoung(snapshot))
    .map(({ id }) => id);
  const whole = stored.map(({ id }) => id);
  const unfinished = state.prune.removing.filter((id) => ![...whole, ...inUse].includes(id));
  const leftovers = await findLeftovers(options, [...whole, ...inUse, ...unfinished]);
  return {
    kept: whole.filter((id) => !removed.includes(id)),
    removed,
    leftovers: [...unfinished, ...leftovers],
  };
}

/**
 * Removes old snapshots, but neither the live one nor one that some edge may still use. It records what it removes, then checks
 * again and spares what came into use meanwhile (see `flip`). The next prune finishes one that died.
 *
 * @throws {UserError} if another prune began meanwhile
 */
export async function prune(options: PruneOptions): Promise<PrunePlan> {
  const { target, now } = options;
  const { bucket } = target;
  const { live, prune: before } = await readPublishState(target);
  await recordDeployment(bucket, live);
  const first = await planPrune(options);
  const condemned = [...first.removed, ...first.leftovers];
  if (condemned.length === 0 && before.removing.length === 0) return first;
  const store = await findStore(target, condemned);
  const begun = await writePruneRecord(bucket, before, { removing: condemned, at: now });
  if (begun === null) throw overtaken();

  const again = await planPrune(options);
  const removed = again.removed.filter((id) => condemned.includes(id));
  const leftovers = again.leftovers.filter((id) => condemned.includes(id));
  const check = async () => {
    if ((await readPruneRecord(bucket)).etag !== begun.etag) throw overtaken();
  };
  const remove = async (keys: readonly string[]) => {
    for (let at = 0; at < keys.length; at += MOST_REMOVED) {
      await check();
      await bucket.remove(keys.slice(at, at + MOST_REMOVED));
    }
  };
  const gone = [...removed, ...leftovers];
  // The manifest first: without it a snapshot is not listed. The record of its keys last, when they are gone.
  const records = (id: string) => [manifestKey(id), routerKey(id)];
  if (store) {
    await remove(gone.flatMap(records));
    await removeKeys({ store, sleep: target.sleep, check }, new Set(gone));
  }
  for (const id of gone) {
    const read = await listAll(target, id);
    const keys = store ? [storeKey(id)] : records(id);
    await remove([...keys, ...read.map(({ key }) => key)]);
  }
  if ((await writePruneRecord(bucket, begun, { removing: [], at: now })) === null)
    throw overtaken();
  return {
    kept: [...first.kept, ...first.removed.filter((id) => !removed.includes(id))],
    removed,
    leftovers,
  };
}

/** Everything that is stored of a snapshot besides its records. The files that are served come last: by them leftovers are found. */
async function listAll(target: Target, id: string): Promise<ListedObject[]> {
  const { bucket } = target;
  const builds = isCloudFront(target) ? [] : await bucket.listFolders(PREFIXES.builds);
  const own = builds.filter((folder) => folder.startsWith(`${PREFIXES.builds}${id}-`));
  const lists = [...own, snapshotFolder(id)].map((folder) => bucket.list(folder));
  return (await Promise.all(lists)).flat();
}

/**
 * The store with keys of some snapshots; undefined if none of them has any.
 *
 * @throws {UserError} if there are some, and no store is named
 */
async function findStore({ bucket, store }: Target, ids: readonly string[]) {
  const records = new Set((await bucket.list(PREFIXES.manifests)).map(({ key }) => key));
  const id = ids.find((each) => records.has(storeKey(each)));
  if (id === undefined) return undefined;
  if (store) return store;
  throw new UserError(
    `snapshot ${id} has keys in a KeyValueStore, and none is named: nothing was removed; use --key-value-store`,
  );
}

function overtaken(): UserError {
  return new UserError('another prune began meanwhile: this one stopped, and that one continues');
}

/** The snapshots, other than the known ones, of which every object is old. */
async function findLeftovers(
  { target: { bucket }, now }: PruneOptions,
  known: readonly (string | null)[],
): Promise<string[]> {
  const leftovers: string[] = [];
  for (const folder of await bucket.listFolders(PREFIXES.snapshots)) {
    const id = folder.slice(PREFIXES.snapshots.length, -1);
    // No deploy made this.
    if (known.includes(id) || !isSnapshotId(id)) continue;
    const isOld = ({ modifiedAt }: ListedObject) =>
      now.getTime() - modifiedAt.getTime() >= LEFTOVER_AGE_MS;
    if ((await bucket.list(folder)).every(isOld)) leftovers.push(id);
  }
  return leftovers;
}
