import { EVERYTHING, ROWS, type Space, type Step } from '../../query/audience/space.ts';
import { RULE_SERVER_VERSIONS } from '../../query/axes.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
} from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import type { Filter } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { rankTexts } from '../table/rank-texts.ts';
import { TextIndex } from '../table/text-index.ts';
import { type TextSet, TextSets } from './text-sets.ts';

/** Filters that are answered alike: one of them, for the default platform, and the answer. */
export interface FilterClass {
  readonly filter: Filter;
  readonly releases: readonly IndexedRelease[];
  /** Of a page, the answer that it is cut from. Default: the answer itself. */
  readonly whole?: readonly IndexedRelease[];
  /** Whether it is published for the default platform only. Default: for every platform. */
  readonly isForDefault?: boolean;
}

/** The lists of newest versions, made once: most parts of the space of answers are cut out of them. */
const NEWEST = new WeakMap<Space, readonly FilterClass[]>();

/** The lists of all plugins, in one row and step after the other. */
export function lists(space: Space, allVersions: boolean): Iterable<FilterClass> {
  if (allVersions) return eachList(space, true);
  const newest = NEWEST.get(space) ?? [...eachList(space, false)];
  NEWEST.set(space, newest);
  return newest;
}

function* eachList({ catalog, steps }: Space, allVersions: boolean): Generator<FilterClass> {
  for (const row of ROWS) {
    for (const { serverVersion } of steps) {
      const filter = { ...EVERYTHING, ...row, serverVersion, allVersions };
      yield classOf(catalog, filter);
    }
  }
}

/** Each plugin, in one row after the other, at the steps at which some of its releases begin or cease to be seen. */
export function* plugins({ catalog, steps }: Space, allVersions: boolean): Generator<FilterClass> {
  for (const releases of groupByPlugin(catalog)) {
    const pluginId = releases[0]?.id ?? '';
    for (const { serverVersion } of findOwnSteps(releases, steps)) {
      for (const row of ROWS) {
        const filter = { ...EVERYTHING, ...row, serverVersion, allVersions, pluginId };
        yield classOf(releases, filter);
      }
    }
  }
}

/**
 * The steps at which what is seen of some releases may change: the first, the last, and those that they or rules name. Where
 * nothing changes at one, the router finds nothing to tell apart.
 */
function findOwnSteps(releases: CatalogIndex, steps: readonly Step[]): Step[] {
  const keys = new Set([
    ...releases.map(({ minServerKey }) => minServerKey),
    ...RULE_SERVER_VERSIONS.map(versionKey),
  ]);
  return steps.filter(
    ({ serverVersion }, i) =>
      i === 0 || i === steps.length - 1 || keys.has(versionKey(serverVersion) ?? ''),
  );
}

/** The newest versions that texts find: each set of plugins that some text finds, in one row and step after the other. */
export function searches(space: Space): Generator<FilterClass> {
  return distinct(findSets(space, findRankSets(space.catalog)));
}

/** What texts find for servers without a version: for each row, one text of all that find the same. */
export function textsOf(space: Space): FilterClass[] {
  const newest = { ...space, steps: space.steps.slice(-1) };
  return [...searches(newest)];
}

/** The whole catalog, as other marketplaces read it to be laid over it: for servers of each hosting. */
export function* wholeViews({ catalog }: Space): Generator<FilterClass> {
  for (const cloud of [false, true]) {
    const filter = { ...EVERYTHING, allVersions: true, enterprise: true, cloud };
    yield { ...classOf(catalog, filter), isForDefault: true };
  }
}

/**
 * The newest versions that a whole id finds, where it finds more than its plugin: by it, servers 5.18 to 5.31 ask for the plugin
 * that they install. Where it finds no more, the answer is that of the plugin.
 */
