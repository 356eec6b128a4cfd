import { bundlesOf, type OfferedBundle } from '../catalog/bundles/bundles-of.ts';
import type { Bundle, Release } from '../catalog/release.ts';
import { BUNDLES_FOLDER } from './format/pack.ts';

/**
 * A release with the URLs of its mirrored bundles; platforms whose bundles are not mirrored are left out, so that their
 * servers get the common bundle.
 *
 * @param isMirrored whether a bundle is mirrored
 * @param urlOf the URL of a mirrored bundle
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

/** Limit for an id or a version in a file name; ids may be longer than file systems allow. */
const MOST_CHARACTERS = 80;

/** Limit for all that precedes the digest: a file name has at most 255 bytes, of which writers need some. */
const MOST_READABLE = 200;

/**
 * The path of a bundle in a pack, such as `bundles/jira-4.1.0-linux-amd64-0f3a….tar.gz`: readable, safe on every file system
 * and in a URL, and unique for its content by a part of its digest.
 */
export function bundlePath({ release, platform }: OfferedBundle, sha256: string): string {
  const { id, version } = release.manifest;
  const parts = [id, version, platform].filter((part) => part !== '');
  const safe = parts.map((part) => part.replace(/[^\w.-]/g, '_').slice(0, MOST_CHARACTERS));
  const readable = safe.join('-').slice(0, MOST_READABLE);
  return `${BUNDLES_FOLDER}/${readable}-${sha256.slice(0, 16)}.tar.gz`;
}
