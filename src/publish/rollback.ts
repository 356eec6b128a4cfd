import { UserError } from '../lib/errors.ts';
import { readStatement } from '../signatures/statement.ts';
import type { Snapshot } from '../snapshot/parse-snapshot.ts';
import { type Bucket, isCloudFront, type StoredFile, type Target } from './aws/target.ts';
import type { DeployOptions } from './deploy.ts';
import { flip } from './flip.ts';
import { checkDigests } from './hosts/check-digests.ts';
import { checkRouter, isOwnRouter, OTHER_ROUTER } from './probe/check-router.ts';
import { SiteProbe } from './probe/site-probe.ts';
import { withoutCloudFront } from './read-build.ts';
import { manifestKey, routerKey } from './records/object-keys.ts';
import {
  listDeployments,
  readManifest,
  readPublishState,
  recordDeployment,
} from './records/publish-state.ts';
import { getSigned } from './records/signed.ts';
import { readStoreKeys } from './store/snapshot-keys.ts';
import type { StoreKeys } from './store/store-keys.ts';
import { buildName, hostFiles, plainFiles } from './stored-files.ts';

/** The options of `rollback`. */
export interface RollbackOptions extends Pick<DeployOptions, 'target' | 'probe' | 'report'> {
  /** The snapshot to go back to; absent: the one that was live before. */
  readonly id?: string;
}

/** The result of a rollback. */
export interface RollbackResult {
  /** The snapshot that is live now. */
  readonly id: string;
  /** The snapshot that was live before; null if the live router was not ours. */
  readonly fromId: string | null;
  /** Requests to the site. */
  readonly probes: number;
}

/** A hundred times what CloudFront takes. */
const MOST_ROUTER_BYTES = 2 ** 20;

/** To them an old statement is an attack. */
const SIGN_ANEW =
  'Clients that pin your key keep what they have, until this catalog is built, signed and deployed again';

/** Objects whose digests are taken at once. */
const DIGESTS_AT_ONCE = 32;

/**
 * Makes a snapshot live that is in the bucket. It uploads only a router, so it takes seconds.
 *
 * @throws {UserError} if the snapshot does not exist, is incomplete, its router does not match its table, or somebody else was
 *   faster
 */
export async function rollback(options: RollbackOptions): Promise<RollbackResult> {
  const { target, probe, report = () => {} } = options;
  const { bucket } = target;
  const state = await readPublishState(target);
  const fromId = state.live.id;
  const id = options.id ?? (await findPrevious(target, fromId));
  if (id === fromId) {
    await recordDeployment(bucket, state.live);
    await target.after?.();
    return { id, fromId, probes: 0 };
  }
  const stored = await (isCloudFront(target) ? readForEdge : readForHosts)(bucket, id);
  if (stored === undefined) {
    throw new UserError(
      `there is no snapshot ${id} in ${bucket.address}: npm run snapshots lists them`,
    );
  }
  if (readStatement((await getSigned(bucket, id))?.body.toString() ?? '')) report(SIGN_ANEW);
  const { snapshot, code, files, keys } = stored;
  const withKeys = keys && { keys };
  const isOwn = !isCloudFront(target) || (await isOwnRouter(snapshot, code));
  if (!isOwn) report(OTHER_ROUTER);
  const site = probe && new SiteProbe(probe, { snapshot, ...withKeys });
  await site?.look();
  await flip(target, state, { code, files, ...withKeys }, async (etag) => {
    if (!isCloudFront(target)) await checkDigests(bucket, files, DIGESTS_AT_ONCE);
    // Keys may have been written a moment ago.
    else if (!isOwn || keys) await checkRouter(target, etag, { snapshot, ...withKeys });
  });
  await target.after?.();
  const problems = (await site?.check()) ?? [];
  if (problems.length === 0) return { id, fromId, probes: site?.requests ?? 0 };
  throw new UserError(
    `snapshot ${id} is live, but the site does not answer like it: look at it, and roll back to another one if need be`,
    problems,
  );
}

/** What a rollback reads of a snapshot. */
interface StoredSnapshot {
  readonly snapshot: Snapshot;
  readonly code: string;
  readonly files: readonly StoredFile[];
  readonly keys?: StoreKeys;
}

async function readForEdge(bucket: Bucket, id: string): Promise<StoredSnapshot | undefined> {
  const [snapshot, router] = await Promise.all([
    readManifest(bucket, id),
    bucket.get(routerKey(id), MOST_ROUTER_BYTES),
  ]);
  if (snapshot === undefined || router === undefined) return undefined;
  const keys = await readStoreKeys(bucket, snapshot);
  const code = router.body.toString();
  return { snapshot, code, files: plainFiles(snapshot), ...(keys && { keys }) };
}

async function readForHosts(bucket: Bucket, id: string): Promise<StoredSnapshot | undefined> {
  const [snapshot, manifest] = await Promise.all([
    readManifest(bucket, id),
    bucket.get(manifestKey(id)),
  ]);
  if (snapshot === undefined || manifest === undefined) return undefined;
  const code = buildName(snapshot, manifest.body);
  const files = hostFiles(snapshot, manifest.body);
  return { snapshot: withoutCloudFront(snapshot), code, files };
}

async function findPrevious({ bucket }: Target, liveId: string | null): Promise<string> {
  const previous = (await listDeployments(bucket)).findLast(({ id }) => id !== liveId);
  if (previous) return previous.id;
  throw new UserError('no other snapshot was ever live: there is nothing to go back to');
}
