// Edge dialect: this file is part of the router.
import type { Filter, Refusal } from '../query/parse-filter.ts';
import { refuse } from '../query/parse-filter.ts';
import { digit, digitAt } from './digit.ts';
import { escapeId } from './escape-id.ts';
import { findStep } from './find-step.ts';
import { platformSegment } from './platform-segment.ts';
import type { RoutingTable } from './routing-table.ts';
import { scanPlugin } from './scan-plugin.ts';
import { setName } from './set-name.ts';

/** A plugin in question. */
export interface Plugin {
  folder: string;
  /** As in the routing table. */
  releases: string;
  /** Digit of its rank in the list. */
  rank: string;
  /** How many of its releases are in the answer. */
  count: number;
}

/** The number of the combination of edition and hosting that a request comes from. */
export function rowOf(enterprise: boolean, cloud: boolean): number {
  return (enterprise ? 1 : 0) + (cloud ? 2 : 0);
}

/**
 * The path of the file that holds the answer to a filter, such as
 * `/snapshots/<id>/api/plugins/jira/9.5.0/linux-amd64/any/any/latest.json`, or why there is none.
 *
 * A path names its answer: the plugins, the step since when they have been offered so, and what matters of platform, edition
 * and hosting. So equal answers share a path, and unequal ones never do; the build checks that.
 */
export function resolve(table: RoutingTable, filter: Filter): string | Refusal {
  const steps = table.steps.split(' ');
  const column = digit(findStep(steps, filter.serverVersion));
  const row = rowOf(filter.enterprise, filter.cloud);
  let allVersions = filter.allVersions;
  let selection = 'all';
  let pages = '';
  let since = '';
  let free = 0;
  let patterns: string[] = [];

  if (filter.text) {
    return refuse('filter', filter.text, 'is not published', 'an empty filter');
  }

  // What real clients ask for most has been worked out by the build.
  const isWholeList =
    !filter.pluginId &&
    (filter.perPage < 0 ||
      (filter.page === 0 && filter.perPage >= (table.longest[allVersions ? 1 : 0] as number)));
  if (isWholeList) {
    const lists = table.lists.split(' ');
    let list = lists[row + (allVersions ? 4 : 0)] as string;
    if (list.length === 1) list = lists[digitAt(list, 0)] as string;
    let at = list.length - 2;
    while ((list[at] as string) > column) at -= 2;
    const kind = table.kinds.split(' ')[digitAt(list, at + 1) - 1];
    if (kind) {
      since = list[at] as string;
      free = digitAt(kind, 0);
      patterns = [kind.slice(1)];
    }
  }

  if (!since) {
    const classes = table.classes.split(' ');

    // The plugins in question, and those that this server is offered, in the order of the answer.
    const plugins: Plugin[] = [];
    let members: Plugin[] = [];
    let total = 0;
    const lines = selectLines(table.plugins, filter.pluginId);
    for (let i = 0; i < lines.length; i++) {
      const fields = (lines[i] as string).split(' ');
      const releases = fields[1] as string;
      const sight = scanPlugin(classes, releases, row, column, allVersions, Infinity);
      const count = sight.found.length;
      const plugin = {
        folder: (fields[2] || fields[0]) as string,
        releases,
        rank: sight.rank,
        count,
      };
      plugins.push(plugin);
      if (count) members.push(plugin);
      total += count;
    }
    members.sort((a, b) => (a.rank < b.rank ? -1 : 1));

    // The page, as a range of releases; then as a range within the plugins that it touches.
    let from = filter.perPage < 0 ? 0 : filter.page * filter.perPage;
    let to = filter.perPage < 0 ? total : Math.min(total, from + filter.perPage);
    if (!total || from >= to) return `${table.root}api/empty.json`;
    if (from < 0) return refuse('page', `${filter.page}`, 'is not valid', 'an integer from 0 up');
    if (to - from < total) {
      if (table.pageSizes.indexOf(filter.perPage) < 0) {
        const allowed = `-1 or one of ${table.pageSizes.join(', ')}`;
        return refuse('per_page', `${filter.perPage}`, 'is not published', allowed);
      }
      const touched: Plugin[] = [];
      let passed = 0;
      let skipped = 0;
      total = 0;
      for (let i = 0; i < members.length; i++) {
        const plugin = members[i] as Plugin;
        if (passed + plugin.count <= from) skipped += plugin.count;
        else if (passed < to) {
          touched.push(plugin);
          total += plugin.count;
        }
        passed += plugin.count;
      }
      members = touched;
      from -= skipped;
      to -= skipped;
      selection = setName(plugins, members);
    }
    const isCut = to - from < total;
    if (isCut) pages = `.${from}-${to}`;
    // One release of each plugin is what the list of newest versions holds.
    else if (total === members.length) allVersions = false;
    if (members.length === 1) selection = (members[0] as Plugin).folder;
    // The whole list is named without its plugins, so all of them tell since when it stands.
    else if (selection === 'all') members = plugins;

    const read = (inRow: number, atColumn: string) => {
      const answer = { found: '', since: digit(0) };
      let left = isCut ? to : Infinity;
      for (let i = 0; i < members.length; i++) {
        const releases = (members[i] as Plugin).releases;
        const sight = scanPlugin(classes, releases, inRow, atColumn, allVersions, left);
        answer.found += `${sight.found} `;
        left -= sight.found.length;
        if (sight.since > answer.since) answer.since = sight.since;
      }
      return answer;
    };
    const answer = read(row, column);
    since = answer.since;
    // An axis that does not matter at that step: the answer is the same with its other value.
    const isSame = (other: number) => read(row ^ other, since).found === answer.found;
    if (isSame(1)) free = 1;
    if (isSame(2) && (!free || isSame(3))) free |= 2;

    const classDigits = answer.found.replace(/ /g, '').slice(from, to);
    const names = table.patterns.split(' ');
    for (let i = 0; i < classDigits.length; i++) {
      const release = classes[digitAt(classDigits, i)] as string;
      const pattern = names[digitAt(release, 0)] as string;
      if (patterns.indexOf(pattern) < 0) patterns.push(pattern);
    }
  }

  const segments = [
    selection,
    steps[digitAt(since, 0)],
    platformSegment(table.platforms, filter.platform, patterns),
    free & 1 ? 'any' : filter.enterprise ? 'enterprise' : 'team',
    free & 2 ? 'any' : filter.cloud ? 'cloud' : 'on-prem',
  ];
  const versions = allVersions ? 'all' : 'latest';
  return `${table.root}api/plugins/${segments.join('/')}/${versions}${pages}.json`;
}

function selectLines(plugins: string, id: string): string[] {
  if (!id) return plugins.split('\n').slice(1);
  const at = plugins.indexOf(`\n${escapeId(id)} `);
  return at < 0 ? [] : [plugins.slice(at + 1).split('\n')[0] as string];
}
