import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import { bundleCloudFrontFunction, routerVersion } from '../../hosts/bundle-router.ts';
import { toEdgeEvent } from '../../hosts/cloudfront/edge-event.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import { UNAUTHORIZED, UNAUTHORIZED_HEADERS } from '../../router/access.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';
import { nameCode, UNNAMED } from '../../snapshot/snapshot-id.ts';
import type { FunctionTest, Target } from '../aws/target.ts';
import { type StoreKeys, storeFileOf } from '../store/store-keys.ts';
import { askRouter, type RouterOutcome, toOutcome } from './expect-answer.ts';
import { type ViewerRequest, viewerRequests } from './viewer-requests.ts';

/** A snapshot, and what its router reads in the store, if it does. */
export interface Served {
  readonly snapshot: Snapshot;
  readonly keys?: StoreKeys;
}

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

/** How often requests are tried whose keys the edge does not see yet, and the pause between. */
const KEY_ATTEMPTS = 30;
const KEY_PAUSE_MS = 4000;

/** A request, what our own router returns, and what the router on CloudFront does. */
interface Trial {
  readonly request: ViewerRequest & { readonly headers: Readonly<Record<string, string>> };
  readonly expected: RouterOutcome;
}

/** Where only users may ask. */
const STRANGER: Trial = {
  request: { method: 'GET', target: '/api/v1/plugins', headers: {} },
  expected: { ...UNAUTHORIZED, headers: UNAUTHORIZED_HEADERS },
};

/**
 * Runs an uploaded router on CloudFront's own runtime with requests of every kind, and compares each result with that of our own
 * router with the same table. If the router reads a store, it answers 503 until its keys are seen, so those requests are tried
 * again for two minutes.
 *
 * @param etag of the upload
 * @throws {UserError} with every request that has another result or takes too long
 */
export async function checkRouter(
  { edge, sleep, authorization = '' }: Pick<Target, 'edge' | 'sleep' | 'authorization'>,
  etag: string,
  { snapshot, keys }: Served,
): Promise<RouterReport> {
  const isPrivate = (snapshot.router.cloudFront ?? snapshot.router.table).users !== undefined;
  if (isPrivate && authorization === '') {
    throw new UserError(
      'the build is for users only, so its router cannot be tried: put a user into the address of the site, such as MARKETPLACE_SITE_URL=https://USER:PASSWORD@HOST; nothing went live',
    );
  }
  const headers = isPrivate ? { authorization } : {};
  const requests = viewerRequests(snapshot);
  const outcomes = askRouter(snapshot, requests, keys);
  const limit = pLimit(CALLS_AT_ONCE);
  const tryAll = (trials: readonly Trial[]) =>
    Promise.all(
      trials.map((trial) =>
        limit(async () => {
          const test = await edge.test?.(toTestEvent(trial.request), etag);
          if (test === undefined) throw new Error('only CloudFront tests a router');
          return { trial, test, problem: findProblem(trial, test) };
        }),
      ),
    );
  let left: Trial[] = requests.map((request, i) => ({
    request: { ...request, headers },
    expected: outcomes[i] as RouterOutcome,
  }));
  if (isPrivate) left.push(STRANGER);
  const tried = left.length;
  let computeUtilization = 0;
  const attempts = storeFileOf(snapshot) ? KEY_ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const tests = await tryAll(left);
    const failed = tests.filter(({ problem }) => problem);
    const right = tests.filter(({ problem }) => !problem);
    const used = right.map(({ test }) => test.computeUtilization);
    computeUtilization = Math.max(computeUtilization, ...used);
    if (failed.length === 0) return { requests: tried, computeUtilization };
    const areUnseen = failed.every(({ test }) => isKeyMissing(test));
    if (areUnseen && attempt < attempts) {
      left = failed.map(({ trial }) => trial);
      await sleep(KEY_PAUSE_MS);
      continue;
    }
    const remedy = '; it does not see its keys in the KeyValueStore yet, so run it again';
    throw new UserError(
      `on CloudFront the new router fails ${failed.length} of ${tried} requests: nothing went live${areUnseen && attempts > 1 ? remedy : ''}`,
      failed.flatMap(({ problem }) => problem ?? []),
    );
  }
}

/** Whether a router that reads a store found no key. */
function isKeyMissing({ output }: FunctionTest): boolean {
  const outcome = readOutcome(output);
  return outcome !== undefined && 'status' in outcome && outcome.status === 503;
}

/** TestFunction needs a viewer as well. */
function toTestEvent({ method, target, headers }: Trial['request']): object {
  return { ...toEdgeEvent(method, target, headers), viewer: { ip: VIEWER_IP } };
}

function findProblem(
  { request: { method, target }, expected }: Trial,
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

/** The result of the function, with only the expected headers: a runtime may add others. */
function readOutput(output: string, expected: RouterOutcome): RouterOutcome | undefined {
  const outcome = readOutcome(output);
  if (outcome === undefined || 'path' in outcome || 'path' in expected) return outcome;
  const names = Object.keys(expected.headers);
  const headers = names.map((name) => [name, outcome.headers[name]]);
  return { ...outcome, headers: Object.fromEntries(headers) };
}

/** Undefined if the output is neither a request nor a response. */
function readOutcome(output: string): RouterOutcome | undefined {
  try {
    const { request, response } = JSON.parse(output) as { request?: unknown; response?: unknown };
    return toOutcome(response ?? request);
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
  const table = router.cloudFront ?? router.table;
  const own = await bundleCloudFrontFunction({ ...table, ...UNNAMED });
  if (code === nameCode(own, table)) return true;
  if (router.version !== (await routerVersion())) return false;
  throw new UserError(
    `the router of snapshot ${id} does not match its routing table: nothing went live; build it again and deploy that`,
  );
}

/** The notice if `isOwnRouter` is false. */
export const OTHER_ROUTER = 'Another version wrote the router: only CloudFront tests it';
