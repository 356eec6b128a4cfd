import {
  groupBy,
  nameRelease,
  type PlacedRelease,
  placeOf,
  problemAt,
} from '../../catalog/placed-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { formatPath, type JsonPath } from '../../lib/json/finding.ts';
import { bundlesOf } from '../verify/bundles-of.ts';

/** A bundle and where it stands. */
interface PlacedBundle {
  readonly placed: PlacedRelease;
  /** Of the fields beside each other, inside the entry. */
  readonly path: JsonPath;
  readonly url: string;
  readonly signature: string;
}

/**
 * Bundles that two releases share, and signatures that two different bundles do: one of them was forgotten when an entry was
 * copied, and servers install the wrong release or none. One version may be there twice, for each hosting.
 */
export function findSharedBundles(placed: readonly PlacedRelease[]): Problem[] {
  const bundles = placed.flatMap(placeBundles);
  return [
    ...findShared(bundles, 'download_url', ({ url }) => url, isSameRelease),
    ...findShared(
      bundles.filter(({ signature }) => signature !== ''),
      'signature',
      ({ signature }) => signature.replace(/\s/g, ''),
      // Where the URL is shared as well, that is the mistake. A file may lie in two places.
      (a, b) => a.url === b.url || (isSameRelease(a, b) && fileOf(a.url) === fileOf(b.url)),
    ),
  ];
}

function findShared(
  bundles: readonly PlacedBundle[],
  field: 'download_url' | 'signature',
  keyOf: (bundle: PlacedBundle) => string,
  mayShare: (a: PlacedBundle, b: PlacedBundle) => boolean,
): Problem[] {
  return [...groupBy(bundles, keyOf).values()].flatMap(([first, ...others]) =>
    others.flatMap((other) => {
      if (first === undefined || mayShare(first, other)) return [];
      const isUrl = field === 'download_url';
      const where = `${nameRelease(first.placed.release)} (${placeOf(first.placed)}${formatPath(first.path)})`;
      return problemAt(other.placed, [...other.path, field], {
        level: 'warning',
        check: isUrl ? 'same-download' : 'same-signature',
        message: `is also the ${isUrl ? 'bundle' : 'signature of another bundle,'} of ${where}`,
        remedy: isUrl
          ? 'write the URL of the bundle of each'
          : 'write the signature of each bundle: no server installs one with that of another',
      });
    }),
  );
}

function placeBundles(placed: PlacedRelease): PlacedBundle[] {
  return bundlesOf(placed.release).map(({ platform, url, signature }) => {
    return { placed, path: platform === '' ? [] : ['platforms', platform], url, signature };
  });
}

function isSameRelease(a: PlacedBundle, b: PlacedBundle): boolean {
  return nameRelease(a.placed.release) === nameRelease(b.placed.release);
}

function fileOf(url: string): string {
  return url.replace(/[?#].*/, '').replace(/.*\//, '');
}
