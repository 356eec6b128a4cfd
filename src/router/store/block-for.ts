// Edge dialect: this file is part of the router with a store.
import { findList } from '../list.ts';
import { viewOf } from '../locate.ts';
import { matchWhole } from '../request/match-whole.ts';
import { readFilter } from '../request/parse-filter.ts';
import type { Parameters } from '../request/parse-query-string.ts';
import type { RoutingTable } from '../table/routing-table.ts';
import { subjectOf } from './find-record.ts';
import { blockOf } from './records.ts';

/** The number of the block that a request is answered from; null where the table answers it. */
export function blockFor(
  table: RoutingTable,
  path: string,
  parameters: Parameters | null,
): number | null {
  const blocks = table.blocks as number;
  // Without the slash at its end, the path of a page leads there.
  const page = matchWhole(/^\/plugins\/([^/]+)(\/(feed\.xml)?)?/, path);
  if (page) return blockOf(page[1] as string, blocks);
  const filter = readFilter(parameters);
  if (
    !/\/plugins$/.test(path) ||
    'error' in filter ||
    findList(table, filter, viewOf(table, filter))
  ) {
    return null;
  }
  return blockOf(subjectOf(table, filter), blocks);
}
