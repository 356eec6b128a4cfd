// Edge dialect: this file is part of the router with a store.
import { findList } from '../list.ts';
import { viewOf } from '../locate.ts';
import { readFilter } from '../request/parse-filter.ts';
import type { Parameters } from '../request/parse-query-string.ts';
import type { RoutingTable } from '../table/routing-table.ts';
import { pageFolder, subjectOf } from './find-record.ts';
import { blockOf } from './records.ts';

/** The number of the block that a request is answered from; null where the table answers it. */
export function blockFor(
  table: RoutingTable,
  path: string,
  parameters: Parameters | null,
): number | null {
  const blocks = table.blocks as number;
  // Without a slash it may lead to the page.
  const folder = pageFolder(path) || pageFolder(`${path}/`);
  if (folder) return blockOf(folder, blocks);
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
