// Edge dialect: this file is part of the router.

import { SCRIPT } from './headers/loaded-numbers.ts';
import { locate } from './locate.ts';
import { readPlugins } from './members.ts';
import { fileOf } from './name.ts';
import { matchWhole } from './request/match-whole.ts';
import type { Filter, Refusal } from './request/parse-filter.ts';
import { readFilter } from './request/parse-filter.ts';
import type { Parameters } from './request/parse-query-string.ts';
import { pageKey, readRecord } from './store/records.ts';
import { IN_STORE } from './table/published.ts';
import type { RoutingTable } from './table/routing-table.ts';

/**
 * What the router decides: the path of a file; an error with its body, JSON or HTML; or 308, whose body is where the page is,
 * relative to the path.
 */
export type Routed = { path: string; status?: never } | Refused;

export interface Refused {
  status: 308 | 400 | 401 | 404 | 405 | 503;
  body: string;
}

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
    /^\/(about\/|plugins\/(([^/]+)\/(feed\.xml)?)?|(feed|sitemap)\.xml|robots\.txt|favicon\.ico|(openapi|list|(catalog|signed))\.json|files\/(\w{8})\/([1-9]\d*)|\/{0,9}api\/v1\/(plugins|labels|health))?/,
    path,
  );
  let file = fixed && (fixed[10] || fixed[7]);
  if (
    !fixed ||
    +(fixed[9] as string) > table.files ||
    (fixed[8] || table.digest) !== table.digest ||
    (fixed[3] && !hasPage(table, fixed[3]))
  ) {
    if (/^\/+api\//.test(path)) {
      return error(404, { error: 'no such page', allowed: 'see /openapi.json' });
    }
    const name = path.split('/').pop();
    // As short as it can be: its script (`browser/start-lost.ts`) makes a page of it.
    return name && !route(table, method, `${path}/`, parameters).status
      ? { status: 308, body: `${name}/` }
      : {
          status: 404,
          body: `<!doctype html><html lang=en><script src=/files/${table.digest}/${SCRIPT}></script><h1>No such page</h1><a href=/>All plugins</a>`,
        };
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

/** Whether a plugin's page is in a folder. */
const hasPage = (table: RoutingTable, folder: string): unknown =>
  (IN_STORE === undefined ? table.blocks : IN_STORE)
    ? readRecord(table.records as string, pageKey(folder))
    : readPlugins(table, '').some((fields) => folder === (fields[2] || fields[0]));
