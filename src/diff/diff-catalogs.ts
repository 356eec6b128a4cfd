import { compare } from 'semver';
import type { NoticeInEffect } from '../catalog/notices/apply-notices.ts';
import type { Notice } from '../catalog/notices/notice.ts';
import type { Release } from '../catalog/release.ts';
import { compareText } from '../lib/compare-text.ts';
import type { Audience } from '../query/audience/audience.ts';
import { type BoxScale, toAudience } from '../query/audience/audience.ts';
import { findBoxes } from '../query/audience/find-boxes.ts';
import { findPlatforms, findSteps, ROWS } from '../query/audience/space.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../query/catalog-index.ts';
import { lowerCase } from '../query/lower-case.ts';
import type {
  CatalogDiff,
  FieldChange,
  NewestChange,
  PluginDiff,
  ReleaseName,
  VersionChange,
} from './catalog-diff.ts';
import { type CompareReleases, createComparison } from './compare-releases.ts';
import { findNoticeNews } from './find-notice-news.ts';
import { findOffers, type PluginOffers } from './find-offers.ts';

/** A release before and after in one cell; undefined: none. */
interface Pair {
  readonly from: IndexedRelease | undefined;
  readonly to: IndexedRelease | undefined;
}

/** What all plugins are compared with. */
interface Comparison extends BoxScale {
  readonly compare: CompareReleases;
}

/** The notices of two catalogs, as far as they are known. */
export interface KnownNotices {
  readonly before?: readonly Notice[];
  readonly after?: readonly Notice[];
}

/**
 * What two catalogs answer differently, for whom. It is found by asking both for every class of request there is: every
 * server version between the steps of either, each edition and hosting, each platform, newest versions and all.
 *
 * Not told is what no client makes use of: in which order the fields of an object stand, and releases behind another one of
 * the same version.
 *
 * @param notices what explains that releases are offered otherwise
 */
export function diffCatalogs(
  before: readonly Release[],
  after: readonly Release[],
  notices: KnownNotices = {},
): CatalogDiff {
  // Whatever is a step of one of the two is a step of both together.
  const union = indexCatalog([...before, ...after]);
  const steps = findSteps(union);
  const platforms = ['', ...findPlatforms(union)];
  const [oldIndex, newIndex] = [indexCatalog(before), indexCatalog(after)];
  const [oldOffers, newOffers] = [findOffers(oldIndex, steps), findOffers(newIndex, steps)];
  const comparison = { steps, platforms, compare: createComparison(platforms) };
  const names = new Map([...namesOf(oldIndex), ...namesOf(newIndex)]);
  const plugins = [...names].flatMap(([id, name]): PluginDiff[] => {
    const [from, to] = [oldOffers.get(id) ?? NO_OFFERS, newOffers.get(id) ?? NO_OFFERS];
    const newest = findNewestChanges(from, to, comparison);
    const byVersion = findVersionChanges(from, to, comparison);
    return newest.length + byVersion.length > 0 ? [{ id, name, newest, byVersion }] : [];
  });
  const noticed = findNoticeNews(before, after, notices.after ?? []);
  const lifted = findNoticeNews(after, before, notices.before ?? []);
  return {
    added: withoutSuspended(findMissing(newIndex, oldOffers), lifted),
    removed: withoutSuspended(findMissing(oldIndex, newOffers), noticed),
    noticed,
    lifted,
    plugins: plugins.sort(
      (a, b) => compareText(lowerCase(a.name), lowerCase(b.name)) || compareText(a.id, b.id),
    ),
  };
}

/** They stay in the catalog. */
function withoutSuspended(
  releases: readonly ReleaseName[],
  notices: readonly NoticeInEffect[],
): ReleaseName[] {
  const suspensions = notices.filter(({ notice }) => notice.kind === 'suspended');
  return releases.filter(
    ({ id, version }) =>
      !suspensions.some(
        ({ notice, versions }) => notice.plugin === id && versions.includes(version),
      ),
  );
}

const NO_OFFERS: PluginOffers = { newest: [], byVersion: new Map() };

/** The name of each plugin's highest version. */
function namesOf(catalog: CatalogIndex): Map<string, string> {
  return new Map(catalog.toReversed().map(({ id, release }) => [id, release.manifest.name ?? '']));
}

/** The releases of a catalog that another one does not have, each version once. */
function findMissing(catalog: CatalogIndex, other: Map<string, PluginOffers>): ReleaseName[] {
  const missing = catalog
    .map(({ id, release }) => ({ id, version: release.manifest.version }))
    .filter(({ id, version }) => !other.get(id)?.byVersion.has(version));
  return [...new Map(missing.map((name) => [JSON.stringify(name), name])).values()];
}

