// Edge dialect: this file is part of the router.
import type { Filter, Refusal } from '../query/parse-filter.ts';
import { refuse } from '../query/parse-filter.ts';
import { digit, digitAt } from './digit.ts';
import { escapeId } from './escape-id.ts';
import { findStep } from './find-step.ts';
import { platformSegment } from './platform-segment.ts';
import type { RoutingTable } from './routing-table.ts';
import { FIRST, LAST, type Sight, scanPlugin } from './scan-plugin.ts';
import { countMatches, foldText, unpackTexts } from './search.ts';
import { setName } from './set-name.ts';

/** A plugin in question. */
export interface Plugin {
  folder: string;
  /** As in the routing table. */
  releases: string;
  /** What the server sees of it. */
  sight: Sight;
}

/** The number of the combination of edition and hosting that a request comes from. */
export function rowOf(enterprise: boolean, cloud: boolean): number {
  return (enterprise ? 1 : 0) + (cloud ? 2 : 0);
}

/** Where an answer lies, but for its platform. */
export interface Place {
  /** The path up to the platform. */
  start: string;
  /** The path from there on. */
  end: string;
  /** The platform patterns of its releases. */
  patterns: string[];
}

/**
 * The path of the file that holds the answer to a filter, such as
 * `/snapshots/<id>/api/plugins/jira/9.5.0/linux-amd64/any/any/latest.json`, or why there is none.
 */
export function resolve(table: RoutingTable, filter: Filter): string | Refusal {
  const place = locate(table, filter);
  return 'start' in place ? pathOf(table, place, filter.platform) : place;
}

/** The path of an answer for a platform. */
export function pathOf(table: RoutingTable, place: Place, platform: string): string {
  if (!place.end) return place.start;
  return place.start + platformSegment(table.platforms, platform, place.patterns) + place.end;
}

/**
 * Where the answer to a filter lies. Its path names it: the plugins, the step since when they have been offered so, and what
 * matters of platform, edition and hosting. So equal answers share a path, and unequal ones never do; the build checks that.
 */
export function locate(table: RoutingTable, filter: Filter): Place | Refusal {
  const steps = table.steps.split(' ');
  const column = digit(findStep(steps, filter.serverVersion));
  const row = rowOf(filter.enterprise, filter.cloud);
  const perPage = filter.perPage;
  let allVersions = filter.allVersions;
  let selection = 'all';
  let pages = '';
  let since = '';
  let free = 0;
  let patterns: string[] = [];

  // What real clients ask for most has been worked out by the build.
  const isLong = perPage >= 0 && (filter.page || perPage < (table.longest[+allVersions] as number));
  if (!filter.text && !filter.pluginId && !isLong) {
    const lists = table.lists.split(' ');
    let list = lists[row + (allVersions ? 4 : 0)] as string;
    if (list.length < 2) list = lists[digitAt(list, 0)] as string;
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
    const text = foldText(filter.text, table.lowerCase);
    const refuseText = () =>
      refuse('filter', filter.text, 'is not published', 'a filter of newest versions, or none');
    if (text && !table.texts) return refuseText();
    const texts = text ? unpackTexts(table) : [];

    // The plugins in question, and those in the answer, in its order.
    const plugins: Plugin[] = [];
    const offered: Plugin[] = [];
    let members: Plugin[] = [];
    let total = 0;
    const lines = selectLines(table.plugins, filter.pluginId);
    for (let i = 0; i < lines.length; i++) {
      const fields = (lines[i] as string).split(' ');
      const id = fields[0] as string;
      const releases = fields[1] as string;
      const sight = scanPlugin(classes, releases, row, column, allVersions, FIRST, LAST);
      const plugin = { folder: fields[2] || id, releases, sight };
      plugins.push(plugin);
      const matching = countMatches(sight.ranks, foldText(id, table.lowerCase), texts, text);
      if (sight.found) offered.push(plugin);
      if (matching) members.push(plugin);
      if (matching % sight.found.length) return refuseText();
      total += matching;
    }
    members.sort((a, b) => (a.sight.ranks < b.sight.ranks ? -1 : 1));

    // The page, as a range of releases.
    const from = perPage < 0 ? 0 : filter.page * perPage;
    const to = perPage < 0 ? total : Math.min(total, from + perPage);
    if (!total || from >= to) {
      return { start: `${table.root}api/empty.json`, end: '', patterns };
    }
    if (from < 0) return refuse('page', `${filter.page}`, 'is not valid', 'an integer from 0 up');
    let first = FIRST;
    let last = LAST;
    if (to - from < total) {
      const sizes = table.pageSizes[text ? 2 : +allVersions] as number[];
      if (sizes.length && sizes.indexOf(perPage) < 0) {
        return refuse(
          'per_page',
          `${perPage}`,
          'is not published',
          `-1 or one of ${sizes.join(', ')}`,
        );
      }
      // The plugins on it, and where among the releases of the first and the last it begins and ends.
      const touched: Plugin[] = [];
      let count = 0;
      total = 0;
      for (let i = 0; i < members.length; i++) {
        const plugin = members[i] as Plugin;
        const found = plugin.sight.found;
        const next = count + found.length;
        if (next > from && count < to) {
          if (!total) first = found[from - count] as string;
          last = found[Math.min(to, next) - 1 - count] as string;
          touched.push(plugin);
          total += found.length;
        }
        count = next;
      }
      members = touched;
    }
    const isCut = to - from < total;
    if (!isCut) {
      first = FIRST;
      last = LAST;
      // One release of each plugin is what the list of newest versions holds.
      if (total === members.length) allVersions = false;
    }
    const isSome = members.length < offered.length;
    if (members.length < 2) {
      selection = (members[0] as Plugin).folder;
    } else if (isSome || isCut) {
      // Sets that texts match are published with their newest versions.
      if (text && allVersions) return refuseText();
      selection = setName(plugins, members);
    } else {
      // The whole list is named without its plugins, so all of them tell since when it stands.
      members = plugins;
    }
    if (isCut) pages = `.${digitAt(first, 0)}-${digitAt(last, 0)}`;

    const read = (inRow: number, atColumn: string) => {
      const answer = { found: '', kinds: '', since: FIRST };
      for (let i = 0; i < members.length; i++) {
        const start = i ? FIRST : first;
        const end = i < members.length - 1 ? LAST : last;
        const releases = (members[i] as Plugin).releases;
        const sight = scanPlugin(classes, releases, inRow, atColumn, allVersions, start, end);
        answer.found += `${sight.found} `;
        answer.kinds += sight.kinds;
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

    const names = table.patterns.split(' ');
    for (let i = 0; i < answer.kinds.length; i++) {
      const release = classes[digitAt(answer.kinds, i)] as string;
      patterns.push(names[digitAt(release, 0)] as string);
    }
  }

  const edition = free & 1 ? 'any' : filter.enterprise ? 'enterprise' : 'team';
  const hosting = free & 2 ? 'any' : filter.cloud ? 'cloud' : 'on-prem';
  return {
    start: `${table.root}api/plugins/${selection}/${steps[digitAt(since, 0)]}/`,
    end: `/${edition}/${hosting}/${allVersions ? 'all' : 'latest'}${pages}.json`,
    patterns,
  };
}

function selectLines(plugins: string, id: string): string[] {
  if (!id) return plugins.split('\n').slice(1);
  const at = plugins.indexOf(`\n${escapeId(id)} `);
  return at < 0 ? [] : [plugins.slice(at + 1).split('\n')[0] as string];
}
