import { UserError } from '../lib/errors.ts';
import { type Snapshot, snapshotFolder } from '../snapshot/parse-snapshot.ts';
import type { Target } from './aws/target.ts';
import { flip } from './flip.ts';
import { checkLoss } from './probe/check-loss.ts';
import { checkRouter, isOwnRouter, OTHER_ROUTER, type RouterReport } from './probe/check-router.ts';
import { type ProbeOptions, SiteProbe } from './probe/site-probe.ts';
import type { Build } from './read-build.ts';
import { refuseRemoved } from './records/prune-record.ts';
import { readManifest, readPublishState, recordDeployment } from './records/publish-state.ts';
import { planUpload, type UploadPlan, type UploadProgress, upload } from './upload.ts';

/** The options of `deploy`. */
export interface DeployOptions {
  readonly target: Target;
  readonly build: Build;
  /** How many requests run at once. */
  readonly concurrency: number;
  /** Whether to publish a catalog that lost many plugins or releases. */
  readonly isForced: boolean;
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
}

/** The result of a deploy. */
export interface DeployResult extends DeployPlan {
  /** Absent if there was nothing to do. */
  readonly router?: RouterReport;
  /** Requests to the site. */
  readonly probes: number;
}

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
    await recordDeployment(target.bucket, state.live);
    return { ...plan, probes: probe ? await checkLive(probe, build.snapshot) : 0 };
  }
  const site = probe && new SiteProbe(probe, build.snapshot);
  await site?.look();

  const { transfers, present } = plan.upload;
  report(`Uploading ${transfers.length} files, ${present} are in the bucket`);
  await upload({ ...options, bucket: target.bucket, transfers });

  report('Testing the router on CloudFront');
  let router: RouterReport | undefined;
  const next = { code: build.router, snapshot: build.snapshot };
  const published = await flip(target, state, next, async (etag) => {
    router = await checkRouter(target.edge, etag, build.snapshot);
  });
  if (!router) throw new Error('the router went live unchecked');
  report(`Live: ${plan.id}`);
  if (!site) return { ...plan, router, probes: 0 };

  report(`Checking ${probe.siteUrl}`);
  const problems = await site.check();
  if (problems.length === 0) return { ...plan, router, probes: site.requests };
  const wrong = `the site does not answer like snapshot ${plan.id}`;
  if (state.live.code === '') {
    throw new UserError(`${wrong}, and nothing was live before to go back to`, problems);
  }
  await flip(target, published, { code: state.live.code });
  const old = state.live.id ?? 'the router before it';
  throw new UserError(`${wrong}: ${old} is live again`, problems);
}

/** Returns how many requests it took. */
async function checkLive(options: ProbeOptions, snapshot: Snapshot): Promise<number> {
  const site = new SiteProbe(options, snapshot, LIVE_SAMPLE_SIZE);
  const problems = await site.check();
  if (problems.length === 0) return site.requests;
  throw new UserError(
    'this snapshot is live already, but the site does not answer like it: nothing was changed',
    problems,
  );
}

/** Plans a deploy, from what is published. Also returns whether this version wrote the router. */
async function look({ target, build, isForced }: DeployOptions) {
  const { id, catalog } = build.snapshot;
  const state = await readPublishState(target);
  refuseRemoved(state.prune, id);
  const isOwn = await isOwnRouter(build.snapshot, build.router);
  const liveId = state.live.id;
  const result = (upload: UploadPlan, isLive = false) => {
    const plan: DeployPlan = { id, liveId, isLive, upload };
    return { plan, state, isOwn };
  };
  if (state.live.code === build.router) return result({ transfers: [], present: 0 }, true);
  const live = liveId === null ? undefined : await readManifest(target.bucket, liveId);
  if (live && !isForced) checkLoss(live.catalog, catalog);
  if (!live && liveId !== null && !isForced) {
    throw new UserError(
      `the manifest of the live snapshot ${liveId} is not in the bucket, so what would be lost is unknown: nothing was published; publish anyway with --force`,
    );
  }
  return result(planUpload(build.snapshot, await target.bucket.list(snapshotFolder(id)), live));
}
