import type { CatalogIndex } from '../src/query/catalog-index.ts';
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
