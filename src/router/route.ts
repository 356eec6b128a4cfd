// Edge dialect: this file is part of the router.

import { locate } from './locate.ts';
import { readPlugins } from './members.ts';
import { fileOf } from './name.ts';
import { matchWhole } from './request/match-whole.ts';
import type { Filter, Refusal } from './request/parse-filter.ts';
import { readFilter } from './request/parse-filter.ts';
import type { Parameters } from './request/parse-query-string.ts';
import { hasPageRecord } from './store/find-record.ts';
import { IN_STORE } from './table/published.ts';
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

/**
 * Maps a request to a file of the snapshot. Never throws, and knows nothing but the table.
 *
 * @param path the path of the URL as sent
 * @param parameters those of the query string; null where it is longer than what is read
 */
export function route(
  table: RoutingTable,
  method: string,
  path: string,
  parameters: Parameters | null,
): Routed {
  // Mattermost servers up to 5.19 write a slash too many in front of the API where MarketplaceURL ends with one.
  const fixed = matchWhole(
    /^\/(about\/|feed\.xml|(openapi|list|(catalog))\.json|site\.(css|js)|icons\/([1-9]\d*)|\/{0,9}api\/v1\/(plugins|labels|health))?/,
    path,
  );
  let file = fixed && (fixed[6] || fixed[3]);
  if (fixed ? +(fixed[5] as string) > table.icons : !hasPage(table, path)) {
    return error(404, { error: 'no such page', allowed: '/api/v1/plugins, labels, health' });
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return error(405, { error: 'wrong method', allowed: ALLOWED_METHODS });
  }
  if (file === 'plugins') {
    const filter = readFilter(parameters);
    const name = 'error' in filter ? filter : locate(table, filter);
    if ('error' in name) return error(400, name);
    file = fileOf(table, name, (filter as Filter).platform);
  }
  return {
    path: table.root + (file ? `api/${file}.json` : `site${path.replace(/\/$/, '/index.html')}`),
  };
}

/** Whether a path is that of a plugin's page. */
const hasPage = (table: RoutingTable, path: string): boolean =>
  (IN_STORE === undefined ? table.blocks : IN_STORE)
    ? hasPageRecord(table, path)
    : readPlugins(table, '').some((fields) => path === `/plugins/${fields[2] || fields[0]}/`);
