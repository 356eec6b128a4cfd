import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { bundleCloudFrontFunction, routerVersion } from '../../hosts/bundle-router.ts';
import { toEdgeEvent } from '../../hosts/cloudfront/edge-event.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { ID_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import type { EdgeFunction, FunctionTest } from '../aws/target.ts';
import { askRouter, cloudFrontTable, type RouterOutcome, toOutcome } from './expect-answer.ts';
import { type ViewerRequest, viewerRequests } from './viewer-requests.ts';

/** The result of testing a router on CloudFront's own runtime. */
export interface RouterReport {
  readonly requests: number;
  /** The largest percentage of the time that a function may take. */
  readonly computeUtilization: number;
}

/** Beyond this, CloudFront may throttle a function. */
const MAX_UTILIZATION = 70;

/** From a network for documentation (RFC 5737). */
const VIEWER_IP = '198.51.100.1';

/** CloudFront's API takes few calls a second. */
const CALLS_AT_ONCE = 4;

/**
 * Runs an uploaded router on CloudFront's own runtime with requests of every kind, and compares each result with that of our own
 * router with the same table.
 *
 * @param etag of the upload
 * @throws {UserError} with every request that has another result or takes too long
 */
export async function checkRouter(
  edge: EdgeFunction,
  etag: string,
  snapshot: Snapshot,
): Promise<RouterReport> {
  const requests = viewerRequests(snapshot);
  const outcomes = askRouter(snapshot, requests);
  const limit = pLimit(CALLS_AT_ONCE);
  const tests = await Promise.all(
    requests.map((request, i) =>
      limit(async () => {
        const expected = outcomes[i] as RouterOutcome;
        const test = await edge.test(toTestEvent(request), etag);
        return { test, problem: findProblem(request, expected, test) };
      }),
    ),
  );
  const problems = tests.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0) {
    throw new UserError(
      `on CloudFront the new router fails ${problems.length} of ${requests.length} requests: nothing went live`,
      problems,
    );
  }
  return {
    requests: requests.length,
    computeUtilization: Math.max(...tests.map(({ test }) => test.computeUtilization)),
  };
}

/** TestFunction needs a viewer as well. */
function toTestEvent({ method, target }: ViewerRequest): object {
  return { ...toEdgeEvent(method, target, {}), viewer: { ip: VIEWER_IP } };
}

function findProblem(
  { method, target }: ViewerRequest,
  expected: RouterOutcome,
  { output, error, computeUtilization }: FunctionTest,
): Problem | undefined {
  const problem = (found: string, message: string): Problem => ({
    level: 'error',
    path: `${method} ${target}`,
    found,
    message,
  });
  if (error !== '') return problem(error, 'is an error of the function');
  if (!isDeepStrictEqual(readOutput(output, expected), expected)) {
    return problem(output, `is the answer, expected ${JSON.stringify(expected)}`);
  }
  // NaN, too, is a problem: CloudFront did not report it.
  if (computeUtilization <= MAX_UTILIZATION) return undefined;
  return problem(
    String(computeUtilization),
    `% of the time that CloudFront allows a function is used, more than the ${MAX_UTILIZATION} % that are safe`,
  );
}

/** The result of the function, with only the expected headers: a runtime may add others. Undefined if it is neither. */
function readOutput(output: string, expected: RouterOutcome): RouterOutcome | undefined {
  try {
    const { request, response } = JSON.parse(output) as { request?: unknown; response?: unknown };
    const outcome = toOutcome(response ?? request);
    if ('path' in outcome || 'path' in expected) return outcome;
    const names = Object.keys(expected.headers);
    const headers = names.map((name) => [name, outcome.headers[name]]);
    return { ...outcome, headers: Object.fromEntries(headers) };
  } catch {
    return undefined;
  }
}

/**
 * Whether a router is, byte for byte, what this version writes from the routing table of its snapshot. If another version wrote
 * it, only a test on CloudFront shows what it does: the code never runs here.
 *
 * @throws {UserError} if this version wrote it, and it is something else
 */
export async function isOwnRouter({ id, router }: Snapshot, code: string): Promise<boolean> {
  // As a build does: the short names in the code depend on all of it.
  const root = `/snapshots/${ID_PLACEHOLDER}/`;
  const own = await bundleCloudFrontFunction({ ...cloudFrontTable(router), root });
  if (code === own.replace(root, router.table.root)) return true;
  if (router.version !== (await routerVersion())) return false;
  throw new UserError(
    `the router of snapshot ${id} does not match its routing table: nothing went live; build it again and deploy that`,
  );
}

/** The notice if `isOwnRouter` is false. */
export const OTHER_ROUTER = 'Another version wrote the router: only CloudFront tests it';
