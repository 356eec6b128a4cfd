import { type LocatedRelease, locationOf, nameRelease } from '../../catalog/located-release.ts';
import {
  describeEntry,
  findVerified,
  keyOf,
  type VerifiedRecord,
  type VerifiedRecords,
} from '../../catalog/verified/verified-file.ts';
import type { Problem } from '../../lib/errors.ts';
import { bundlesOf, nameBundle, type OfferedBundle } from './bundles-of.ts';

/** What was seen of a bundle whose signature and contents hold. */
export interface SeenBundle {
  readonly bundle: OfferedBundle;
  readonly sha256: string;
  /** The fingerprint of the key that signed it. */
  readonly key: string;
}

/** Why a bundle is not the one that was verified before, worded to follow its name; undefined if it is, or none was. */
export function findChange({ bundle, sha256 }: SeenBundle, records: VerifiedRecords) {
  const before = records.get(keyOf(describeEntry(bundle)));
  if (before === undefined || before.sha256 === sha256) return undefined;
  return `has other contents than on ${before.verified}, under the same version and address: its SHA-256 was ${before.sha256} and is ${sha256} — ask its author why; if it is meant, remove its record, and record it anew`;
}

/**
 * The records with what was seen. Those of bundles that the catalog no longer has are left out, and what was seen before keeps
 * its day.
 *
 * @param catalog every bundle of it
 * @param day such as `2024-05-17`
 */
export function recordSeen(
  records: VerifiedRecords,
  seen: readonly SeenBundle[],
  catalog: readonly OfferedBundle[],
  day: string,
): VerifiedRecord[] {
  const present = new Set(catalog.map((bundle) => keyOf(describeEntry(bundle))));
  const next = new Map([...records].filter(([key]) => present.has(key)));
  for (const { bundle, sha256, key } of seen) {
    const { release, platform, url, ...against } = describeEntry(bundle);
    const place = keyOf({ release, platform, url, ...against });
    const before = findVerified(records, bundle);
    const isKnown = before?.sha256 === sha256 && before.key === key;
    const verified = isKnown ? before.verified : day;
    next.set(place, { release, platform, url, sha256, key, ...against, verified });
  }
  return [...next.values()];
}

/** The bundles that nobody has verified as the catalog has them. */
export function findUnverified(
  located: readonly LocatedRelease[],
  records: VerifiedRecords,
): Problem[] {
  return located.flatMap((at) =>
    bundlesOf(at.release)
      .filter((bundle) => findVerified(records, bundle) === undefined)
      .map((bundle): Problem => {
        const isKnown = records.has(keyOf(describeEntry(bundle)));
        return {
          level: 'error',
          release: nameRelease(at.release),
          file: locationOf(at),
          message: `the bundle of ${nameBundle(nameRelease(at.release), bundle.platform)} ${isKnown ? 'was verified with another signature or manifest' : 'is not verified'}`,
          remedy: `npm run catalog -- verify --record --plugin ${at.release.manifest.id} --key FILE`,
        };
      }),
  );
}
