import { nameRelease } from '../catalog/located-release.ts';
import type { Release } from '../catalog/release.ts';
import { compareText } from '../lib/compare-text.ts';
import { digestOf } from '../lib/digests.ts';

/** Since when an upstream has each release, as in RFC 3339: by its name and a digest of its bundles. */
export type FirstSeen = Readonly<Record<string, string>>;

/** The catalog of an upstream at the time when it was last fetched. */
export interface SeenCatalog {
  /** As in RFC 3339. */
  readonly fetchedAt: string;
  readonly releases: readonly Release[];
  readonly firstSeen: FirstSeen;
}

/**
 * Since when the upstream has the releases: by `updated_at`, if that is after the last fetch, which did not have them, and not in the
 * future; otherwise since this fetch. Other bundles under a known version are new. What is known stays as it is: whoever
 * could date a release back would make it old enough.
 *
 * @param before of the last fetch; undefined for the first one, which has to believe every date
 */
export function recordFirstSeen(
  releases: readonly Release[],
  now: Date,
  before?: Omit<SeenCatalog, 'releases'>,
): FirstSeen {
  const known = new Map(Object.entries(before?.firstSeen ?? {}));
  const lastFetch = Date.parse(before?.fetchedAt ?? '0001-12-31T00:00:00Z');
  for (const release of releases) {
    const key = keyOf(release);
    // One of the future is of a clock that was wrong, and the release would wait until then.
    if (Date.parse(known.get(key) ?? '') <= now.getTime()) continue;
    const updated = Date.parse(release.updated_at);
    const isCredible = updated > lastFetch && updated <= now.getTime();
    known.set(key, new Date(isCredible ? updated : now).toISOString());
  }
  return Object.fromEntries([...known].sort(([a], [b]) => compareText(a, b)));
}

/** A release that is not yet old enough, and when it will be. */
export interface WaitingRelease {
  readonly release: Release;
  /** As in RFC 3339. */
  readonly until: string;
}

const DAY_MS = 86_400_000;

/** The releases that were younger when they were fetched. No clock decides, so that a build is reproducible. */
export function findWaiting(
  { fetchedAt, releases, firstSeen }: SeenCatalog,
  minAgeDays: number,
): WaitingRelease[] {
  return releases.flatMap((release) => {
    const since = firstSeen[keyOf(release)] ?? fetchedAt;
    const until = Date.parse(since) + minAgeDays * DAY_MS;
    if (until <= Date.parse(fetchedAt)) return [];
    return [{ release, until: new Date(until).toISOString() }];
  });
}

/** Without what changes and installs nothing else, such as a label. */
function keyOf(release: Release): string {
  const { download_url, signature, platforms } = release;
  const own = Object.entries(platforms)
    .map(([platform, bundle]) => [platform, bundle.download_url ?? '', bundle.signature ?? ''])
    .sort(([a = ''], [b = '']) => compareText(a, b));
  const digest = digestOf(JSON.stringify([download_url, signature, own]));
  return `${nameRelease(release)} ${digest.slice(0, 16)}`;
}
