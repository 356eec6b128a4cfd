import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { toEdgeEvent } from '../../hosts/cloudfront/edge-event.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import type { EdgeFunction, FunctionTest } from '../aws/edge-function.ts';
import { type ViewerRequest, viewerRequests } from '../aws/viewer-requests.ts';
import { askRouter, type RouterOutcome, toOutcome } from './expect-answer.ts';

/** How a router did on CloudFront's own runtime. */
export interface RouterReport {
  /** How many requests it was tried with. */
  readonly requests: number;
  /** The largest share of the time a function may take, 0 to 100. */
  readonly computeUtilization: number;
}

/** Beyond this CloudFront says that a function may be throttled. */
const MAX_UTILIZATION = 70;

/** Of a network for documentation (RFC 5737). */
const VIEWER_IP = '198.51.100.1';

/** CloudFront's API takes few calls a second. */
const CALLS_AT_ONCE = 4;

/**
 * Runs a router that was uploaded on CloudFront's own runtime, with requests of every kind, and compares what it makes of each
 * with what our own router does in this process with the same table, where the tests have held it against the rules of the API.
 *
 * @param etag of the upload
 * @throws {UserError} with every request that is answered otherwise, or that takes too long
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

/** TestFunction wants a viewer, too. */
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
  // Also where CloudFront tells no number.
  if (computeUtilization <= MAX_UTILIZATION) return undefined;
  return problem(
    `% of the time that CloudFront allows a function is used, more than the ${MAX_UTILIZATION} % that are safe`,
    String(computeUtilization),
  );
}

/** TestFunction tells of a request or of a response. */
function readOutput(output: string): RouterOutcome | undefined {
  try {
    const { request, response } = JSON.parse(output) as { request?: unknown; response?: unknown };
    return toOutcome(response ?? request);
  } catch {
    return undefined;
  }
}

/** A runtime may add headers of its own. */
function isSame(outcome: RouterOutcome | undefined, expected: RouterOutcome): boolean {
  if (outcome === undefined || 'path' in outcome || 'path' in expected) {
    return isDeepStrictEqual(outcome, expected);
  }
  const headers = Object.keys(expected.headers).map((name) => [name, outcome.headers[name]]);
  return isDeepStrictEqual({ ...outcome, headers: Object.fromEntries(headers) }, expected);
}
