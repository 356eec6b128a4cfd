import type { SiteAnswer, ViewerRequest } from './ask-site.ts';
import { findMaxAge } from './max-age.ts';

/** The cache of one viewer: answers by URL, each as long as it says. */
export class ViewerCache {
  readonly #now: () => Date;
  readonly #kept = new Map<string, { readonly answer: SiteAnswer; readonly until: number }>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** A kept answer, or what `ask` says. */
  ask(request: ViewerRequest, ask: (request: ViewerRequest) => SiteAnswer): SiteAnswer {
    const now = this.#now().getTime();
    const kept = this.#kept.get(request.target);
    if (kept && now < kept.until) return kept.answer;
    const answer = ask(request);
    // What an answer already spent in the edge's cache counts (RFC 9111, 4.2.3).
    const age = Number(answer.headers['age'] ?? 0);
    this.#kept.set(request.target, {
      answer,
      until: now + ((findMaxAge(answer) ?? 0) - age) * 1000,
    });
    return answer;
  }
}
