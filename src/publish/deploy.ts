import { UserError } from '../lib/errors.ts';
import { type Snapshot, snapshotFolder } from '../snapshot/parse-snapshot.ts';
import type { Target } from './aws/target.ts';
import { flip, type NextRouter } from './flip.ts';
import { checkLoss } from './probe/check-loss.ts';
import { checkRouter, type RouterReport } from './probe/check-router.ts';
import { isOwnRouter, OTHER_ROUTER } from './probe/compare-router.ts';
import {
  lookAtSite,
  type ProbeOptions,
  probeSite,
  type Sample,
  takeSample,
} from './probe/site-probe.ts';
import type { Build } from './read-build.ts';
import { recordDeployment } from './records/deployments.ts';
import { refuseRemoved } from './records/prune-record.ts';
import { type PublishState, readPublishState } from './records/publish-state.ts';
import { readManifest } from './records/read-manifest.ts';
import { planUpload, type UploadPlan, type UploadProgress, upload } from './upload.ts';

/** What goes into `deploy`. */
export interface DeployOptions {
  readonly target: Target;
  readonly build: Build;
  /** How many requests run at once. */
  readonly concurrency: number;
  /** Whether to publish a catalog that lost many plugins or releases. */
  readonly isForced: boolean;
  /** How to ask the site before and after; absent: it is not asked. */
  readonly probe?: ProbeOptions;
  /** Gets each step, one line. */
  readonly say?: (line: string) => void;
  readonly onProgress?: (progress: UploadProgress) => void;
}

/** What a deploy has to do. */
export interface DeployPlan {
  readonly id: string;
  /** What is live; null if that is no snapshot. */
  readonly liveId: string | null;
  /** The snapshot is live: there is nothing to do. */
  readonly isLive: boolean;
  readonly upload: UploadPlan;
}

/** What a deploy did. */
export interface DeployResult extends DeployPlan {
  /** Absent if there was nothing to do. */
  readonly router?: RouterReport;
  /** Requests to the site. */
  readonly probes: number;
}

/** So many requests check a site that nobody should have changed. */
const LIVE_SAMPLE_SIZE = 4;

/** A plan, and what it is based on. */
interface Planned {
  readonly plan: DeployPlan;
  readonly state: PublishState;
  /** Whether this version wrote the router. */
  readonly isOwn: boolean;
}

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
  const { target, build, probe, say = () => {} } = options;
  const { plan, state, isOwn } = await look(options);
  if (!isOwn) say(OTHER_ROUTER);
  const sample = takeSample(build.snapshot);
  if (plan.isLive) {
    await recordDeployment(target.bucket, state.live);
    const probes = probe ? await checkLive(probe, sample.slice(0, LIVE_SAMPLE_SIZE)) : 0;
    return { ...plan, probes };
  }
  const before = probe ? await lookAtSite(probe, sample) : [];

  say(`Uploading ${plan.upload.transfers.length} files, ${plan.upload.present} are in the bucket`);
  await upload({ ...options, bucket: target.bucket, transfers: plan.upload.transfers });

  say('Testing the router on CloudFront');
  let router: RouterReport | undefined;
  const next: NextRouter = { code: build.router, snapshot: build.snapshot };
  const published = await flip(target, state, next, async (etag) => {
    router = await checkRouter(target.edge, etag, build.snapshot);
  });
  if (!router) throw new Error('the router went live unchecked');
  say(`Live: ${plan.id}`);
  if (!probe) return { ...plan, router, probes: 0 };

  say(`Checking ${probe.siteUrl}`);
  const { requests, problems } = await probeSite(probe, sample, before);
  if (problems.length === 0) return { ...plan, router, probes: requests + before.length };
  if (state.live.code === '') {
    throw new UserError(
      `the site does not answer like snapshot ${plan.id}, and nothing was live before to go back to`,
      problems,
    );
  }
  await flip(target, published, { code: state.live.code });
  throw new UserError(
    `the site does not answer like snapshot ${plan.id}: ${state.live.id ?? 'the router before it'} is live again`,
    problems,
  );
}

/** @returns how many requests it took */
async function checkLive(probe: ProbeOptions, sample: Sample): Promise<number> {
  const { requests, problems } = await probeSite(probe, sample, []);
  if (problems.length === 0) return requests;
  throw new UserError(
    'this snapshot is live already, but the site does not answer like it: nothing was changed',
    problems,
  );
}

async function look({ target, build, isForced }: DeployOptions): Promise<Planned> {
  const { bucket } = target;
  const { id, catalog } = build.snapshot;
  const state = await readPublishState(target);
  refuseRemoved(state.prune, id);
  const isOwn = await isOwnRouter(build.snapshot, build.router);
  const described = { id, liveId: state.live.id };
  const nothing: UploadPlan = { transfers: [], present: 0 };
  if (state.live.code === build.router) {
    return { state, isOwn, plan: { ...described, isLive: true, upload: nothing } };
  }
  const live = state.live.id === null ? undefined : await readManifest(bucket, state.live.id);
  if (!isForced) checkAgainst(state.live.id, live, catalog);
  const listed = await bucket.list(snapshotFolder(id));
  const plan = planUpload(build.snapshot, listed, live);
  return { state, isOwn, plan: { ...described, isLive: false, upload: plan } };
}

/** @throws {UserError} if too much of the live catalog is lost, or that is unknown */
function checkAgainst(
  liveId: string | null,
  live: Snapshot | undefined,
  catalog: Snapshot['catalog'],
): void {
  if (live) checkLoss(live.catalog, catalog);
  else if (liveId !== null) {
    throw new UserError(
      `the manifest of the live snapshot ${liveId} is not in the bucket, so what would be lost is unknown: nothing was published; publish anyway with --force`,
    );
  }
}
