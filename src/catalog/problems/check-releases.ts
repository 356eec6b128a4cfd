import { compare } from 'semver';
import type { Problem } from '../../lib/errors.ts';
import { judgeId } from '../../mattermost/install/installable.ts';
import { foldId } from '../../mattermost/install/manifest-rules.ts';
import { isAtLeast } from '../../mattermost/server-line.ts';
import {
  type CatalogFile,
  groupBy,
  groupByPlugin,
  type LocatedRelease,
  locateReleases,
  locationOf,
  problemAt,
} from '../located-release.ts';
import { skeletonOf } from './skeleton-of.ts';

/**
 * Finds what is allowed but rarely intended, over all files together: an empty file, a version listed twice, a newer release that
 * allows older servers than its predecessor, ids that look alike or that a server refuses, and a configuration that old
 * servers decode. Warnings come in this order. Takes O(n log n) time for n releases.
 */
export function checkReleases(files: readonly CatalogFile[]): Problem[] {
  const plugins = groupByPlugin(locateReleases(files));
  return [
    ...files.filter(({ releases }) => releases.length === 0).map(({ file }) => warnEmpty(file)),
    ...plugins.flatMap(findRepeated),
    ...plugins.flatMap(findLoosened),
    ...findSimilarIds(plugins),
    ...plugins.flatMap(findRefusedId),
    ...plugins.flat().flatMap(findConfiguration),
  ];
}

function warnEmpty(file: string): Problem {
  return {
    level: 'warning',
    check: 'empty-catalog',
    file,
    message: 'the catalog is empty',
    remedy: 'add a release, unless that is what you want',
  };
}

function findRepeated(plugin: readonly LocatedRelease[]): Problem[] {
  // Build metadata does not order versions, and a strict version without it is written in one way only.
  const sameVersion = groupBy(plugin, ({ release }) =>
    release.manifest.version.replace(/\+.*/, ''),
  );
  return [...sameVersion.values()].flatMap(([first, ...others]) =>
    others.map((other) =>
      warn(other, 'version', {
        check: 'repeated-version',
        message: `repeats the version of ${other.release.manifest.id} in ${locationOf(first)}`,
        remedy: 'remove one of the two; where both fit a server, the later one is answered',
      }),
    ),
  );
}

function findLoosened(plugin: readonly LocatedRelease[]): Problem[] {
  // Each release is held against its predecessor, so a requirement that drops is reported once, where it drops. Of equal
  // versions the strictest comes last, beside its successor.
  const oldestFirst = plugin.toSorted((a, b) => compareVersion(a, b) || compareMinServer(a, b));
  return oldestFirst.flatMap((newer, index) => {
    const older = oldestFirst[index - 1];
    if (
      older === undefined ||
      compareVersion(newer, older) === 0 ||
      compareMinServer(newer, older) >= 0
    ) {
      return [];
    }
    const { version, min_server_version } = older.release.manifest;
    return warn(newer, 'min_server_version', {
      check: 'loosened-requirement',
      message: `allows older servers than release ${version} does, which needs ${min_server_version} (${locationOf(older)})`,
      remedy: 'check which of the two is right',
    });
  });
}

function compareVersion(a: LocatedRelease, b: LocatedRelease): number {
  return compare(a.release.manifest.version, b.release.manifest.version);
}

function compareMinServer(a: LocatedRelease, b: LocatedRelease): number {
  const left = a.release.manifest.min_server_version || '';
  const right = b.release.manifest.min_server_version || '';
  // An empty version allows every server.
  return left === '' || right === ''
    ? Number(left !== '') - Number(right !== '')
    : compare(left, right);
}

function findSimilarIds(plugins: readonly (readonly LocatedRelease[])[]): Problem[] {
  const firsts = plugins.flatMap((plugin) => plugin.slice(0, 1));
  const similar = groupBy(firsts, ({ release }) => skeletonOf(release.manifest.id));
  return [...similar.values()].flatMap(([first, ...others]) =>
    others.map((other) => {
      const id = first?.release.manifest.id ?? '';
      const isSameFolded = foldId(id) === foldId(other.release.manifest.id);
      const [how, remedy] = isSameFolded
        ? ['differs only in case from', 'ids are case-sensitive']
        : ['looks like', 'find out whose they are if they are not'];
      return warn(other, 'id', {
        check: 'similar-id',
        message: `${how} ${JSON.stringify(id)} in ${locationOf(first)}`,
        remedy: `write both alike if they are the same plugin: ${remedy}`,
      });
    }),
  );
}

function findRefusedId(plugin: readonly LocatedRelease[]): Problem[] {
  return plugin.slice(0, 1).flatMap((located) => {
    const refused = judgeId(located.release.manifest.id);
    return refused.map(({ check, message, remedy }) =>
      warn(located, 'id', { check, message, remedy }),
    );
  });
}

/** Its sections are checked with the types of the manifest; of the hundreds of settings in them the types are not known here. */
function findConfiguration(located: LocatedRelease): Problem[] {
  const { min_server_version, required_configuration } = located.release.manifest;
  if (isAtLeast(min_server_version || '0.0.0', '9.0.0')) return [];
  const sections = Object.values(required_configuration ?? {});
  if (sections.every((section) => section === null || Object.keys(section).length === 0)) return [];
  const reported = {
    check: 'risky-configuration',
    message:
      'is decoded by servers 5.20 to 8.1 as part of their own configuration: one value of a wrong type in it empties their whole list',
    remedy: 'leave it out, or make sure that each value has the type of that setting',
  };
  return [warn(located, 'required_configuration', reported)];
}

type ManifestField = 'id' | 'version' | 'min_server_version' | 'required_configuration';

function warn(
  at: LocatedRelease,
  field: ManifestField,
  reported: Pick<Problem, 'check' | 'message' | 'remedy'>,
): Problem {
  return problemAt(at, ['manifest', field], { level: 'warning', ...reported });
}
