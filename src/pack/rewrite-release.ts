import type { Bundle, Release } from '../catalog/release.ts';
import { bundlesOf, type OfferedBundle } from '../curation/verify/bundles-of.ts';

/**
 * A release whose bundles lie elsewhere: every URL of a bundle that is mirrored leads there, and platforms whose bundles are
 * not mirrored are left out, so that their servers get the common one.
 *
 * @param isMirrored whether a bundle is
 * @param urlOf where it is then
 */
export function rewriteRelease(
  release: Release,
  isMirrored: (bundle: OfferedBundle) => boolean,
  urlOf: (bundle: OfferedBundle) => string,
): Release {
  const mirrored = bundlesOf(release).filter(isMirrored);
  const own = mirrored.find(({ platform }) => platform === '');
  const platforms = mirrored
    .filter(({ platform }) => platform !== '')
    .map((bundle): [string, Bundle] => [
      bundle.platform,
      { ...release.platforms[bundle.platform], download_url: urlOf(bundle) },
    ]);
  return {
    ...release,
    download_url: own ? urlOf(own) : '',
    platforms: Object.fromEntries(platforms),
  };
}
