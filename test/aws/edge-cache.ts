import { askOrigin, routeAtEdge, type SiteAnswer, type ViewerRequest } from './ask-site.ts';
import type { AwsState } from './aws-state.ts';
import type { EdgeCode } from './edge-code.ts';
import { findMaxAge } from './max-age.ts';

/** A minimum TTL overrides a shorter `max-age` at the edge, and there alone (Developer Guide, "Expiration"). */
const MIN_TTL_SECONDS = 365 * 24 * 3600;
/** How long errors of the origin are kept, where nothing else is configured. */
const ERROR_TTL_SECONDS = 10;

/** The cache of one edge location: what the origin answered, by the path that the function made of a request. */
export class EdgeCache {
  readonly #now: () => Date;
  readonly #kept = new Map<string, { readonly answer: SiteAnswer; readonly since: number }>();
  /** Of the origin. */
  requests = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** What a viewer gets here. An edge that a change has not reached yet runs the `code` before. */
  ask(
    state: AwsState,
    request: ViewerRequest,
    code: EdgeCode = state.function.stages.LIVE.code,
  ): SiteAnswer {
    const routed = routeAtEdge(code, request);
    if ('answer' in routed) return routed.answer;
    const kept = this.#kept.get(routed.uri);
    if (kept) {
      const age = Math.floor((this.#now().getTime() - kept.since) / 1000);
      if (age < ttlOf(kept.answer)) return withAge(kept.answer, age);
    }
    this.requests += 1;
    const answer = askOrigin(state, routed.uri);
    this.#kept.set(routed.uri, { answer, since: this.#now().getTime() });
    return answer;
  }
}

function ttlOf(answer: SiteAnswer): number {
  if (answer.status >= 400) return ERROR_TTL_SECONDS;
  return Math.max(MIN_TTL_SECONDS, findMaxAge(answer) ?? 0);
}

function withAge(answer: SiteAnswer, age: number): SiteAnswer {
  return { ...answer, headers: { ...answer.headers, age: String(age) } };
}
