// An entity tag may hold commas, so the list cannot be split at them.
const entityTag = /(?:W\/)?("[^"]*")/g;

/**
 * Whether `If-None-Match` names this entity tag, so that the answer is 304. Tags are compared
 * weakly, as RFC 9110, section 13.1.2, wants it: proxies that transform a body weaken its tag.
 */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch === etag || ifNoneMatch.trim() === '*') return true;
  for (const [, tag] of ifNoneMatch.matchAll(entityTag)) {
    if (tag === etag) return true;
  }
  return false;
}
