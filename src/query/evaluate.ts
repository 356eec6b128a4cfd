import type { Filter } from '../router/request/parse-filter.ts';
import { type CatalogIndex, groupByPlugin, type IndexedRelease } from './catalog-index.ts';
import { newestOf, offeredTo } from './offer.ts';
import { compareNames, matchesText } from './texts.ts';

/**
 * What a filter answers: the releases in the order of the answer. This is the one statement of the API's meaning; the
 * platform changes how a release is rendered, not which are in the answer.
 *
 * @returns null for a page before the first of an answer that has pages: a refusal.
 */
export function evaluate(catalog: CatalogIndex, filter: Filter): IndexedRelease[] | null {
  const isOffered = offeredTo(filter);
  const kept = catalog.filter(
    (candidate) =>
      (filter.pluginId === '' || candidate.id === filter.pluginId) && isOffered(candidate),
  );
  const plugins = groupByPlugin(kept).map((plugin) =>
    filter.allVersions ? plugin : [newestOf(plugin)],
  );
  const isFound = matchesText(filter.text);
  return cutPage(inOrder(plugins.map((plugin) => plugin.filter(isFound))), filter);
}

/** The newest release of each plugin, whoever it is offered to, in the order of an answer: what people choose from. */
export function everyPlugin(catalog: CatalogIndex): IndexedRelease[] {
  return inOrder(groupByPlugin(catalog).map((plugin) => [newestOf(plugin)]));
}

/** A plugin stands where the name of its highest version in the answer puts it. */
export function inOrder(plugins: IndexedRelease[][]): IndexedRelease[] {
  return plugins
    .flatMap((plugin) => (plugin[0] ? [{ first: plugin[0], plugin }] : []))
    .sort((a, b) => compareNames(a.first, b.first))
    .flatMap(({ plugin }) => plugin);
}

function cutPage(releases: IndexedRelease[], { page, perPage }: Filter): IndexedRelease[] | null {
  if (perPage === -1) return releases;
  const start = page * perPage;
  if (start < 0 && releases.length > 0) return null;
  return releases.slice(start, start + perPage);
}
