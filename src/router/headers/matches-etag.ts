// Edge dialect: this file is part of the router.

/** What is read of a header, in characters: not to know a tag is no fault. */
const READ_LENGTH = 1024;

/**
 * Whether `If-None-Match` names this entity tag, so that the answer is 304. Compared weakly, as RFC 9110, section 13.1.2, wants
 * it. A tag may hold commas, so the list cannot be split at them.
 */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  const tags: string[] = ifNoneMatch.slice(0, READ_LENGTH).match(/"[^"]*"/g) || [];
  return ifNoneMatch.trim() === '*' || tags.indexOf(etag.replace('W/', '')) >= 0;
}
