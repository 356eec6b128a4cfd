import type { IndexedRelease } from '../../../query/catalog-index.ts';

/**
 * The ids of releases on the page of their plugin: `v3.2.5`. Of releases with one version the first has that, and the others
 * are counted after a character that no version has: `v3.2.5~2`.
 */
export function anchorsOf(releases: readonly IndexedRelease[]): Map<IndexedRelease, string> {
  const counts = new Map<string, number>();
  return new Map(
    releases.map((release) => {
      const { version } = release.release.manifest;
      const count = (counts.get(version) ?? 0) + 1;
      counts.set(version, count);
      return [release, count === 1 ? `v${version}` : `v${version}~${count}`];
    }),
  );
}
