import { groupBy } from '../../catalog/placed-release.ts';
import type { Release } from '../../catalog/release.ts';

/**
 * One catalog out of what a marketplace answers to servers on premises and in the cloud. Releases for both are in both
 * answers, and count once; two that look alike are in each answer twice, and stay two. Of equal versions the later one is
 * answered, so within a plugin the order of either answer is kept.
 *
 * @returns null where the two are not of one catalog
 */
export function mergeHostings(
  onPrem: readonly Release[],
  cloud: readonly Release[],
): Release[] | null {
  const inCloud = groupBy(cloud, ({ manifest }) => manifest.id);
  const merged: Release[] = [];
  for (const [id, plugin] of groupBy(onPrem, ({ manifest }) => manifest.id)) {
    const others = inCloud.get(id) ?? [];
    inCloud.delete(id);
    let at = 0;
    const takeCloud = () => {
      for (; others[at]?.hosting === 'cloud'; at++) merged.push(others[at] as Release);
    };
    for (const release of plugin) {
      if (release.hosting === '') {
        takeCloud();
        if (JSON.stringify(others[at]) !== JSON.stringify(release)) return null;
        at++;
      }
      merged.push(release);
    }
    takeCloud();
    if (at !== others.length) return null;
  }
  const rest = [...inCloud.values()].flat();
  return rest.every(({ hosting }) => hosting === 'cloud') ? [...merged, ...rest] : null;
}
