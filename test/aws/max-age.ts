import type { SiteAnswer } from './ask-site.ts';

/** Seconds for which an answer says it may be kept, if it says so. */
export function findMaxAge({ headers }: SiteAnswer): number | undefined {
  const match = /(?:^|[\s,])max-age=(\d+)/.exec(headers['cache-control'] ?? '');
  return match ? Number(match[1]) : undefined;
}
