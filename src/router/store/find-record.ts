// Edge dialect: this file is part of the router with a store.
import type { Name } from '../name.ts';
import { type Filter, type Refusal, refuse } from '../request/parse-filter.ts';
import { digitAt } from '../table/encoding.ts';
import type { RoutingTable } from '../table/routing-table.ts';
import type { View } from '../table/scan-plugin.ts';
import { foldText } from '../table/search.ts';
import { filterKey, listKey, PAGE_SIZE, pluginKey, readRecord } from './records.ts';

const NOTHING = { folder: '' } as Name;

/** What the records about a filter are about. */
export const subjectOf = (table: RoutingTable, filter: Filter): string =>
  filter.text ? foldText(filter.text, table.lowerCase) : filter.pluginId || pageOf(filter);

/** The number of a page of the published size; empty for others. */
const pageOf = (filter: Filter): string =>
  filter.perPage === PAGE_SIZE && filter.page >= 0 ? `${filter.page}` : '';

/** As `locate`, from the block about the filter. */
export function findRecord(table: RoutingTable, filter: Filter, view: View): Name | Refusal {
  const perPage = filter.perPage;
  const text = filter.text;
  const pluginId = filter.pluginId;
  const allVersions = filter.allVersions;
  if (text && (pluginId || allVersions)) return refuse('filter', 'published', 'a plugin id alone');
  const keyOf = (page: string) => {
    if (text) return filterKey(subjectOf(table, filter), page);
    return pluginId ? pluginKey(pluginId, allVersions, page) : listKey(allVersions, page);
  };
  const page = pageOf(filter) && readName(table, view, keyOf(pageOf(filter)));
  if (page) return page.count ? page : NOTHING;
  const whole = readName(table, view, keyOf(''));
  if (text && !whole) return refuse('filter', 'published', 'a plugin id');
  const start = perPage < 0 ? 0 : filter.page * perPage;
  // Of a list, a page behind its end has no record.
  const count = whole ? whole.count : 0;
  if (!whole || !count || !perPage || start >= count) return NOTHING;
  if (start < 0) return refuse('page', 'valid', '0 or more');
  if (perPage < 0 || (!start && perPage >= count)) return whole;
  return refuse('per_page', 'published', `-1,${PAGE_SIZE}`);
}

/** The name in a record, and how many releases the answer has; null where there is no record. */
function readName(table: RoutingTable, view: View, key: string): Counted | null {
  const record = readRecord(table.records as string, key);
  if (!record) return null;
  const rows = (record[1] as string).split('!');
  const states = rows[view.row % rows.length] as string;
  let at = states.length - 2;
  while (at >= 0 && (states[at] as string) > view.step) at -= 2;
  // Before its first state, and where the answer is empty, there is nothing in it.
  return nameOf(table, record, at < 0 ? '' : (record[digitAt(states, at + 1) + 2] as string));
}

/** A name, and how many releases the answer has. */
interface Counted extends Name {
  count: number;
}

/** The name that one of a record's kinds stands for. */
export function nameOf(table: RoutingTable, record: string[], kind: string): Counted {
  const axes = digitAt(kind, 1);
  const end = 4 + table.platforms.split(' ').length;
  const rest = kind.slice(end);
  const isPage = rest[0] === '.';
  return {
    folder: isPage || !rest ? (record[0] as string) : rest,
    since: kind[0] as string,
    row: axes & 3,
    free: axes >> 2,
    allVersions: kind[2] === 'a',
    suffix: isPage ? rest : '',
    patterns: [kind.slice(4, end)],
    count: digitAt(kind, 3) || 0,
  };
}
