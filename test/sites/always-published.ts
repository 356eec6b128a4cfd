import type { Release } from '../../src/catalog/release.ts';
import { findPlatforms, findSteps } from '../../src/query/audience/space.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
  indexCatalog,
} from '../../src/query/catalog-index.ts';
import { evaluate } from '../../src/query/evaluate.ts';
import { renderAnswer, renderRelease } from '../../src/query/render.ts';
import { renderCatalog } from '../../src/query/render-catalog.ts';
import type { Filter } from '../../src/router/request/parse-filter.ts';
import type { FilterClass } from '../../src/site/plan/answer-space.ts';
import { partsOf } from '../../src/site/plan/parts.ts';
import { ALWAYS_PUBLISHED, CLIENT_PAGE_SIZE } from '../../src/site/plan/published.ts';
import { GENEROUS } from './planned-site.ts';

/** A request that every build answers, and the answer by the evaluator. */
export interface PublishedRequest {
  /** `/api/v1/plugins?…` */
  readonly target: string;
  readonly body: string;
}

/**
 * A request for each class of filters that is always published, and for each platform: lists whole and in pages, plugins by their
 * id and by the id as a text, newest and all versions. What servers get without naming a page size is asked for so, too.
 *
 * @param stride of so many requests, one is made
 */
export function* alwaysPublished(
  releases: readonly Release[],
  stride: number,
): Generator<PublishedRequest> {
  const catalog = indexCatalog(releases);
  const platforms = findPlatforms(catalog);
  const rendered = renderCatalog(catalog, platforms);
  const space = { catalog, steps: findSteps(catalog), platforms, rendered };
  const bodyOf = evaluator(catalog);
  let number = 0;
  for (const filterClass of partsOf(space, GENEROUS)[0]?.classes(ALWAYS_PUBLISHED) ?? []) {
    for (const platform of filterClass.isForDefault ? [''] : ['', ...platforms]) {
      for (const filter of filtersOf(filterClass)) {
        if (number++ % stride > 0) continue;
        const asked = { ...filter, platform };
        yield { target: targetOf(asked), body: bodyOf(asked) };
      }
    }
  }
}

/** The filters of a class that a client may send. */
function filtersOf({ filter, releases, isForDefault }: FilterClass): Filter[] {
  const { pluginId, allVersions, perPage } = filter;
  if (isForDefault || perPage !== -1 || releases.length > CLIENT_PAGE_SIZE) return [filter];
  const byDefault = { ...filter, perPage: CLIENT_PAGE_SIZE };
  const asText = { ...byDefault, pluginId: '', text: pluginId };
  return [filter, byDefault, ...(pluginId && !allVersions ? [asText] : [])];
}

/** Gives the body of an answer. Each release is rendered once. */
function evaluator(catalog: CatalogIndex): (filter: Filter) => string {
  const plugins = new Map(groupByPlugin(catalog).map((own) => [own[0]?.id ?? '', own]));
  const pieces = new Map<string, string>();
  const render = ({ release, position }: IndexedRelease, platform: string) => {
    const key = `${position} ${platform}`;
    const piece = pieces.get(key) ?? renderRelease(release, platform);
    pieces.set(key, piece);
    return piece;
  };
  return (filter) => {
    const found = evaluate(plugins.get(filter.pluginId) ?? catalog, filter) ?? [];
    return renderAnswer(found.map((each) => render(each, filter.platform)));
  };
}

function targetOf(filter: Filter): string {
  const parameters = {
    cloud: `${filter.cloud}`,
    enterprise_plugins: `${filter.enterprise}`,
    filter: filter.text,
    page: `${filter.page}`,
    per_page: `${filter.perPage}`,
    platform: filter.platform,
    plugin_id: filter.pluginId,
    return_all_versions: `${filter.allVersions}`,
    server_version: filter.serverVersion,
  };
  return `/api/v1/plugins?${new URLSearchParams(parameters)}`;
}
