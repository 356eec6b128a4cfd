import { isDeepStrictEqual } from 'node:util';
import { bundlesOf, type OfferedBundle } from '../../catalog/bundles/bundles-of.ts';
import { nameRelease } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';

/**
 * The bundles of new releases, and of those whose address, signature or manifest changed, which is all that a bundle is
 * verified against.
 *
 * @param before the releases of another catalog, such as the one that is published
 */
export function changedBundles(
  releases: readonly Release[],
  before: readonly Release[],
): OfferedBundle[] {
  const known = new Map<string, OfferedBundle[]>();
  for (const bundle of before.flatMap(bundlesOf)) {
    const name = locationOf(bundle);
    known.set(name, [...(known.get(name) ?? []), bundle]);
  }
  return releases
    .flatMap(bundlesOf)
    .filter((bundle) => !known.get(locationOf(bundle))?.some((other) => isAlike(bundle, other)));
}

const locationOf = ({ release, platform }: OfferedBundle) => `${nameRelease(release)} ${platform}`;

function isAlike(one: OfferedBundle, other: OfferedBundle): boolean {
  return (
    one.url === other.url &&
    one.signature === other.signature &&
    isDeepStrictEqual(one.release.manifest, other.release.manifest)
  );
}
