// Edge dialect: this file is part of the router.

import { platformSegment } from './platform-segment.ts';
import type { Filter, Refusal } from './request/parse-filter.ts';
import { refuse } from './request/parse-filter.ts';
import { setName } from './set-name.ts';
import { digit, digitAt } from './table/digit.ts';
import { escapeId } from './table/escape-id.ts';
import { expand } from './table/expand.ts';
import { findStep, stepName } from './table/find-step.ts';
import type { RoutingTable } from './table/routing-table.ts';
import { FIRST, LAST, type Sight, scanPlugin } from './table/scan-plugin.ts';
import { foldText, unpackTexts } from './table/search.ts';

/** A plugin in question. */
interface Plugin {
  folder: string;
  /** As in the routing table. */
  releases: string;
  /** What the server sees of it. */
  sight: Sight;
}

/** Where an answer lies, but for its platform. */
export interface Place {
  /** The path up to the platform. */
  start: string;
  /** The path from there on; empty where the platform does not matter. */
  end: string;
  /** The platform patterns of its releases. */
  patterns: string[];
}

/** The path of an answer for a platform. */
export const pathOf = (table: RoutingTable, place: Place, platform: string): string =>
  place.start +
  (place.end && platformSegment(table.platforms, platform, place.patterns) + place.end);

/**
 * Where the answer to a filter lies, such as `/snapshots/<id>/api/plugins/jira/9.5.0/` and `/any/any/latest.json`, or why
 * there is none. Its path names it: the plugins, the step since when they have been offered so, and what
 * matters of platform, edition and hosting. So equal answers share a path, and unequal ones never do; the build checks that.
 */
