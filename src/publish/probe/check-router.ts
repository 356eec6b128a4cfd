import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { toEdgeEvent } from '../../hosts/cloudfront/edge-event.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import type { EdgeFunction, FunctionTest } from '../aws/target.ts';
import { askRouter, type RouterOutcome, toOutcome } from './expect-answer.ts';
import { type ViewerRequest, viewerRequests } from './viewer-requests.ts';

/** The result of testing a router on CloudFront's own runtime. */
export interface RouterReport {
  readonly requests: number;
  /** The largest percentage of the time that a function may take. */
  readonly computeUtilization: number;
}

/** Beyond this, CloudFront says, it may throttle a function. */
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
  const problem = (message: string, found: string): Problem => ({
    level: 'error',
    path: `${method} ${target}`,
    found,
    message,
  });
  if (error !== '') return problem('is an error of the function', error);
  const outcome = readOutput(output);
  if (!isSame(outcome, expected)) {
    return problem(`is the answer, expected ${JSON.stringify(expected)}`, output);
  }
  // NaN, too, is a problem: CloudFront did not report it.
  if (computeUtilization <= MAX_UTILIZATION) return undefined;
  return problem(
    `% of the time that CloudFront allows a function is used, more than the ${MAX_UTILIZATION} % that are safe`,
    String(computeUtilization),
  );
}

function readOutput(output: string): RouterOutcome | undefined {
  try {
    const { request, response } = JSON.parse(output) as { request?: unknown; response?: unknown };
    return toOutcome(response ?? request);
  } catch {
    return undefined;
  }
}

/** A runtime may add headers. */
function isSame(outcome: RouterOutcome | undefined, expected: RouterOutcome): boolean {
  if (outcome === undefined || 'path' in outcome || 'path' in expected) {
    return isDeepStrictEqual(outcome, expected);
  }
  const headers = Object.keys(expected.headers).map((name) => [name, outcome.headers[name]]);
  return isDeepStrictEqual({ ...outcome, headers: Object.fromEntries(headers) }, expected);
}
