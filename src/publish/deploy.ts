import { UserError } from '../lib/errors.ts';
import { isCloudFront, type Target } from './aws/target.ts';
import { flip } from './flip.ts';
import { checkDigests } from './hosts/check-digests.ts';
import { checkLoss } from './probe/check-loss.ts';
import {
  checkRouter,
  isOwnRouter,
  OTHER_ROUTER,
  type RouterReport,
  type Served,
} from './probe/check-router.ts';
import { type ProbeOptions, SiteProbe } from './probe/site-probe.ts';
import type { Build } from './read-build.ts';
import { refuseRemoved } from './records/prune-record.ts';
import {
  type PublishState,
  readManifest,
  readPublishState,
  recordDeployment,
} from './records/publish-state.ts';
import { planSigned, type SignedPlan, type SnapshotPin, writeSigned } from './records/signed.ts';
import { fillStore, type KeyPlan, planKeys, storeFor } from './store/snapshot-keys.ts';
import { formFiles, listRead, plainFiles } from './stored-files.ts';
import {
  planUpload,
  recordSnapshot,
  type UploadPlan,
  type UploadProgress,
  upload,
} from './upload.ts';

/** The options of `deploy`. */
export interface DeployOptions {
  readonly target: Target;
  readonly build: Build;
  /** How many requests run at once. */
  readonly concurrency: number;
  /** Whether to publish a catalog that lost many plugins or releases. */
  readonly isForced: boolean;
  /** The publisher's keys, where the build must be signed with one. */
  readonly pin?: SnapshotPin | undefined;
  /** How to probe the site before and after; absent: it is not probed. */
  readonly probe?: ProbeOptions;
  /** Gets each step or notice, one line. */
  readonly report?: (line: string) => void;
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** The work of a deploy. */
export interface DeployPlan {
  readonly id: string;
  /** The live snapshot; null if the live router is not ours. */
  readonly liveId: string | null;
  /** The snapshot is live: there is nothing to do. */
  readonly isLive: boolean;
  readonly upload: UploadPlan;
  /** Absent if the router needs no store. */
  readonly keys?: KeyPlan;
  /** Absent if what is signed about the snapshot is there. */
  readonly signed?: SignedPlan;
}

/** The result of a deploy. */
export interface DeployResult extends DeployPlan {
  /** Absent if there was nothing to do, or the router is not on CloudFront. */
  readonly router?: RouterReport;
  /** Requests to the site. */
  readonly probes: number;
}

/** Edges see a new key within a few seconds. */
const SETTLE_MS = 10_000;

/** So many requests check a site that nobody should have changed. */
const LIVE_SAMPLE_SIZE = 4;

/** Plans a deploy and changes nothing. @throws {UserError} as `deploy` does before it begins */
export async function planDeploy(options: DeployOptions): Promise<DeployPlan> {
  return (await look(options)).plan;
}

/**
 * Publishes a build: uploads what is missing, tests the router on CloudFront's own runtime, makes it live, and checks the answers
 * of the site. A deploy that dies or fails leaves the old snapshot live and complete, and the next one resumes it.
 *
 * @throws {UserError} if the snapshot must not go live, somebody else was faster, or the site does not answer like it: then the
 *   old router is live again
 */
export async function deploy(options: DeployOptions): Promise<DeployResult> {
  const { target, build, probe, report = () => {} } = options;
  const { plan, state, isOwn } = await look(options);
  if (!isOwn) report(OTHER_ROUTER);
  if (plan.isLive) {
    // Keys that were lost are written again.
    if (plan.keys && plan.keys.changes.length > 0) await fill(options, plan);
    if (plan.signed) await writeSigned(target.bucket, plan.id, plan.signed);
    await recordDeployment(target.bucket, state.live);
    // The deploy that made it live may have died before this.
    await target.after?.();
    return { ...plan, probes: probe ? await checkLive(probe, build) : 0 };
  }
  const site = probe && new SiteProbe(probe, servedOf(build));
  await site?.look();

  const { transfers, present } = plan.upload;
  report(`Uploading ${transfers.length} files, ${present} are there`);
  await upload({ ...options, bucket: target.bucket, transfers });
  const stored = await fill(options, plan);
  if (plan.signed) await writeSigned(target.bucket, plan.id, plan.signed);
  await recordSnapshot(target.bucket, build);

  const isEdge = isCloudFront(target);
  report(isEdge ? 'Testing the router on CloudFront' : 'Comparing the digests of the files');
  let router: RouterReport | undefined;
  const next = { code: build.router, files: build.files, ...stored };
  const published = await flip(target, state, next, async (etag) => {
    if (isEdge) router = await checkRouter(target, etag, servedOf(build));
    else await checkDigests(target.bucket, build.files, options.concurrency);
  });
  if (isEdge && !router) throw new Error('the router went live unchecked');
  report(`Live: ${plan.id}`);
  const wrong = await follow(options, plan.id, site);
  if (wrong === undefined) {
    return { ...plan, ...(router && { router }), probes: site?.requests ?? 0 };
  }
  if (state.live.code === '') {
    throw new UserError(
      `${wrong.headline}, and nothing was live before to go back to`,
      wrong.problems,
    );
  }
  await flip(target, published, { code: state.live.code });
  await target.after?.().catch((error: Error) => report(error.message));
  const old = state.live.id ?? 'the router before it';
  throw new UserError(`${wrong.headline}: ${old} is live again`, wrong.problems);
}

/** Lets the hosts follow, and asks the site. Returns what is wrong. */
async function follow(
  { target, report = () => {}, probe }: DeployOptions,
  id: string,
  site: SiteProbe | undefined,
): Promise<UserError | undefined> {
  try {
    await target.after?.();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  if (!site || !probe) return undefined;
  report(`Checking ${probe.siteUrl}`);
  const problems = await site.check();
  if (problems.length === 0) return undefined;
  return new UserError(`the site does not answer like snapshot ${id}`, problems);
}

/** Writes the keys that are missing in the store, and lets them reach the edges. Returns what `flip` checks. */
async function fill({ target, build, report }: DeployOptions, { id, keys: plan }: DeployPlan) {
  const { store } = target;
  if (!store || !build.store || !plan) return {};
  report?.(`Writing ${plan.changes.length} keys, ${plan.present} are in the store`);
  const stored = await fillStore({ ...target, store }, id, build.store, plan);
  await target.sleep(SETTLE_MS);
  return { keys: build.store.keys, stored };
}

const servedOf = ({ snapshot, store }: Build): Served => ({
  snapshot,
  ...(store && { keys: store.keys }),
});

/** Returns how many requests it took. */
async function checkLive(options: ProbeOptions, build: Build): Promise<number> {
  const site = new SiteProbe(options, servedOf(build), LIVE_SAMPLE_SIZE);
  const problems = await site.check();
  if (problems.length === 0) return site.requests;
  throw new UserError(
    'this snapshot is live already, but the site does not answer like it: nothing was changed',
    problems,
  );
}

/** A plan, with what it was made from. */
interface Look {
  readonly plan: DeployPlan;
  readonly state: PublishState;
  /** Whether this version wrote the router. */
  readonly isOwn: boolean;
}

/** Plans a deploy, from what is published. */
async function look({ target, build, isForced, pin }: DeployOptions): Promise<Look> {
  const { id, catalog } = build.snapshot;
  const state = await readPublishState(target);
  refuseRemoved(state.prune, id);
  const isOwn = !isCloudFront(target) || (await isOwnRouter(build.snapshot, build.router));
  const liveId = state.live.id;
  const isLive = state.live.code === build.router;
  const store = isLive ? target.store : storeFor(target, build.router);
  const keys = store && build.store && (await planKeys(store, build.store.keys));
  const withKeys = keys && { keys };
  if (isLive) {
    const upload = { transfers: [], present: 0 };
    const signed = await planSigned(target.bucket, build, id, pin);
    const plan = { id, liveId, isLive: true, upload, ...withKeys, ...(signed && { signed }) };
    return { plan, state, isOwn };
  }
  // If the new router fails, this one has to go live again.
  storeFor(target, state.live.code, 'the live router');
  const live = liveId === null ? undefined : await readManifest(target.bucket, liveId);
  if (live && !isForced) checkLoss(live.catalog, catalog);
  if (!live && liveId !== null && !isForced) {
    throw new UserError(
      `the manifest of the live snapshot ${liveId} is not in the bucket, so what would be lost is unknown: nothing was published; publish anyway with --force`,
    );
  }
  const signed = await planSigned(target.bucket, build, liveId, pin);
  const listed = await listRead(target.bucket, id, build.router);
  const filesOf = isCloudFront(target) ? plainFiles : formFiles;
  const upload = planUpload(build.files, listed, live ? filesOf(live) : []);
  const parts = { ...withKeys, ...(signed && { signed }) };
  const plan: DeployPlan = { id, liveId, isLive: false, upload, ...parts };
  return { plan, state, isOwn };
}
