import type { Router } from '../../../snapshot/table/make-router.ts';

/** How many decisions are kept: servers ask the same few things, each of them again and again. */
const MOST = 4096;

/** Requests of servers have some 300 characters. With `MOST` of them, 4 MB are kept at most. */
const LONGEST = 1000;

/** A router that decides once for equal requests, as long as it keeps the decision. */
export function remember(router: Router): Router {
  // Oldest use first.
  const decided = new Map<string, ReturnType<Router>>();
  return (method, target) => {
    if (target.length > LONGEST) return router(method, target);
    const key = `${method} ${target}`;
    const known = decided.get(key);
    const decision = known ?? router(method, target);
    if (known) decided.delete(key);
    else if (decided.size === MOST) decided.delete(decided.keys().next().value as string);
    decided.set(key, decision);
    return decision;
  };
}
