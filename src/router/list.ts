// Edge dialect: this file is part of the router.
import type { Name } from './name.ts';
import { type Filter, type Refusal, refuse } from './request/parse-filter.ts';
import { digitAt } from './table/encoding.ts';
import { ALL_LISTS } from './table/published.ts';
import type { RoutingTable } from './table/routing-table.ts';
import type { View } from './table/scan-plugin.ts';

/**
 * What names a list of all plugins, which real clients ask for most: the build has worked it out. Null for what is no such list,
 * or is one page of it.
 */
export function findList(
  table: RoutingTable,
  filter: Filter,
  view: View,
): Name | Refusal | '' | null | undefined {
  if (filter.text || filter.pluginId) return null;
  const isPage =
    filter.perPage >= 0 &&
    (filter.page || filter.perPage < (table.longest[+filter.allVersions] as number));
  if (
    !(ALL_LISTS === undefined ? table.allLists : ALL_LISTS) &&
    filter.allVersions &&
    (isPage || !filter.enterprise || filter.serverVersion || filter.platform)
  ) {
    return refuse('return_all_versions', 'published', 'with plugin_id');
  }
  if (isPage) return null;
  const lists = table.lists.split(' ');
  let list = lists[view.row + 4 * +filter.allVersions] as string;
  if (list.length < 2) list = lists[digitAt(list)] as string;
  let at = list.length - 2;
  while ((list[at] as string) > view.step) at -= 2;
  const kind = table.kinds.split(' ')[digitAt(list, at + 1) - 1];
  return (
    kind && {
      folder: 'all/',
      since: list[at] as string,
      row: view.row ^ (digitAt(kind) & 3),
      free: digitAt(kind) >> 2,
      allVersions: filter.allVersions,
      suffix: '',
      patterns: [kind.slice(1)],
    }
  );
}
