import { groupBy } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';

/**
 * One catalog out of what a marketplace answers to servers on premises and in the cloud. What both answers show counts once;
 * two releases that look alike are in each twice, and stay two. Within a plugin both orders are kept, for of equal versions
 * the later one is answered; where they contradict each other, as they may in answers of the reference service, which leaves
 * that to chance, the one on premises is.
 *
 * @returns null where the two are not of one catalog: a release for both hostings is in one answer only
 */
export function mergeHostings(
  onPrem: readonly Release[],
  cloud: readonly Release[],
): Release[] | null {
  const [plugins, inCloud] = [onPrem, cloud].map((view) =>
    groupBy(view, ({ manifest }) => manifest.id),
  ) as [Map<string, Release[]>, Map<string, Release[]>];
  const merged: Release[] = [];
  for (const id of new Set([...plugins.keys(), ...inCloud.keys()])) {
    const plugin = mergePlugin(plugins.get(id) ?? [], inCloud.get(id) ?? []);
    if (plugin === null) return null;
    merged.push(...plugin);
  }
  return merged;
}

function mergePlugin(onPrem: readonly Release[], cloud: readonly Release[]): Release[] | null {
  const located = onPrem.map((release) => ({ release, isShared: false, before: [] as Release[] }));
  const byText = groupBy(located, ({ release }) => JSON.stringify(release));
  let waiting: Release[] = [];
  for (const release of cloud) {
    const shared = byText.get(JSON.stringify(release))?.shift();
    if (shared === undefined) {
      if (release.hosting !== 'cloud') return null;
      waiting.push(release);
    } else {
      shared.isShared = true;
      shared.before = waiting;
      waiting = [];
    }
  }
  const lost = located.find(({ release, isShared }) => !isShared && release.hosting !== 'on-prem');
  if (lost !== undefined) return null;
  return [...located.flatMap(({ release, before }) => [...before, release]), ...waiting];
}