export function locate(table: RoutingTable, filter: Filter): Place | Refusal {
  const steps = table.steps.split(' ');
  const column = digit(findStep(steps, filter.serverVersion));
  let row = +filter.enterprise + 2 * +filter.cloud;
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
    let list = lists[row + 4 * +allVersions] as string;
    if (list.length < 2) list = lists[digitAt(list, 0)] as string;
    let at = list.length - 2;
    while ((list[at] as string) > column) at -= 2;
    const kind = table.kinds.split(' ')[digitAt(list, at + 1) - 1];
    if (kind) {
      since = list[at] as string;
      free = digitAt(kind, 0) >> 2;
      row ^= digitAt(kind, 0) & 3;
      patterns = [kind.slice(1)];
    }
  }

  if (!since) {
    const classes = table.classes.split(' ');
    const text = foldText(filter.text, table.lowerCase);
    const textId = escapeId(text);
    const noText = refuse('filter', 'published', 'a plugin id');
    const texts = text ? unpackTexts(table) : [];

    // The plugins in question, and those in the answer, in its order.
    let offered = 0;
    let total = 0;
    let isRefused = false;
    let isKnown = !text || !table.onlyIds;
    let members: Plugin[] = [];
    const lines = selectLines(table, filter.pluginId);
    const memo = {};
    const plugins = lines.map((line) => {
      const fields = line.split(' ');
      const id = fields[0] as string;
      const releases = fields[1] as string;
      const sight = scanPlugin(classes, memo, releases, row, column, allVersions, FIRST, LAST);
      const plugin = { folder: fields[2] || id, releases, sight };
      const isWhole = !text || foldText(id, table.lowerCase) === textId;
      if (isWhole) isKnown = true;
      const matching = sight.ranks.split('').filter((rank) => {
        const own = isWhole ? [''] : (texts[digitAt(rank, 0)] as string[]);
        // What a text says that is never the newest may have been left out.
        if (own[1] === '') isRefused = true;
        return isWhole || own.some((part) => part.indexOf(text) >= 0);
      }).length;
      if (sight.found) offered++;
      if (matching) members.push(plugin);
      if (matching % sight.found.length) isRefused = true;
      total += matching;
      return plugin;
    });
    if (isRefused || !isKnown) return noText;
    members.sort((a, b) => (a.sight.ranks < b.sight.ranks ? -1 : 1));

    // The page, as a range of releases.
    const from = perPage < 0 ? 0 : filter.page * perPage;
    const to = perPage < 0 ? total : Math.min(total, from + perPage);
    // Before what follows is asked: far from zero, `to` is `from`.
    if (total && from < 0) return refuse('page', 'valid', '0 or more');
    if (!total || from >= to) return { start: `${table.root}api/empty.json`, end: '', patterns };
    let first = FIRST;
    let last = LAST;
    if (to - from < total) {
      const sizes = table.pageSizes[text ? 2 : +allVersions] as number[];
      if (sizes.length && sizes.indexOf(perPage) < 0) {
        return refuse('per_page', 'published', `-1,${sizes}`);
      }
      // The plugins on it, and where among the releases of the first and the last it begins and ends.
      let next = 0;
      total = 0;
      members = members.filter((plugin) => {
        const found = plugin.sight.found;
        const start = next;
        next += found.length;
        if (next <= from || start >= to) return false;
        if (!total) first = found[from - start] as string;
        last = found[Math.min(to, next) - 1 - start] as string;
        total += found.length;
        return true;
      });
    }
    const isCut = to - from < total;
    if (isCut) {
      pages = `.${digitAt(first, 0)}-${digitAt(last, 0)}`;
    } else {
      first = FIRST;
      last = LAST;
      // One release of each plugin is what the list of newest versions holds.
      if (total === members.length) allVersions = false;
    }
    if (!members[1]) {
      selection = (members[0] as Plugin).folder;
    } else if (isCut || members.length < offered) {
      // Sets that texts find are published with their newest versions.
      if (text && allVersions) return noText;
      selection = setName(plugins, members);
    } else {
      // The whole list is named without its plugins, so all of them tell since when it stands.
      members = plugins;
    }

    let kinds = '';
    const read = (inRow: number, atColumn: string) => {
      const memo = {};
      kinds = '';
      return members
        .map((plugin, i) => {
          const begin = i ? FIRST : first;
          const end = members[i + 1] ? LAST : last;
          const sight = scanPlugin(
            classes,
            memo,
            plugin.releases,
            inRow,
            atColumn,
            allVersions,
            begin,
            end,
          );
          if (sight.since > since) since = sight.since;
          kinds += sight.kinds;
          return sight.found;
        })
        .join(' ');
    };
    const answer = read(row, column);
    const names = table.patterns.split(' ');
    patterns = kinds.split('').map((kind) => {
      return names[digitAt(classes[digitAt(kind, 0)] as string, 0)] as string;
    });
    // Of the rows that are answered alike at that step, the first names the answer; and an axis does not matter where the
    // answer is the same with its other value.
    const same = [0, 1, 2, 3].map((other) => other === row || read(other, since) === answer);
    row = same.indexOf(true);
    if (same[row ^ 1]) free = 1;
    if (same[row ^ 2] && (!free || same[row ^ 3])) free += 2;
  }

  const edition = free & 1 ? 'any' : row & 1 ? 'enterprise' : 'team';
  const hosting = free & 2 ? 'any' : row & 2 ? 'cloud' : 'on-prem';
  return {
    start: `${table.root}api/plugins/${selection}/${stepName(steps[digitAt(since, 0)] as string)}/`,
    end: `/${edition}/${hosting}/${allVersions ? 'all' : 'latest'}${pages}.json`,
    patterns,
  };
}

/** The lines of the plugins: that of an id, or all of them where it is empty. */
export function selectLines(table: RoutingTable, id: string): string[] {
  const plugins = expand(table.plugins, table.idAbbreviations);
  if (!id) return plugins.split('\n').slice(1);
  const at = plugins.indexOf(`\n${escapeId(id)} `);
  return at < 0 ? [] : [plugins.slice(at + 1).split('\n')[0] as string];
}
