import { UserError } from '../errors.ts';
import type { ListedObject } from './bucket.ts';
import { recordDeployment } from './deployments.ts';
import { listStored, type StoredSnapshot } from './list-snapshots.ts';
import { manifestKey, PREFIXES, routerKey, snapshotPrefix } from './object-keys.ts';
import { readPruneRecord, writePruneRecord } from './prune-record.ts';
import { readPublishState } from './publish-state.ts';
import type { Target } from './target.ts';

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
  /** Of these, parts were there: a deploy or a prune died. */
  readonly leftovers: readonly string[];
}

/** A leftover is removed when no deploy can be working on it any more. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** What a prune would remove. Changes nothing. */
export async function planPrune(options: PruneOptions): Promise<PrunePlan> {
  const { target, keep, edgeMs, now } = options;
  const state = await readPublishState(target);
  const stored = await listStored(target, state);
  const inUse = new Set([state.live.id, state.claimedId]);
  const isYoung = ({ retiredAt, uploadedAt }: StoredSnapshot) =>
    now.getTime() - (retiredAt ?? uploadedAt).getTime() < edgeMs;
  const removed = stored
    .slice(keep)
    .filter((snapshot) => !inUse.has(snapshot.id) && !isYoung(snapshot))
    .map(({ id }) => id);
  const whole = new Set(stored.map(({ id }) => id));
  return {
    kept: stored.map(({ id }) => id).filter((id) => !removed.includes(id)),
    removed,
    leftovers: await findLeftovers(options, (id) => whole.has(id) || inUse.has(id)),
  };
}

/**
 * Removes old snapshots: never the live one, nor one that went out of use so lately that some edge may still ask for it. First
 * writes down what it removes, then leaves out what somebody has just begun to make live (see `flip`). A prune that dies is
 * finished by the next one.
 *
 * @throws {UserError} where another prune began meanwhile
 */
export async function prune(options: PruneOptions): Promise<PrunePlan> {
  const { target, now } = options;
  const { bucket } = target;
  const before = await readPruneRecord(bucket);
  await recordDeployment(bucket, (await readPublishState(target)).live);
  const plan = await planPrune(options);
  const wanted = new Set([...plan.removed, ...plan.leftovers, ...before.removing]);
  if (wanted.size === 0) return plan;
  const begun = await writePruneRecord(bucket, before, [...wanted], now);
  if (begun === null) throw overtaken();

  const { live, claimedId } = await readPublishState(target);
  const isFree = (id: string) => id !== live.id && id !== claimedId;
  const mayGoOn = async () => (await readPruneRecord(bucket)).etag === begun.etag;
  for (const id of [...wanted].filter(isFree)) {
    const served = await bucket.list(snapshotPrefix(id));
    // The manifest first: what is not whole is offered to nobody.
    const keys = [manifestKey(id), routerKey(id), ...served.map(({ key }) => key)];
    if (!(await bucket.remove(keys, mayGoOn))) throw overtaken();
  }
  if ((await writePruneRecord(bucket, begun, [], now)) === null) throw overtaken();
  return {
    kept: [...plan.kept, ...plan.removed.filter((id) => !isFree(id))],
    removed: plan.removed.filter(isFree),
    leftovers: [...wanted].filter((id) => isFree(id) && !plan.removed.includes(id)),
  };
}

function overtaken(): UserError {
  return new UserError('another prune began meanwhile and goes on with it: this one stopped');
}

/** Snapshots without a manifest whose objects are all old. */
async function findLeftovers(
  { target: { bucket }, now }: PruneOptions,
  isKnown: (id: string) => boolean,
): Promise<string[]> {
  const folders = await bucket.listFolders(PREFIXES.snapshots);
  const leftovers: string[] = [];
  for (const folder of folders) {
    const id = folder.slice(PREFIXES.snapshots.length, -1);
    if (isKnown(id)) continue;
    const isOld = ({ modifiedAt }: ListedObject) =>
      now.getTime() - modifiedAt.getTime() >= LEFTOVER_AGE_MS;
    if ((await bucket.list(folder)).every(isOld)) leftovers.push(id);
  }
  return leftovers;
}
