import type { Release } from '../catalog/release.ts';

/**
 * What two views of a catalog show together, each release of theirs once, such that both orders are kept: of equal versions
 * of a plugin the later one wins. Releases that both show stand in both in the same order.
 */
export function mergeViews(one: readonly Release[], other: readonly Release[]): Release[] {
  const texts = other.map((release) => JSON.stringify(release));
  const merged: Release[] = [];
  let next = 0;
  for (const release of one) {
    const shared = texts.indexOf(JSON.stringify(release), next);
    if (shared >= 0) {
      merged.push(...other.slice(next, shared));
      next = shared + 1;
    }
    merged.push(release);
  }
  return [...merged, ...other.slice(next)];
}
