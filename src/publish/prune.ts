import { UserError } from '../lib/errors.ts';
import type { ListedObject } from './aws/bucket.ts';
import type { Target } from './aws/target.ts';
import { listStored, type StoredSnapshot } from './list-snapshots.ts';
import { recordDeployment } from './records/deployments.ts';
import {
  isSnapshotId,
  manifestKey,
  PREFIXES,
  routerKey,
  snapshotPrefix,
} from './records/object-keys.ts';
import { readPruneRecord, writePruneRecord } from './records/prune-record.ts';
import { readPublishState } from './records/publish-state.ts';

/** What decides which snapshots are removed. */
export interface PruneOptions {
  readonly target: Target;
  /** How many to keep, the live one among them. */
  readonly keep: number;
  /** How long after a snapshot ceased to be live, or arrived, some edge or deploy may still use it. */
  readonly edgeMs: number;
  readonly now: Date;
}

/** What a prune removes. */
export interface PrunePlan {
  readonly kept: readonly string[];
  /** Whole snapshots. */
  readonly removed: readonly string[];
  /** Those of which only parts were there, for a deploy or a prune had died. */
  readonly leftovers: readonly string[];
}

/** A leftover is removed when no deploy can be working on it any more. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** What a prune would remove. Changes nothing. */
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
 * Removes old snapshots: never the live one, nor one that went out of use so lately that some edge may still ask for it. First
 * writes down what it removes, then looks again and leaves out what came into use meanwhile (see `flip`). A prune that dies is
 * finished by the next one.
 *
 * @throws {UserError} where another prune began meanwhile
 */
export async function prune(options: PruneOptions): Promise<PrunePlan> {
  const { target, now } = options;
  const { bucket } = target;
  const { live, prune: before } = await readPublishState(target);
  await recordDeployment(bucket, live);
  const first = await planPrune(options);
  const condemned = [...first.removed, ...first.leftovers];
  if (condemned.length === 0 && before.removing.length === 0) return first;
  const begun = await writePruneRecord(bucket, before, condemned, now);
  if (begun === null) throw overtaken();

  const again = await planPrune(options);
  const removed = again.removed.filter((id) => condemned.includes(id));
  const leftovers = again.leftovers.filter((id) => condemned.includes(id));
  const mayGoOn = async () => (await readPruneRecord(bucket)).etag === begun.etag;
  for (const id of [...removed, ...leftovers]) {
    const served = await bucket.list(snapshotPrefix(id));
    // The manifest first: what is not whole is offered to nobody.
    const keys = [manifestKey(id), routerKey(id), ...served.map(({ key }) => key)];
    if (!(await bucket.remove(keys, mayGoOn))) throw overtaken();
  }
  if ((await writePruneRecord(bucket, begun, [], now)) === null) throw overtaken();
  return {
    kept: [...first.kept, ...first.removed.filter((id) => !removed.includes(id))],
    removed,
    leftovers,
  };
}

function overtaken(): UserError {
  return new UserError('another prune began meanwhile and goes on with it: this one stopped');
}

/** Snapshots other than those known whose objects are all old. */
async function findLeftovers(
  { target: { bucket }, now }: PruneOptions,
  known: readonly (string | null)[],
): Promise<string[]> {
  const leftovers: string[] = [];
  for (const folder of await bucket.listFolders(PREFIXES.snapshots)) {
    const id = folder.slice(PREFIXES.snapshots.length, -1);
    // What no deploy has made is not ours to remove.
    if (known.includes(id) || !isSnapshotId(id)) continue;
    const isOld = ({ modifiedAt }: ListedObject) =>
      now.getTime() - modifiedAt.getTime() >= LEFTOVER_AGE_MS;
    if ((await bucket.list(folder)).every(isOld)) leftovers.push(id);
  }
  return leftovers;
}
