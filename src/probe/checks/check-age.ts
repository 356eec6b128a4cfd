import type { Release } from '../../catalog/release.ts';
import type { Findings } from '../findings.ts';

/** How old a marketplace is. */
export interface Age {
  /** The time that counts, in ISO form. */
  readonly since: string;
  /** Whole days until now. */
  readonly days: number;
}

export interface AgeOptions {
  readonly findings: Findings;
  readonly now: Date;
  /** More is a fault; undefined: any age is fine. */
  readonly maxDays: number | undefined;
}

/** The length of a day. */
export const DAY_MS = 24 * 3600 * 1000;

/**
 * The age of a marketplace. A build has no time of its own, since the same catalog makes the same bytes, so the newest
 * `updated_at` of its catalog counts, or `Last-Modified` where a host sends it.
 *
 * @param lastModified empty if the host sends none
 */
export function checkAge(
  releases: readonly Release[],
  lastModified: string,
  { findings, now, maxDays }: AgeOptions,
): Age | null {
  const times = [...releases.map(({ updated_at }) => updated_at), lastModified]
    .map((text) => Date.parse(text))
    // The default of a release without a time is the year 1.
    .filter((time) => time > 0);
  if (times.length === 0) {
    if (maxDays !== undefined) {
      const message = 'tells no time, neither updated_at nor Last-Modified: its age is unknown';
      findings.add({ check: 'stale', message }, 'the catalog');
    }
    return null;
  }
  const newest = times.reduce((a, b) => Math.max(a, b));
  const days = Math.max(0, Math.floor((now.getTime() - newest) / DAY_MS));
  const since = new Date(newest).toISOString();
  if (maxDays !== undefined && days > maxDays) {
    const message = `is ${days} days old, from ${since.slice(0, 10)}, and at most ${maxDays} are allowed`;
    const remedy = 'see whether releases are still built and deployed';
    findings.add({ check: 'stale', message, remedy }, 'the catalog');
  }
  return { since, days };
}
