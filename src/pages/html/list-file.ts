import { type Step, viewsOf } from '../../query/audience/space.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
} from '../../query/catalog-index.ts';
import { everyPlugin } from '../../query/evaluate.ts';
import { newestOf, offeredTo } from '../../query/offer.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import type { IconSet } from '../assets/loaded-files.ts';
import { type SlimList, slimPlugin } from '../shared/list/slim-list.ts';
import { type ListedPlugin, listRelease, type PluginFacts } from '../shared/listed-plugin.ts';
import { daysOf } from '../shared/words.ts';
import { pluginPagePath } from './page-frame.ts';

/** The options of `listFile`. */
export interface ListFileSource {
  readonly catalog: CatalogIndex;
  readonly steps: readonly Step[];
  /** Gives the number of an icon; undefined where it cannot be shown. */
  readonly numberOf: (dataUrl: string) => number | undefined;
  /** The address of the icons' folder, from the root of the site. */
  readonly folder: string;
}

/**
 * `/list.json`: from it, browsers work out which plugins a server is offered. It is none of the files with a digest in their address:
 * a page that was opened before the last change of the catalog has to find it.
 */
export function listFile({ catalog, steps, numberOf, folder }: ListFileSource): SiteFile {
  const iconOf = (dataUrl: string) => numberOf(dataUrl)?.toString();
  const asked = viewsOf(steps).map(offeredTo);
  const plugins = groupByPlugin(catalog).map((releases) => {
    const shown = new Set([newestOf(releases)]);
    for (const isOffered of asked) {
      const offered = releases.filter(isOffered);
      if (offered.length > 0) shown.add(newestOf(offered));
    }
    return slimPlugin(
      factsOf(releases, iconOf),
      releases.filter((release) => shown.has(release)),
    );
  });
  const list: SlimList = { folder, plugins };
  return {
    path: 'site/list.json',
    contentType: 'application/json',
    content: `${JSON.stringify(list)}\n`,
  };
}

/** Every plugin as the list shows it, in its order. */
export function listedPlugins(catalog: CatalogIndex, icons: IconSet): ListedPlugin[] {
  const facts = groupByPlugin(catalog).map((releases) => [releases[0]?.id, releases] as const);
  const releasesOf = new Map(facts);
  return everyPlugin(catalog).map(({ id, release }) => ({
    ...factsOf(releasesOf.get(id) ?? [], icons.pathOf),
    ...listRelease(release),
  }));
}

/** @param releases of one plugin, in the order of an index */
function factsOf(releases: readonly IndexedRelease[], iconOf: IconSet['pathOf']): PluginFacts {
  const { id, release } = newestOf(releases);
  const days = daysOf(releases);
  return {
    id,
    page: pluginPagePath(id),
    icon: iconOf(release.icon_data),
    added_on: days[0] ?? '',
    updated_on: days.at(-1) ?? '',
  };
}
