import { compareText } from '../lib/compare-text.ts';
import type { Filter } from '../router/request/parse-filter.ts';
import { versionKey } from '../router/request/version-key.ts';
import { AXES } from './axes.ts';
import { type CatalogIndex, groupByPlugin, type IndexedRelease } from './catalog-index.ts';
import { lowerCase } from './lower-case.ts';

/**
 * What a filter answers: the releases in the order of the answer. This is the one statement of the API's meaning; the
 * platform changes how a release is rendered, not which are in the answer.
 *
 * @returns null for a page before the first of an answer that has pages: a refusal.
 */
export function evaluate(catalog: CatalogIndex, filter: Filter): IndexedRelease[] | null {
  const kept = catalog.filter(offered(filter));
  const plugins = groupByPlugin(kept).map((plugin) =>
    filter.allVersions ? plugin : [newest(plugin)],
  );
  const matching = filter.text === '' ? plugins : plugins.map(matches(filter.text));
  return cutPage(inOrder(matching), filter);
}

/** The newest release of each plugin, whoever it is offered to, in the order of an answer: what people choose from. */
export function everyPlugin(catalog: CatalogIndex): IndexedRelease[] {
  return inOrder(groupByPlugin(catalog).map((plugin) => [newest(plugin)]));
}

function offered(filter: Filter): (candidate: IndexedRelease) => boolean {
  const serverKey = filter.serverVersion === '' ? null : versionKey(filter.serverVersion);
  return ({ release, id, minServerKey }) =>
    (filter.pluginId === '' || id === filter.pluginId) &&
    (serverKey === null || minServerKey <= serverKey) &&
    AXES.every(({ key, offers }) => offers(release, filter[key], serverKey));
}

/** The highest version; of equal ones the last in the catalog. */
function newest(plugin: IndexedRelease[]): IndexedRelease {
  const first = plugin[0] as IndexedRelease;
  return plugin.findLast(({ versionRank }) => versionRank === first.versionRank) ?? first;
}

function matches(filterText: string): (plugin: IndexedRelease[]) => IndexedRelease[] {
  const text = lowerCase(filterText);
  return (plugin) =>
    plugin.filter(
      ({ lowerId, lowerName, lowerDescription }) =>
        lowerId === text || lowerName.includes(text) || lowerDescription.includes(text),
    );
}

/** A plugin stands where the name of its highest version in the answer puts it. */
export function inOrder(plugins: IndexedRelease[][]): IndexedRelease[] {
  return plugins
    .flatMap((plugin) => (plugin[0] ? [{ first: plugin[0], plugin }] : []))
    .sort(
      (a, b) =>
        compareText(a.first.lowerName, b.first.lowerName) || compareText(a.first.id, b.first.id),
    )
    .flatMap(({ plugin }) => plugin);
}

function cutPage(releases: IndexedRelease[], { page, perPage }: Filter): IndexedRelease[] | null {
  if (perPage === -1) return releases;
  const start = page * perPage;
  if (start < 0 && releases.length > 0) return null;
  return releases.slice(start, start + perPage);
}
