import { digestOf } from '../../lib/digests.ts';
import { type Problem, UserError } from '../../lib/errors.ts';
import type { Served } from './check-router.ts';
import { askRouter, expectAnswer, type ViewerAnswer } from './expect-answer.ts';
import { viewerRequests } from './viewer-requests.ts';

/** How a probe reaches the site. */
export interface ProbeOptions {
  /** Without a slash at its end. */
  readonly siteUrl: string;
  /** The header of that name, for a site that is for users only; default: none. */
  readonly authorization?: string;
  readonly fetch: typeof fetch;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
  /** How long to wait until the edges switch over. */
  readonly patienceMs: number;
  /** Whether the site may decide by plain rules, which refuse what only a router decides: that is not asked for then. */
  readonly isByRules?: boolean;
}

/** So many requests show whether a site is right. */
const SAMPLE_SIZE = 10;

/** So many wrong answers count: an edge that is wrong answers so again. */
const STRIKES = 3;

/** Between two requests. */
const PAUSE_MS = 1000;

const ANSWER_LIMIT_MS = 10_000;

/** A request, the answer that the snapshot must give, and the answer before the change. */
interface Sample {
  readonly target: string;
  readonly expected: ViewerAnswer;
  before?: ViewerAnswer;
}

/** Checks the answers of a site against a snapshot. */
export class SiteProbe {
  readonly #options: ProbeOptions;
  readonly #samples: readonly Sample[];
  /** How many requests were sent. */
  requests = 0;

  /** @param size how many requests check the site */
  constructor(options: ProbeOptions, served: Served, size = SAMPLE_SIZE) {
    this.#options = options;
    this.#samples = takeSamples(served, options.isByRules).slice(0, size);
  }

  /**
   * Remembers the answers before a change.
   *
   * @throws {UserError} if the site cannot be reached
   */
  async look(): Promise<void> {
    const { siteUrl } = this.#options;
    const look = async (sample: Sample) => {
      sample.before = await this.#ask(sample.target);
    };
    await Promise.all(this.#samples.map(look)).catch((error: unknown) => {
      throw new UserError(
        `${siteUrl} cannot be reached, ${reason(error)}: nothing went live; check --site-url, or use --no-probe`,
      );
    });
  }

  /**
   * Waits until the site answers like the snapshot. The answer before, or none, means that the edge has not switched over; any
   * other answer that persists is wrong.
   *
   * @returns the wrong answers
   */
  async check(): Promise<readonly Problem[]> {
    const { siteUrl, now, sleep, patienceMs } = this.#options;
    const deadline = now() + patienceMs;
    const problems: Problem[] = [];
    for (const { target, expected, before } of this.#samples) {
      for (let strikes = 0; ; await sleep(PAUSE_MS)) {
        const answer = await this.#ask(target).catch(reason);
        if (isSame(answer, expected)) break;
        if (typeof answer !== 'string' && !isSame(answer, before)) strikes++;
        if (strikes < STRIKES && now() < deadline) continue;
        problems.push({
          level: 'error',
          path: `GET ${siteUrl}${target}`,
          found: typeof answer === 'string' ? answer : `${answer.status} ${answer.sha256}`,
          message: `is the answer, expected ${expected.status} ${expected.sha256}`,
        });
        break;
      }
    }
    return problems;
  }

  async #ask(target: string): Promise<ViewerAnswer> {
    this.requests++;
    const { siteUrl, authorization = '' } = this.#options;
    const response = await this.#options.fetch(siteUrl + target, {
      ...(authorization && { headers: { authorization } }),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const body = Buffer.from(await response.arrayBuffer());
    return { status: response.status, sha256: digestOf(body) };
  }
}

/** GET requests for different files, and one that the API refuses: hosts redirect, and word pages of errors, by themselves. */
function takeSamples({ snapshot, keys }: Served, isByRules = false): Sample[] {
  const requests = viewerRequests(snapshot).filter(
    ({ method, needsRouter }) => method === 'GET' && !(isByRules && needsRouter),
  );
  const byBody = new Map<string, Sample>();
  for (const [i, outcome] of askRouter(snapshot, requests, keys).entries()) {
    const expected = expectAnswer(outcome, snapshot);
    byBody.set(expected.sha256, { target: requests[i]?.target ?? '', expected });
  }
  const isFile = ({ expected }: Sample) => expected.status === 200;
  const files = [...byBody.values()].filter(isFile);
  const refusal = [...byBody.values()].find(
    ({ target, expected }) => expected.status >= 400 && target.startsWith('/api/'),
  );
  return [...files.slice(0, SAMPLE_SIZE - 1), ...(refusal ? [refusal] : [])];
}

function isSame(answer: ViewerAnswer | string, other: ViewerAnswer | undefined): boolean {
  if (typeof answer === 'string' || other === undefined) return false;
  return answer.status === other.status && answer.sha256 === other.sha256;
}

/** Why a `fetch` failed: its own message does not include that. */
function reason(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string }; message?: string };
  return cause?.code ?? message ?? String(error);
}
