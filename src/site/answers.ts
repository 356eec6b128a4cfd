import { createHash } from 'node:crypto';
import { resolve } from '../edge/resolve.ts';
import type { RoutingTable } from '../edge/routing-table.ts';
import type { CatalogIndex, IndexedRelease } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import type { Filter } from '../query/parse-filter.ts';
import type { RenderedCatalog } from './render-catalog.ts';
import { type Column, EVERYTHING, ROWS } from './space.ts';

/** A file of the snapshot: its path and what it is made of. */
export interface Answer {
  /** As the router gives it. */
  readonly path: string;
  /** In the order of the answer. */
  readonly releases: readonly IndexedRelease[];
  /** Which form of each: 0 for the default, else the platform's number. */
  readonly form: number;
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
 * Every answer of the space that is not empty, each once. The evaluator says what is in it, the router where it lies: so the
 * router finds by construction what it is asked for.
 *
 * @throws {Error} where the router gives two different answers one path, or refuses one that is to be published: a bug.
 */
export function findAnswers(space: AnswerSpace, table: RoutingTable): Answer[] {
  const answers: Answer[] = [];
  const contents = new Map<string, string>();
  for (const { filter, releases, form } of everyClass(space)) {
    const path = resolve(table, filter);
    if (typeof path !== 'string') {
      throw new Error(`the router refuses ${JSON.stringify(filter)}: ${path.error}`);
    }
    const content = contentKey(space, releases, form);
    const known = contents.get(path);
    if (known === undefined) {
      contents.set(path, content);
      if (releases.length > 0) answers.push({ path, releases, form });
    } else if (known !== content) {
      throw new Error(`two answers would lie in ${path}, one for ${JSON.stringify(filter)}`);
    }
  }
  return answers;
}

/** Equal for answers of equal bytes; short, since there is one for every file. */
function contentKey(space: AnswerSpace, releases: readonly IndexedRelease[], form: number): string {
  const key = releases.map(({ position }) => space.rendered.forms[position]?.[form]).join();
  return key.length > 64 ? createHash('sha256').update(key).digest('base64') : key;
}

/** One filter for each class of filters that are answered alike, with the answer. */
function* everyClass(space: AnswerSpace) {
  const platforms = ['', ...space.platforms];
  for (const view of everyView(space)) {
    const whole = evaluate(space.catalog, view) ?? [];
    for (const { page, perPage } of everyPage(whole.length, space.pageSizes)) {
      const releases = perPage === -1 ? whole : whole.slice(page * perPage, (page + 1) * perPage);
      for (const [form, platform] of platforms.entries()) {
        yield { filter: { ...view, page, perPage, platform }, releases, form };
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

/** The whole answer, then its pages of those sizes that cut it. */
function* everyPage(length: number, pageSizes: readonly number[]) {
  yield { page: 0, perPage: -1 };
  for (const perPage of pageSizes) {
    if (perPage >= length) continue;
    for (let page = 0; page * perPage < length; page++) yield { page, perPage };
  }
}
