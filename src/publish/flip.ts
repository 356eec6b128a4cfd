import { UserError } from '../lib/errors.ts';
import { isConditionFailed } from './aws/aws-error.ts';
import type { Bucket, StoredFile, Target } from './aws/target.ts';
import { idOfRouter } from './records/object-keys.ts';
import { readPruneRecord, refuseRemoved } from './records/prune-record.ts';
import { type PublishState, readPublishState, recordDeployment } from './records/publish-state.ts';
import type { StoredKeys } from './store/change-keys.ts';
import { checkKeys, storeFor } from './store/snapshot-keys.ts';
import type { StoreKeys } from './store/store-keys.ts';
import { listRead } from './stored-files.ts';
import { findMissing } from './upload.ts';

/** The router to make live. */
export interface NextRouter {
  readonly code: string;
  /** What must be in the bucket; absent if it is known to be there, as that of the router before. */
  readonly files?: readonly StoredFile[];
  /** The keys that it reads in the store; absent if it reads none, or they are known to be there. */
  readonly keys?: StoreKeys;
  /** The store after they were written: as long as its ETag is the same, they are there. */
  readonly stored?: StoredKeys;
}

/** Checks the uploaded router before it goes live; throws if it must not. */
export type RouterCheck = (etag: string) => Promise<void>;

/**
 * Makes a router live. This is the one moment at which the site changes: before it the old snapshot answers every request,
 * after it the new one.
 *
 * Of all commands that change the router or remove snapshots at the same time, one wins. A deploy or rollback uploads its
 * router on the condition that no other command did since `state` was read, and publishes it on the same condition. A prune
 * first records what it removes, then spares snapshots whose router somebody uploaded. Here the router is uploaded first, and then no record
 * may be new: so one of the two always sees the other. Only then every file and key is checked to be there.
 *
 * @returns what is published then
 * @throws {UserError} if somebody else was faster, or files are missing
 */
export async function flip(
  target: Target,
  state: PublishState,
  next: NextRouter,
  check: RouterCheck = async () => {},
): Promise<PublishState> {
  const { bucket, edge } = target;
  refuseRemoved(state.prune, idOfRouter(next.code));
  const etag = await uploadRouter(target, state, next);
  await check(etag).catch((error: unknown) => {
    throw explainLost(error);
  });
  const prune = await readPruneRecord(bucket);
  if (prune.etag !== state.prune.etag) {
    throw new UserError('a prune ran since this began: nothing went live, run it again');
  }
  if (next.files) await checkComplete(bucket, next.code, next.files);
  const store = storeFor(target, next.code);
  if (store && next.keys) await checkKeys(store, next.keys, next.stored);
  await recordDeployment(bucket, state.live);
  await edge.publish(etag).catch(async (error: unknown) => {
    // After a lost answer the SDK tries again, and finds our own router live.
    const live = isConditionFailed(error) ? await edge.read('LIVE') : undefined;
    if (live?.code !== next.code) throw explainLost(error);
  });
  const published = await readPublishState(target);
  await recordDeployment(bucket, published.live);
  return published;
}

/** @returns the ETag that publishing takes */
async function uploadRouter(target: Target, state: PublishState, { code }: NextRouter) {
  const { edge } = target;
  const id = idOfRouter(code);
  const comment = id === null ? 'No snapshot' : `Snapshot ${id}`;
  const store = storeFor(target, code);
  try {
    return await edge.update({ code, comment, ...(store && { storeArn: store.arn }) }, state.etag);
  } catch (error) {
    const development = isConditionFailed(error) ? await edge.read('DEVELOPMENT') : undefined;
    if (development?.code === code) return development.etag;
    throw explainLost(error);
  }
}

function explainLost(error: unknown): unknown {
  if (!isConditionFailed(error)) return error;
  return new UserError(
    'somebody else published since this began: nothing of this went live; look at npm run snapshots, and run it again if you still want it',
  );
}

async function checkComplete(
  bucket: Bucket,
  code: string,
  files: readonly StoredFile[],
): Promise<void> {
  const id = idOfRouter(code) ?? '';
  const missing = findMissing(files, await listRead(bucket, id, code));
  if (missing.length === 0) return;
  throw new UserError(
    `snapshot ${id} is incomplete: ${missing.length} of its ${files.length} files ${missing.length === 1 ? 'is' : 'are'} missing in ${bucket.address}; deploy it again`,
    missing.slice(0, 5).map(({ key }) => ({ level: 'error', file: key, message: 'is missing' })),
  );
}
