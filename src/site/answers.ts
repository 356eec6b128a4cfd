import { resolve } from '../edge/resolve.ts';
import type { RoutingTable } from '../edge/routing-table.ts';
import type { CatalogIndex } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import type { Filter } from '../query/parse-filter.ts';
import type { RenderedCatalog } from './render-catalog.ts';
import { type Column, EVERYTHING, ROWS } from './space.ts';

/** A file of the snapshot: its path and the pieces it is made of. */
export interface Answer {
  /** As the router gives it. */
  readonly path: string;
  /** Numbers of pieces of the rendered catalog, in order. */
  readonly pieces: readonly number[];
}

/** The space of answers of one catalog. */
export interface AnswerSpace {
  readonly catalog: CatalogIndex;
  readonly columns: readonly Column[];
  readonly platforms: readonly string[];
  readonly rendered: RenderedCatalog;
  readonly pageSizes: readonly number[];
}

/**
 * Every answer of the space, each once. The evaluator says what is in it, the router where it lies: so the router finds by
 * construction what it is asked for.
 *
 * @throws {Error} where the router gives two different answers one path, or refuses one that is to be published: a bug.
 */
export function* findAnswers(space: AnswerSpace, table: RoutingTable): Generator<Answer> {
  const known = new Map<string, string>();
  for (const { filter, pieces } of everyClass(space)) {
    const path = resolve(table, filter);
    if (typeof path !== 'string') {
      throw new Error(`the router refuses ${JSON.stringify(filter)}: ${path.error}`);
    }
    const content = pieces.join();
    const before = known.get(path);
    if (before === undefined) {
      known.set(path, content);
      yield { path, pieces };
    } else if (before !== content) {
      throw new Error(`two answers would lie in ${path}, one for ${JSON.stringify(filter)}`);
    }
  }
}

/** One filter for each class of filters that are answered alike, with the answer. */
function* everyClass(space: AnswerSpace): Generator<{ filter: Filter; pieces: number[] }> {
  const platforms = ['', ...space.platforms];
  for (const view of everyView(space)) {
    const whole = evaluate(space.catalog, view) ?? [];
    const perPages = [-1, ...space.pageSizes.filter((size) => size < whole.length)];
    for (const perPage of perPages) {
      const pages = perPage === -1 ? 1 : Math.ceil(whole.length / perPage);
      for (let page = 0; page < pages; page++) {
        const onPage = perPage === -1 ? whole : whole.slice(page * perPage, (page + 1) * perPage);
        for (const [form, platform] of platforms.entries()) {
          const pieces = onPage.map(({ position }) => space.rendered.forms[position]?.[form] ?? -1);
          yield { filter: { ...view, page, perPage, platform }, pieces };
        }
      }
    }
  }
}

/** Whole answers, for the default platform: each selection for each row, column and versions. */
function* everyView({ catalog, columns }: AnswerSpace): Generator<Filter> {
  const ids = [...new Set(catalog.map(({ id }) => id))];
  for (const pluginId of ['', ...ids]) {
    for (const row of ROWS) {
      for (const { serverVersion } of columns) {
        for (const allVersions of [false, true]) {
          yield { ...EVERYTHING, ...row, pluginId, serverVersion, allVersions };
        }
      }
    }
  }
}
