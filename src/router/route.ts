// Edge dialect: this file is part of the router.

import { locate } from './locate.ts';
import { readPlugins } from './members.ts';
import { fileOf, type Name } from './name.ts';
import { matchWhole } from './request/match-whole.ts';
import type { Filter, Refusal } from './request/parse-filter.ts';
import { readFilter } from './request/parse-filter.ts';
import type { Parameters } from './request/parse-query-string.ts';
import type { RoutingTable } from './table/routing-table.ts';

/** What the router decides: the path of a file, or an error with a JSON body. */
export type Routed =
  | { path: string; status?: never }
  | { status: 400 | 404 | 405 | 503; body: string };

/** The methods that are answered; goes into the header `allow` of a 405. */
export const ALLOWED_METHODS = 'GET, HEAD';

export const error = (
  status: 400 | 404 | 405 | 503,
  body: Refusal | { error: string; allowed: string },
): Routed => ({ status, body: JSON.stringify(body) });

/** How a router finds what its table does not have by path. */
export interface Lookup {
  /** What names the answer to a filter, or why there is none. */
  locate: (table: RoutingTable, filter: Filter) => Name | Refusal;
  /** Whether a plugin has a page in a folder. */
  hasPage: (table: RoutingTable, folder: string) => boolean;
}

/** The folder of a path such as `/plugins/jira/`; empty for other paths. */
export const pageFolder = (path: string): string =>
  (matchWhole(/^\/plugins\/([^/]+)\//, path) || ['', ''])[1] as string;

/**
 * Maps a request to a file of the snapshot. Never throws, and knows nothing but the table.
 *
 * @param path the path of the URL as sent
 * @param parameters those of the query string; null where it is longer than what is read
 */
export const route = (
  table: RoutingTable,
  method: string,
  path: string,
  parameters: Parameters | null,
): Routed => routeBy({ locate, hasPage }, table, { method, path }, parameters);

const hasPage = (table: RoutingTable, folder: string): boolean =>
  readPlugins(table, '').some((fields) => folder === (fields[2] || fields[0]));

/** The same, with a look-up of one's own. */
export function routeBy(
  lookup: Lookup,
  table: RoutingTable,
  asked: { method: string; path: string },
  parameters: Parameters | null,
): Routed {
  const method = asked.method;
  const path = asked.path;
  // Mattermost servers up to 5.19 write a slash too many in front of the API where MarketplaceURL ends with one.
  const fixed = matchWhole(
    /^\/(about\/|feed\.xml|(openapi|(catalog))\.json|site\.(css|js)|icons\/([1-9]\d*)|\/{0,9}api\/v1\/(plugins|labels|health))?/,
    path,
  );
  let file = fixed && (fixed[6] || fixed[3]);
  if (fixed ? +(fixed[5] as string) > table.icons : !lookup.hasPage(table, pageFolder(path))) {
    return error(404, { error: 'no such page', allowed: '/api/v1/plugins, labels, health' });
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return error(405, { error: 'wrong method', allowed: ALLOWED_METHODS });
  }
  if (file === 'plugins') {
    const filter = readFilter(parameters);
    const name = 'error' in filter ? filter : lookup.locate(table, filter);
    if ('error' in name) return error(400, name);
    file = fileOf(table, name, (filter as Filter).platform);
  }
  return {
    path: table.root + (file ? `api/${file}.json` : `site${path.replace(/\/$/, '/index.html')}`),
  };
}
