import assert from 'node:assert/strict';
import type { Release } from '../src/catalog/release.ts';
import { type CatalogIndex, indexCatalog } from '../src/query/catalog-index.ts';
import { evaluate } from '../src/query/evaluate.ts';
import { renderAnswer, renderRelease } from '../src/query/render.ts';
import { parseFilter } from '../src/router/request/parse-filter.ts';

/** The body of an answer by its meaning, as the evaluator states it; null where the request is refused. */
export function evaluatedAnswer(catalog: CatalogIndex, query: string): string | null {
  const filter = parseFilter(query);
  const found = 'error' in filter ? null : evaluate(catalog, filter);
  if ('error' in filter || found === null) return null;
  return renderAnswer(found.map(({ release }) => renderRelease(release, filter.platform)));
}

/** Checks that two catalogs of as many releases answer queries alike. */
export function assertSameAnswers(
  actual: readonly Release[],
  expected: readonly Release[],
  queries: readonly string[],
) {
  assert.equal(actual.length, expected.length);
  const [one, other] = [indexCatalog(actual), indexCatalog(expected)];
  for (const query of queries) {
    assert.equal(evaluatedAnswer(one, query), evaluatedAnswer(other, query), query);
  }
}
