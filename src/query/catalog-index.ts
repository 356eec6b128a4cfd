import semver from 'semver';
import type { Release } from '../catalog/release.ts';
import { compareText } from '../lib/compare-text.ts';
import { versionKey } from '../router/request/version-key.ts';
import { lowerTexts, type Texts } from './texts.ts';

/** A release with what filters compare, computed once. */
export interface IndexedRelease extends Texts {
  readonly release: Release;
  /** Position among the releases of the catalog, over all its files. */
  readonly position: number;
  /** Equal for releases of a plugin whose versions have the same precedence, such as `1.0.0` and `1.0.0+build`. */
  readonly versionRank: number;
  /** `versionKey` of the minimum server version; empty, and so below every key, where there is none. */
  readonly minServerKey: string;
}

/**
 * The releases of a catalog, plugin by plugin in the order of ids; within a plugin highest version first, equal versions as
 * they stand in the catalog.
 */
export type CatalogIndex = readonly IndexedRelease[];

/** @throws {RangeError} where a release's versions are not semantic: the catalog was not validated. */
export function indexCatalog(releases: readonly Release[]): CatalogIndex {
  const sorted = releases
    .map((release, position) => indexRelease(release, position))
    .sort((a, b) => compareText(a.id, b.id) || compareVersions(b, a) || a.position - b.position);
  let versionRank = 0;
  return sorted.map((indexed, i) => {
    const previous = sorted[i - 1];
    if (previous && (previous.id !== indexed.id || compareVersions(previous, indexed) !== 0)) {
      versionRank++;
    }
    return { ...indexed, versionRank };
  });
}

function indexRelease(release: Release, position: number) {
  const { id, version, name, description, min_server_version } = release.manifest;
  const minServerKey = min_server_version ? versionKey(min_server_version) : '';
  const parsedVersion = semver.parse(version);
  if (minServerKey === null || parsedVersion === null) {
    throw new RangeError(`release ${position} (${id} ${version}) was not validated`);
  }
  return {
    release,
    position,
    version: parsedVersion,
    minServerKey,
    ...lowerTexts(id, name ?? '', description ?? ''),
  };
}

const compareVersions = (a: { version: semver.SemVer }, b: { version: semver.SemVer }) =>
  a.version.compare(b.version);

/** The releases of each plugin, given releases in the order of an index. */
export function groupByPlugin(releases: readonly IndexedRelease[]): IndexedRelease[][] {
  const plugins: IndexedRelease[][] = [];
  for (const release of releases) {
    const plugin = plugins.at(-1);
    if (plugin?.[0]?.id === release.id) plugin.push(release);
    else plugins.push([release]);
  }
  return plugins;
}
