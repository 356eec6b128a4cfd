import type { RoutingTable } from '../edge/routing-table.ts';
import { type CatalogIndex, groupByPlugin, type IndexedRelease } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import type { Filter } from '../query/parse-filter.ts';
import { rankTexts } from './rank-texts.ts';
import { type Column, EVERYTHING, ROWS, type Space } from './space.ts';
import { type TextSet, TextSets } from './text-sets.ts';

/** The space of answers of one catalog. */
export interface AnswerSpace extends Space {
  /** A table that refuses nothing. */
  readonly table: RoutingTable;
}

/** Filters that are answered alike: one of them, for the default platform, and the answer. */
export interface FilterClass {
  readonly filter: Filter;
  readonly releases: readonly IndexedRelease[];
}

/** The lists of all plugins, in one row and column after the other. */
export function* lists({ catalog, columns }: AnswerSpace, allVersions: boolean) {
  for (const row of ROWS) {
    for (const { serverVersion } of columns) {
      const filter = { ...EVERYTHING, ...row, serverVersion, allVersions };
      yield classOf(catalog, filter);
    }
  }
}

/** Each plugin, in one row after the other, at the columns at which some of its releases begin or cease to be seen. */
export function* plugins(
  { catalog, columns }: AnswerSpace,
  allVersions: boolean,
): Generator<FilterClass> {
  for (const releases of groupByPlugin(catalog)) {
    const pluginId = releases[0]?.id ?? '';
    for (const { serverVersion } of findOwnColumns(releases, columns)) {
      for (const row of ROWS) {
        const filter = { ...EVERYTHING, ...row, serverVersion, allVersions, pluginId };
        yield classOf(releases, filter);
      }
    }
  }
}

/** The columns at which what is seen of some releases changes. Where none does, the router finds nothing to tell apart. */
function findOwnColumns(releases: CatalogIndex, columns: readonly Column[]): Column[] {
  let before: string | undefined;
  return columns.filter(({ serverVersion }) => {
    const seen = ROWS.map((row) => {
      const { releases: all } = classOf(releases, {
        ...EVERYTHING,
        ...row,
        serverVersion,
        allVersions: true,
      });
      return all.map(({ position }) => position).join();
    }).join(';');
    const isOwn = seen !== before;
    before = seen;
    return isOwn;
  });
}

/** The newest versions that texts find: each set of plugins that some text finds, in one row and column after the other. */
export function* searches(space: AnswerSpace): Generator<FilterClass> {
  const ranks = rankTexts(space.catalog);
  const sets = findRankSets(space.catalog).map(({ texts, filter }) => ({
    ranks: new Set(texts),
    filter,
  }));
  for (const { filter, releases } of lists(space, false)) {
    const ranked = releases.map((release) => ({ release, rank: ranks.of(release) }));
    const known = new Set<string>();
    for (const set of sets) {
      const found = ranked.filter(({ rank }) => set.ranks.has(rank));
      const key = found.map(({ rank }) => rank).join();
      if (known.has(key)) continue;
      known.add(key);
      yield {
        filter: { ...filter, text: set.filter },
        releases: found.map(({ release }) => release),
      };
    }
  }
}

/** The pages of an answer, of those of the sizes that cut it; `every` for all sizes there are. */
export function* pagesOf(
  { filter, releases }: FilterClass,
  sizes: readonly number[] | 'every',
): Generator<FilterClass> {
  const cutting =
    sizes === 'every'
      ? Array.from({ length: Math.max(0, releases.length - 1) }, (_, i) => i + 1)
      : sizes.filter((size) => size < releases.length);
  for (const perPage of cutting) {
    for (let page = 0; page * perPage < releases.length; page++) {
      yield {
        filter: { ...filter, page, perPage },
        releases: releases.slice(page * perPage, (page + 1) * perPage),
      };
    }
  }
}

function classOf(catalog: CatalogIndex, filter: Filter): FilterClass {
  return { filter, releases: evaluate(catalog, filter) ?? [] };
}

/** Each set of ranks that a filter finds, in names and descriptions or as a whole id. */
export function findRankSets(catalog: CatalogIndex): TextSet[] {
  const ranks = rankTexts(catalog);
  const texts = new TextSets(
    ranks.examples.flatMap(({ lowerName, lowerDescription }) => [lowerName, lowerDescription]),
  );
  const toRanks = (found: readonly number[]) => new Set(found.map((text) => text >> 1));
  const sets = new Map<string, TextSet>();
  const add = (found: ReadonlySet<number>, filter: string) => {
    const inOrder = [...found].sort((a, b) => a - b);
    const key = inOrder.join();
    if (!sets.has(key)) sets.set(key, { texts: inOrder, filter });
  };
  for (const id of new Set(catalog.map(({ lowerId }) => lowerId))) {
    const own = catalog.filter(({ lowerId }) => lowerId === id).map((release) => ranks.of(release));
    add(new Set([...toRanks(texts.textsWith(id)), ...own]), id);
  }
  for (const { texts: found, filter } of texts.sets()) {
    // A filter that is somebody's id finds more, and has been entered as one.
    if (!catalog.some(({ lowerId }) => lowerId === filter)) add(toRanks(found), filter);
  }
  return [...sets.values()];
}
