import type { Router } from '../../../snapshot/table/make-router.ts';

/** How many decisions are kept: servers ask the same few things, each of them again and again. */
const MOST = 4096;

/** Requests of servers have some 300 characters. With `MOST` of them, 4 MB are kept at most. */
const LONGEST = 1000;

/** A router that decides once for equal requests, as long as it keeps the decision. */
export function remember(router: Router): Router {
  let recent = new Map<string, ReturnType<Router>>();
  let older = recent;
  return (method, target) => {
    if (target.length > LONGEST) return router(method, target);
    // No target has a blank.
    const key = method === 'GET' ? target : `${method} ${target}`;
    const known = recent.get(key);
    if (known) return known;
    const decision = older.get(key) ?? router(method, target);
    if (recent.size === MOST / 2) {
      older = recent;
      recent = new Map();
    }
    recent.set(key, decision);
    return decision;
  };
}
