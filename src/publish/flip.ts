import { UserError } from '../lib/errors.ts';
import type { Snapshot } from '../site/write/snapshot.ts';
import { isConditionFailed } from './aws/aws-error.ts';
import type { Target } from './aws/target.ts';
import { servedFiles } from './plan-upload.ts';
import { recordDeployment } from './records/deployments.ts';
import { idOfRouter, snapshotPrefix } from './records/object-keys.ts';
import { readPruneRecord, refuseRemoved } from './records/prune-record.ts';
import { type PublishState, readPublishState } from './records/publish-state.ts';

/** The router to make live. */
export interface NextRouter {
  readonly code: string;
  /** The snapshot whose files must be there; absent where that is known, as of what was live a moment ago. */
  readonly snapshot?: Snapshot;
}

/** Asked about the uploaded router before it goes live; throws where it must not. */
export type RouterCheck = (etag: string) => Promise<void>;

/**
 * Makes a router live. This is the one moment at which the site changes: until then every request is answered by the old
 * snapshot, from then on by the new one.
 *
 * Of all who change the router or remove snapshots at the same time, one wins. Each deploy and rollback uploads its router on
 * the condition that nobody else did since `state` was read, and publishes it on the same condition. A prune first writes down
 * what it removes, then leaves out what somebody uploaded the router of; here the router is uploaded first, and then nothing
 * may have been written down: so one of the two always sees the other. Only then is it looked whether every file is there.
 *
 * @returns what is published then
 * @throws {UserError} where somebody else was faster, or files are missing
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
  await check(etag);
  const prune = await readPruneRecord(bucket);
  if (prune.etag !== state.prune.etag) {
    throw new UserError('snapshots were removed since this began: nothing went live, run it again');
  }
  if (next.snapshot) await checkComplete(target, next.snapshot);
  await recordDeployment(bucket, state.live);
  await edge.publish(etag).catch(async (error: unknown) => {
    // Where an answer was lost the SDK asked again: then it is our own router that is live.
    const live = isConditionFailed(error) ? await edge.read('LIVE') : undefined;
    if (live?.code !== next.code) throw explainLost(error);
  });
  const published = await readPublishState(target);
  await recordDeployment(bucket, published.live);
  return published;
}

/** @returns the entity tag that publishing takes */
async function uploadRouter({ edge }: Target, state: PublishState, next: NextRouter) {
  const id = idOfRouter(next.code);
  const comment = id === null ? 'No snapshot' : `Snapshot ${id}`;
  try {
    return await edge.update(next.code, state.etag, comment);
  } catch (error) {
    const development = isConditionFailed(error) ? await edge.read('DEVELOPMENT') : undefined;
    if (development?.code === next.code) return development.etag;
    throw explainLost(error);
  }
}

function explainLost(error: unknown): unknown {
  if (!isConditionFailed(error)) return error;
  return new UserError(
    'somebody else published since this began, and won: nothing of this went live; look at npm run snapshots, and run it again if it is still wanted',
  );
}

async function checkComplete({ bucket }: Target, snapshot: Snapshot): Promise<void> {
  const files = servedFiles(snapshot);
  const listed = await bucket.list(snapshotPrefix(snapshot.id));
  const there = new Map(listed.map(({ key, sizeBytes }) => [key, sizeBytes]));
  const missing = files.filter(({ path, size }) => there.get(path) !== size);
  if (missing.length === 0) return;
  throw new UserError(
    `snapshot ${snapshot.id} is not whole, ${missing.length} of its ${files.length} files are missing in s3://${bucket.name}: deploy it again`,
    missing.slice(0, 5).map(({ path }) => ({ level: 'error', file: path, message: 'is missing' })),
  );
}
