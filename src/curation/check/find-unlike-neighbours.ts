import { compare } from 'semver';
import { groupBy, type PlacedRelease, problemAt } from '../../catalog/placed-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';

interface Trait {
  readonly check: string;
  readonly field: 'enterprise' | 'hosting';
  readonly tell: (release: Release) => string;
}

const TRAITS: readonly Trait[] = [
  {
    check: 'unlike-edition',
    field: 'enterprise',
    tell: ({ enterprise }) => (enterprise ? 'Enterprise only' : 'every edition'),
  },
  {
    check: 'unlike-hosting',
    field: 'hosting',
    tell: ({ hosting }) => (hosting === '' ? 'every hosting' : `${hosting} only`),
  },
];

/**
 * Releases of a plugin for another edition or hosting than those around them: one in the middle that its neighbours on both
 * sides agree against, and the newest one that its predecessor differs from, which is how a forgotten flag looks. A change
 * that later releases keep is no news.
 */
export function findUnlikeNeighbours(plugin: readonly PlacedRelease[]): Problem[] {
  const versions = groupBy(plugin, ({ release }) => release.manifest.version.replace(/\+.*/, ''));
  const oldestFirst = [...versions.values()].sort((a, b) => compare(versionOf(a), versionOf(b)));
  return TRAITS.flatMap((trait) =>
    oldestFirst.flatMap((version, i) => {
      const before = oldestFirst[i - 1];
      const [own, older] = [version, before].map((group) => tellAll(trait, group));
      if (before === undefined || own === older) return [];
      const next = oldestFirst[i + 1];
      // After the newest there is nothing: then it is the one before its predecessor that may be on its side.
      const isUnlike = next
        ? tellAll(trait, next) === older
        : tellAll(trait, oldestFirst[i - 2]) !== own;
      return isUnlike ? version.map((placed) => tell(placed, trait, versionOf(before), older)) : [];
    }),
  );
}

/** The version of releases that differ in build metadata at most. */
function versionOf(group: readonly PlacedRelease[]): string {
  return group[0]?.release.manifest.version ?? '';
}

/** A version may be there for cloud and for on-prem: then its neighbour should be, too. */
function tellAll({ tell }: Trait, group: readonly PlacedRelease[] | undefined): string {
  return [...new Set((group ?? []).map(({ release }) => tell(release)))].sort().join(' and ');
}

function tell(
  placed: PlacedRelease,
  { check, field, tell: describe }: Trait,
  neighbour: string,
  there: string | undefined,
): Problem {
  return problemAt(placed, [field], {
    level: 'warning',
    check,
    message: `makes it a release for ${describe(placed.release)}, while ${neighbour} before it is for ${there}`,
    remedy: 'check that this is meant',
  });
}