function findNewestChanges(
  before: PluginOffers,
  after: PluginOffers,
  comparison: Comparison,
): NewestChange[] {
  const pairAt = (cell: number) => ({ from: before.newest[cell], to: after.newest[cell] });
  return findChanges(pairAt, comparison).map(({ pair, fields, audiences }) => ({
    from: versionOf(pair.from),
    to: versionOf(pair.to),
    fields,
    audiences,
  }));
}

function findVersionChanges(
  before: PluginOffers,
  after: PluginOffers,
  comparison: Comparison,
): VersionChange[] {
  const versions = new Set([...after.byVersion.keys(), ...before.byVersion.keys()]);
  const merged = new Map<string, VersionChange>();
  for (const version of [...versions].sort((a, b) => compare(b, a))) {
    const pairAt = (cell: number): Pair => {
      const [from, to] = [before, after].map(({ byVersion }) => byVersion.get(version)?.[cell]);
      const newest = { from: before.newest[cell], to: after.newest[cell] };
      return isToldBy(newest, { from, to }, comparison) ? NO_CHANGE : { from, to };
    };
    for (const { pair, fields, audiences } of findChanges(pairAt, comparison)) {
      const change =
        pair.from === undefined ? 'added' : pair.to === undefined ? 'removed' : 'changed';
      const key = JSON.stringify([change, fields, audiences]);
      const others = merged.get(key)?.versions ?? [];
      merged.set(key, { change, versions: [...others, version], fields, audiences });
    }
  }
  return [...merged.values()];
}

const NO_CHANGE: Pair = { from: undefined, to: undefined };

/**
 * Whether a change of what is offered as the newest tells this change of one version, too. Nothing is there beyond the
 * newest, so 1.0.0 -> 1.1.0 says that 1.1.0 was not there before, but not that 1.0.0 is gone.
 */
function isToldBy(newest: Pair, { from, to }: Pair, { compare }: Comparison): boolean {
  if (!compare(newest.from?.release, newest.to?.release)) return false;
  if (newest.to === undefined) return true;
  const isSame = newest.from?.release.manifest.version === newest.to.release.manifest.version;
  if (isSame) return from === newest.from && to === newest.to;
  if (to === undefined) return from === newest.from && isLower(newest.to, newest.from);
  return from === undefined && to === newest.to && isLower(newest.from, newest.to);
}

/** Nothing is lower than anything. */
function isLower(a: IndexedRelease | undefined, b: IndexedRelease | undefined): boolean {
  if (a === undefined || b === undefined) return b !== undefined;
  return compare(a.release.manifest.version, b.release.manifest.version) < 0;
}

/** The differences of the pairs in all cells; those that read alike are one, with all their audiences. */
function findChanges(pairAt: (cell: number) => Pair, comparison: Comparison) {
  const { steps, platforms } = comparison;
  const changes = new Map<
    string,
    { pair: Pair; fields: readonly FieldChange[]; cells: Set<number>[][] }
  >();
  for (const step of steps.keys()) {
    for (const row of ROWS.keys()) {
      const pair = pairAt(step * ROWS.length + row);
      const difference = comparison.compare(pair.from?.release, pair.to?.release);
      if (!difference) continue;
      const key = JSON.stringify([versionOf(pair.from), versionOf(pair.to), difference.fields]);
      const change = changes.get(key) ?? {
        pair,
        fields: difference.fields,
        cells: noCells(steps.length),
      };
      changes.set(key, change);
      for (const platform of platforms.keys()) {
        if (difference.platforms[platform]) change.cells[step]?.[row]?.add(platform);
      }
    }
  }
  return [...changes.values()]
    .map(({ pair, fields, cells }) => {
      const boxes = findBoxes(cells).sort((a, b) => b.last - a.last || b.first - a.first);
      const audiences: Audience[] = boxes.map((box) => toAudience(box, comparison));
      return { pair, fields, audiences, first: boxes[0]?.first ?? 0, last: boxes[0]?.last ?? 0 };
    })
    .sort((a, b) => b.last - a.last || b.first - a.first);
}

function noCells(steps: number): Set<number>[][] {
  return Array.from({ length: steps }, () => ROWS.map(() => new Set<number>()));
}

function versionOf(release: IndexedRelease | undefined): string | null {
  return release?.release.manifest.version ?? null;
}