export function exactFilters(space: Space): Generator<FilterClass> {
  const { catalog } = space;
  const ranks = rankTexts(catalog);
  const own = new Map<string, Set<number>>();
  for (const release of catalog) {
    const known = own.get(release.lowerId) ?? new Set();
    own.set(release.lowerId, known.add(ranks.of(release)));
  }
  const isOfOne = ({ texts, filter }: TextSet) =>
    texts.length === own.get(filter)?.size &&
    new Set(texts.map((rank) => ranks.examples[rank]?.id)).size === 1;
  return findSets(
    space,
    findIdSets(catalog).filter((set) => !isOfOne(set)),
  );
}

/** What some sets of ranks are, in one row and step after the other. */
function* findSets(space: Space, found: readonly TextSet[]): Generator<FilterClass> {
  const ranks = rankTexts(space.catalog);
  for (const { filter, releases } of lists(space, false)) {
    const byRank = new Map(releases.map((release) => [ranks.of(release), release]));
    for (const set of found) {
      yield {
        filter: { ...filter, text: set.filter },
        releases: set.texts.flatMap((rank) => byRank.get(rank) ?? []),
      };
    }
  }
}

/** Without those that are answered as another of the same server. */
function* distinct(classes: Iterable<FilterClass>): Generator<FilterClass> {
  let asked: string | undefined;
  let known = new Set<string>();
  for (const each of classes) {
    const { serverVersion, enterprise, cloud } = each.filter;
    const server = `${serverVersion} ${enterprise} ${cloud}`;
    if (server !== asked) known = new Set();
    asked = server;
    const key = each.releases.map(({ position }) => position).join();
    if (known.has(key)) continue;
    known.add(key);
    yield each;
  }
}

/** The pages of an answer, of those of the sizes that cut it; `every` for all sizes there are. */
export function* pagesOf(
  whole: FilterClass,
  sizes: readonly number[] | 'every',
): Generator<FilterClass> {
  const { releases } = whole;
  const cutting =
    sizes === 'every'
      ? Array.from({ length: Math.max(0, releases.length - 1) }, (_, i) => i + 1)
      : sizes.filter((size) => size < releases.length);
  for (const perPage of cutting) {
    for (let page = 0; page * perPage < releases.length; page++) {
      yield cutPage(whole, page, perPage);
    }
  }
}

/** One page of an answer. */
export function cutPage(
  { filter, releases }: FilterClass,
  page: number,
  perPage: number,
): FilterClass {
  return {
    filter: { ...filter, page, perPage },
    releases: releases.slice(page * perPage, (page + 1) * perPage),
    whole: releases,
  };
}

function classOf(catalog: CatalogIndex, filter: Filter): FilterClass {
  return { filter, releases: evaluate(catalog, filter) ?? [] };
}

/** Each set of ranks that a filter finds, in names and descriptions or as a whole id. */
export function findRankSets(catalog: CatalogIndex): TextSet[] {
  const sets = new Map(findIdSets(catalog).map((set) => [set.texts.join(), set]));
  const texts = new TextSets(
    rankTexts(catalog).examples.flatMap(({ lowerName, lowerDescription }) => [
      lowerName,
      lowerDescription,
    ]),
  );
  const ids = new Set(catalog.map(({ lowerId }) => lowerId));
  for (const { texts: found, filter } of texts.sets()) {
    // A filter that is somebody's id finds more, and is there as one.
    if (ids.has(filter)) continue;
    const ranks = [...new Set(found.map((text) => text >> 1))];
    const key = ranks.join();
    if (!sets.has(key)) sets.set(key, { texts: ranks, filter });
  }
  return [...sets.values()];
}

/** For each id, the ranks that it finds: those of its plugins, and those in whose name or description it is. */
function findIdSets(catalog: CatalogIndex): TextSet[] {
  const { examples } = rankTexts(catalog);
  const found = new Map<string, Set<number>>();
  const texts = new TextIndex(
    examples.flatMap(({ lowerName, lowerDescription }) => [lowerName, lowerDescription]),
  );
  for (const [rank, { lowerId }] of examples.entries()) {
    const known = found.get(lowerId) ?? new Set(texts.find(lowerId).map((text) => text >> 1));
    found.set(lowerId, known.add(rank));
  }
  return [...found].map(([filter, set]) => ({ texts: [...set].sort((a, b) => a - b), filter }));
}
