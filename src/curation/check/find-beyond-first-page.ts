import type { LocatedRelease } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { EVERYTHING } from '../../query/audience/space.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';

/** How many plugins a server gets without a page size, which no server sends. */
const { perPage: PAGE_SIZE } = parseFilter('') as Filter;

/** How many plugins a message names. */
const MOST_NAMED = 5;

/**
 * Plugins that some server never sees, since it is offered more than go on a page: servers ask for the first one only. A
 * newer server sees all that an older one does, and an Enterprise server all that others do, so the newest Enterprise
 * servers of either hosting see the most.
 */
export function findBeyondFirstPage(located: readonly LocatedRelease[]): Problem[] {
  const index = indexCatalog(located.map(({ release }) => release));
  const serverVersion = newestMinimum(located);
  const lists = [false, true].map((cloud) => {
    const view = { ...EVERYTHING, serverVersion, enterprise: true, cloud };
    return { cloud, plugins: evaluate(index, view) ?? [] };
  });
  const [longest] = lists.sort((a, b) => b.plugins.length - a.plugins.length);
  const beyond = longest?.plugins.slice(PAGE_SIZE).map(({ id }) => id) ?? [];
  if (beyond.length === 0) return [];
  const named = beyond.slice(0, MOST_NAMED).join(', ');
  const rest = beyond.length - MOST_NAMED;
  const server = `a server ${serverVersion}${longest?.cloud ? ' in the cloud' : ''}`;
  return [
    {
      level: 'warning',
      check: 'beyond-first-page',
      message: `${longest?.plugins.length} plugins are listed for ${server}, and servers ask for the first ${PAGE_SIZE} only: they never show ${named}${rest > 0 ? ` and ${rest} more` : ''}`,
      remedy: 'leave out plugins that nobody needs; by id they can still be installed',
    },
  ];
}

function newestMinimum(located: readonly LocatedRelease[]): string {
  return located
    .map(({ release }) => release.manifest.min_server_version || '5.25.0')
    .reduce((a, b) => ((versionKey(a) ?? '') < (versionKey(b) ?? '') ? b : a), '5.25.0');
}
