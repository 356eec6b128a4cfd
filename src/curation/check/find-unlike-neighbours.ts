import { compare } from 'semver';
import { groupBy, type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';

interface Trait {
  readonly check: string;
  readonly field: 'enterprise' | 'hosting';
  readonly describe: (release: Release) => string;
}

const TRAITS: readonly Trait[] = [
  {
    check: 'unlike-edition',
    field: 'enterprise',
    describe: ({ enterprise }) => (enterprise ? 'Enterprise only' : 'every edition'),
  },
  {
    check: 'unlike-hosting',
    field: 'hosting',
    describe: ({ hosting }) => (hosting === '' ? 'every hosting' : `${hosting} only`),
  },
];

/**
 * Releases of a plugin for another edition or hosting than those around them: one in the middle that its neighbours on both
 * sides agree against, and the newest one that its predecessor differs from, which is how a forgotten flag looks. A change
 * that later releases keep is not reported.
 */
export function findUnlikeNeighbours(plugin: readonly LocatedRelease[]): Problem[] {
  const versions = groupBy(plugin, ({ release }) => release.manifest.version.replace(/\+.*/, ''));
  const oldestFirst = [...versions.values()].sort((a, b) => compare(versionOf(a), versionOf(b)));
  return TRAITS.flatMap((trait) =>
    oldestFirst.flatMap((version, i) => {
      const before = oldestFirst[i - 1];
      const [own, older] = [version, before].map((group) => describeAll(trait, group));
      if (before === undefined || own === older) return [];
      const next = oldestFirst[i + 1];
      // The newest has no next one: it is like the others if the release before its predecessor agrees with it.
      const isUnlike = next
        ? describeAll(trait, next) === older
        : describeAll(trait, oldestFirst[i - 2]) !== own;
      return isUnlike
        ? version.map((located) => warnOf(located, trait, versionOf(before), older))
        : [];
    }),
  );
}

/** The version of releases that differ in build metadata at most. */
function versionOf(group: readonly LocatedRelease[]): string {
  return group[0]?.release.manifest.version ?? '';
}

/** A version may be there for cloud and for on-prem: then its neighbour should be, too. */
function describeAll({ describe }: Trait, group: readonly LocatedRelease[] | undefined): string {
  return [...new Set((group ?? []).map(({ release }) => describe(release)))].sort().join(' and ');
}

function warnOf(
  located: LocatedRelease,
  { check, field, describe }: Trait,
  neighbour: string,
  there: string | undefined,
): Problem {
  return problemAt(located, [field], {
    level: 'warning',
    check,
    message: `makes it a release for ${describe(located.release)}, while ${neighbour} before it is for ${there}`,
    remedy: 'check that this is meant',
  });
}
