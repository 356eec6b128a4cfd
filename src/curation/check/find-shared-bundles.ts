import { bundlesOf } from '../../catalog/bundles/bundles-of.ts';
import {
  groupBy,
  type LocatedRelease,
  locationOf,
  nameRelease,
  problemAt,
} from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { formatPath, type JsonPath } from '../../lib/json/finding.ts';

/** A bundle and its location. */
interface LocatedBundle {
  readonly located: LocatedRelease;
  /** Path to its fields in the entry. */
  readonly path: JsonPath;
  readonly url: string;
  readonly signature: string;
}

/**
 * Finds bundles that two releases share, and signatures that two bundles share: someone copied an entry and forgot to
 * change one, and servers install the wrong release or none. One version may be there twice, for each hosting.
 */
export function findSharedBundles(located: readonly LocatedRelease[]): Problem[] {
  const bundles = located.flatMap(locateBundles);
  return [
    ...findShared(bundles, 'download_url', ({ url }) => url, isSameRelease),
    ...findShared(
      bundles.filter(({ signature }) => signature !== ''),
      'signature',
      ({ signature }) => signature.replace(/\s/g, ''),
      // If they share the URL as well, that is the mistake. The same file may have two URLs.
      (a, b) => a.url === b.url || (isSameRelease(a, b) && fileOf(a.url) === fileOf(b.url)),
    ),
  ];
}

function findShared(
  bundles: readonly LocatedBundle[],
  field: 'download_url' | 'signature',
  keyOf: (bundle: LocatedBundle) => string,
  mayShare: (a: LocatedBundle, b: LocatedBundle) => boolean,
): Problem[] {
  return [...groupBy(bundles, keyOf).values()].flatMap(([first, ...others]) =>
    others.flatMap((other) => {
      if (first === undefined || mayShare(first, other)) return [];
      const isUrl = field === 'download_url';
      const where = `${nameRelease(first.located.release)} (${locationOf(first.located)}${formatPath(first.path)})`;
      return problemAt(other.located, [...other.path, field], {
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

function locateBundles(located: LocatedRelease): LocatedBundle[] {
  return bundlesOf(located.release).map(({ platform, url, signature }) => {
    return { located, path: platform === '' ? [] : ['platforms', platform], url, signature };
  });
}

function isSameRelease(a: LocatedBundle, b: LocatedBundle): boolean {
  return nameRelease(a.located.release) === nameRelease(b.located.release);
}

function fileOf(url: string): string {
  return url.replace(/[?#].*/, '').replace(/.*\//, '');
}
