import type { Release } from '../../../catalog/release.ts';
import { findVerified, type VerifiedRecords } from '../../../catalog/verified/verified-file.ts';
import { h, type Piece } from '../../shared/piece.ts';
import { formatDay } from '../../shared/words.ts';

/** When the bundles of a release were verified, and their digests; undefined if none was, as they are. */
export function verifiedBundles(release: Release, records: VerifiedRecords): Piece {
  const { download_url: url, signature, platforms } = release;
  const bundles = [
    { platform: '', url, signature },
    ...Object.entries(platforms).map(([platform, bundle]) => ({
      ...{ platform, url: bundle.download_url ?? '', signature: bundle.signature ?? '' },
    })),
  ];
  const found = bundles.flatMap((bundle) => findVerified(records, { release, ...bundle }) ?? []);
  if (found.length === 0) return undefined;
  return h(
    'ul',
    { role: 'list' },
    found.map(({ platform, sha256, verified }) =>
      h(
        'li',
        {},
        `${platform === '' ? '' : `${platform}, `}${formatDay(verified)?.words}, SHA-256 `,
        h('code', {}, sha256),
      ),
    ),
  );
}
