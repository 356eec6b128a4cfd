import type { Release } from '../../../src/catalog/release.ts';

/** The ids of a catalog, that with the most releases first. */
export function rankPluginIds(releases: readonly Release[]): string[] {
  const counts = new Map<string, number>();
  for (const { manifest } of releases) counts.set(manifest.id, (counts.get(manifest.id) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([id]) => id);
}
