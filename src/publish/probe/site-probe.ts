import { digestOf } from '../../lib/digests.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import { viewerRequests } from '../aws/viewer-requests.ts';
import { askRouter, expectAnswer, type ViewerAnswer } from './expect-answer.ts';

/** A sample of what viewers ask, with what they must get from a snapshot. */
export type Sample = readonly { readonly target: string; readonly expected: ViewerAnswer }[];

/** The world as a probe sees it. */
export interface ProbeOptions {
  /** Without a slash at its end. */
  readonly siteUrl: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** How long to wait for the edges to switch over. */
  readonly patienceMs: number;
}

/** So many requests tell whether a site is as it should be. */
const SAMPLE_SIZE = 10;

/** An edge that answers wrongly does so again. */
const STRIKES = 3;

/** Between two looks. */
const PAUSE_MS = 1000;

/** An answer that takes longer is none. */
const ANSWER_LIMIT_MS = 10_000;

/** GET requests that lead to different files, and one that is refused. */
export function takeSample(snapshot: Snapshot): Sample {
  const requests = viewerRequests(snapshot).filter(({ method }) => method === 'GET');
  const asked = askRouter(snapshot, requests).map((outcome, i) => ({
    target: requests[i]?.target ?? '',
    expected: expectAnswer(outcome, snapshot),
  }));
  const byBody = new Map(asked.map((sample) => [sample.expected.sha256, sample]));
  const files = [...byBody.values()].filter(({ expected }) => expected.status === 200);
  const refusals = [...byBody.values()].filter(({ expected }) => expected.status !== 200);
  return [...files.slice(0, SAMPLE_SIZE - 1), ...refusals.slice(0, 1)];
}

/**
 * What a site answers now, before anything is changed.
 *
 * @throws {UserError} where it cannot be reached
 */
export async function lookAtSite(options: ProbeOptions, sample: Sample): Promise<ViewerAnswer[]> {
  return Promise.all(
    sample.map(({ target }) =>
      ask(options, target).catch((error: unknown) => {
        throw new UserError(
          `${options.siteUrl} cannot be reached, ${reason(error)}: nothing went live; check --site-url, or say --no-probe`,
        );
      }),
    ),
  );
}

/**
 * Waits until a site answers a sample as it must. An answer as before, or none, means that the edge has not switched over; any
 * other one that it is wrong, if it stays.
 *
 * @param before what was answered before, in the order of the sample
 * @returns how many requests were sent, and what is wrong
 */
export async function probeSite(
  options: ProbeOptions,
  sample: Sample,
  before: readonly ViewerAnswer[],
): Promise<{ readonly requests: number; readonly problems: readonly Problem[] }> {
  const deadline = options.now() + options.patienceMs;
  const problems: Problem[] = [];
  let requests = 0;
  for (const [i, { target, expected }] of sample.entries()) {
    for (let strikes = 0; ; await options.sleep(PAUSE_MS)) {
      requests++;
      const answer = await ask(options, target).catch(reason);
      if (isSame(answer, expected)) break;
      if (typeof answer !== 'string' && !isSame(answer, before[i])) strikes++;
      if (strikes < STRIKES && options.now() < deadline) continue;
      problems.push({
        level: 'error',
        path: `GET ${options.siteUrl}${target}`,
        found: typeof answer === 'string' ? answer : `${answer.status} ${answer.sha256}`,
        message: `is the answer, expected ${expected.status} ${expected.sha256}`,
      });
      break;
    }
  }
  return { requests, problems };
}

function isSame(answer: ViewerAnswer | string, other: ViewerAnswer | undefined): boolean {
  if (typeof answer === 'string' || other === undefined) return false;
  return answer.status === other.status && answer.sha256 === other.sha256;
}

async function ask({ siteUrl, fetch }: ProbeOptions, target: string): Promise<ViewerAnswer> {
  const response = await fetch(siteUrl + target, {
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, sha256: digestOf(body) };
}

/** Of a `fetch` that failed: its own message says no more than that. */
function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message?: string };
  return cause?.code ?? message ?? String(error);
}
