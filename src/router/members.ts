// Edge dialect: this file is part of the router.
import type { Filter } from './request/parse-filter.ts';
import { digitAt, escapeId, expand } from './table/encoding.ts';
import { HAS_GAPS, HAS_TEXTS, ONLY_IDS } from './table/published.ts';
import type { RoutingTable } from './table/routing-table.ts';
import { FIRST, LAST, type Sight, scanPlugin, type View } from './table/scan-plugin.ts';
import { foldText, readTexts } from './table/search.ts';

/** A plugin in question, and what the server sees of it. */
export interface Plugin extends Sight {
  /** Among those in question. */
  position: number;
  folder: string;
}

/** The plugins that a filter is about. */
export interface Found {
  /** Those in question, in the order of ids. */
  plugins: Plugin[];
  /** Those in the answer, in its order. */
  members: Plugin[];
  /** How many are offered, whether the text finds them or not. */
  offered: number;
  /** The digits of the position at which the first of them begins, and at which the last ends. */
  first: string;
  last: string;
  /** These positions as part of a file's name, such as `.0-1`; empty where every plugin is there whole. */
  suffix: string;
}

/** The plugins in question, and those in the answer; null where this search is not published. */
export function findMembers(table: RoutingTable, filter: Filter, view: View): Found | null {
  const text = foldText(filter.text, table.lowerCase);
  const textId = escapeId(text);
  const texts = HAS_TEXTS && text ? readTexts(table) : [];
  const members: Plugin[] = [];
  let offered = 0;
  let isRefused: unknown;
  const lines = readPlugins(table, filter.pluginId);
  if (
    (ONLY_IDS === undefined ? table.onlyIds : ONLY_IDS) &&
    text &&
    lines.every((fields) => foldText(fields[0] as string, table.lowerCase) !== textId)
  )
    return null;
  const plugins = lookAt(view, lines);
  plugins.forEach((plugin, i) => {
    const id = (lines[i] as string[])[0] as string;
    const isWhole = !text || foldText(id, table.lowerCase) === textId;
    const matching = plugin.ranks.split('').filter((rank) => {
      return (
        isWhole ||
        (HAS_TEXTS &&
          (texts[digitAt(rank)] as string[]).some((part, i) => {
            // What a text says that is never the newest may have been left out.
            if (HAS_GAPS) isRefused = isRefused || (i && !part);
            return part.indexOf(text) >= 0;
          }))
      );
    }).length;
    if (plugin.found) offered++;
    if (matching) members.push(plugin);
    isRefused = isRefused || matching % plugin.found.length;
  });
  return isRefused ? null : foundOf(plugins, members, offered);
}

/** What a server sees of plugins, by their lines. */
export const lookAt = (view: View, lines: string[][]): Plugin[] =>
  lines.map((fields, position) => {
    const plugin = scanPlugin(view, fields[1] as string, FIRST, LAST) as Plugin;
    plugin.position = position;
    plugin.folder = (fields[2] || fields[0]) as string;
    return plugin;
  });

/** The plugins in question, and those in the answer, in any order. */
export const foundOf = (plugins: Plugin[], members: Plugin[], offered: number): Found => ({
  plugins,
  members: members.sort((a, b) => (a.ranks < b.ranks ? -1 : 1)),
  offered,
  first: FIRST,
  last: LAST,
  suffix: '',
});

/** The fields of the plugin with an id, or of all plugins where it is empty. */
export function readPlugins(table: RoutingTable, id: string): string[][] {
  const plugins = expand(table.plugins, table.idAbbreviations);
  const at = id ? plugins.indexOf(`\n${escapeId(id)} `) : 0;
  return (at < 0 ? '' : plugins.slice(at))
    .split('\n')
    .slice(1, id ? 2 : Infinity)
    .map((line) => line.split(' '));
}
