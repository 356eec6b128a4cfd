// Edge dialect: this file is part of the router.
import { rowOf } from './axes.ts';
import { findList } from './list.ts';
import { type Found, findMembers } from './members.ts';
import { type Name, nameAnswer, setName } from './name.ts';
import { cutPage } from './page.ts';
import { type Filter, type Refusal, refuse } from './request/parse-filter.ts';
import { findRecord } from './store/find-record.ts';
import { digit } from './table/encoding.ts';
import { findStep } from './table/find-step.ts';
import { IN_STORE } from './table/published.ts';
import type { RoutingTable } from './table/routing-table.ts';
import type { View } from './table/scan-plugin.ts';

/** What names the answer to a filter, or why there is none. */
export function locate(table: RoutingTable, filter: Filter): Name | Refusal {
  const view = viewOf(table, filter);
  const list = findList(table, filter, view);
  if (list) return list;
  if (IN_STORE === undefined ? table.blocks : IN_STORE) return findRecord(table, filter, view);
  return nameFound(table, filter, view, findMembers(table, filter, view));
}

/** How the server that asks looks at plugins. */
export const viewOf = (table: RoutingTable, filter: Filter): View => ({
  classes: table.classes.split(' '),
  row: rowOf(filter),
  step: digit(findStep(table.steps.split(' '), filter.serverVersion)),
  allVersions: filter.allVersions,
  passed: {},
});

/** Names the answer with the plugins that were found; null: this search is not published. */
export function nameFound(
  table: RoutingTable,
  filter: Filter,
  view: View,
  found: Found | null,
): Name | Refusal {
  // What a text finds is published with its newest versions, unless it is one plugin.
  if (
    !found ||
    (filter.text &&
      view.allVersions &&
      found.members[1] &&
      found.members.some((plugin) => plugin.found[1]))
  ) {
    return refuse('filter', 'published', 'a plugin id');
  }
  const early = cutPage(table, filter, found);
  if (early) return early;
  const members = found.members;
  // One release of each plugin is what the list of newest versions holds.
  if (!found.suffix && members.every((plugin) => !plugin.found[1])) view.allVersions = false;
  let folder = 'all/';
  if (members[1] && !found.suffix && members.length === found.offered) {
    // The whole list is named without its plugins, so all of them tell since when it stands.
    found.members = found.plugins;
  } else {
    folder = setName(members);
  }
  return nameAnswer(table, view, folder, found);
}
