import type { Bundle, Release } from '../catalog/release.ts';
import { bundlesOf, type OfferedBundle } from '../curation/verify/bundles-of.ts';
import { BUNDLES_FOLDER } from './format/pack.ts';

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

/** Of an id or a version in a file name; ids may be longer than file systems allow. */
const MOST_CHARACTERS = 80;

/** Of all that stands before the digest: a file system ends a name at 255 bytes, of which those who write it need some. */
const MOST_READABLE = 200;

/**
 * Where a bundle lies in a pack, such as `bundles/jira-4.1.0-linux-amd64-0f3a….tar.gz`: readable, safe on every file system
 * and in a URL, and by a part of its digest never the name of another content.
 */
export function bundlePath({ release, platform }: OfferedBundle, sha256: string): string {
  const { id, version } = release.manifest;
  const parts = [id, version, platform].filter((part) => part !== '');
  const safe = parts.map((part) => part.replace(/[^\w.-]/g, '_').slice(0, MOST_CHARACTERS));
  const readable = safe.join('-').slice(0, MOST_READABLE);
  return `${BUNDLES_FOLDER}/${readable}-${sha256.slice(0, 16)}.tar.gz`;
}
