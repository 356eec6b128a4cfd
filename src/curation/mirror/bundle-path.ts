import { BUNDLES_FOLDER } from '../../pack/pack.ts';
import type { OfferedBundle } from '../verify/bundles-of.ts';

/** Of an id, a version or a platform in a file name: the three may be longer than the 255 bytes that file systems allow. */
const MOST_CHARACTERS = 70;

/**
 * Where a bundle lies in a pack, such as `bundles/jira-4.1.0-linux-amd64-0f3a….tar.gz`: readable, safe on every file system
 * and in a URL, and by a part of its digest never the name of another content.
 */
export function bundlePath({ release, platform }: OfferedBundle, sha256: string): string {
  const { id, version } = release.manifest;
  const parts = [id, version, platform, sha256.slice(0, 16)].filter((part) => part !== '');
  const safe = parts.map((part) => part.replace(/[^\w.-]/g, '_').slice(0, MOST_CHARACTERS));
  return `${BUNDLES_FOLDER}/${safe.join('-')}.tar.gz`;
}
