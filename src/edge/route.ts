// Edge dialect: this file is part of the router.
import type { Refusal } from '../query/parse-filter.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { resolve } from './resolve.ts';
import type { RoutingTable } from './routing-table.ts';

/** What the router decides: the path of a file, or an error with a JSON body. */
export type Routed = { path: string } | { status: 400 | 404 | 405; body: string };

/** Headers of every error. */
export const ERROR_HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=60',
  'access-control-allow-origin': '*',
};

/** The methods that are answered; goes into the header `allow` of a 405. */
export const ALLOWED_METHODS = 'GET, HEAD';

/**
 * Maps a request to a file of the snapshot. Never throws, and knows nothing but the table.
 *
 * @param path the path of the URL as sent
 * @param query the query string as sent, without `?`
 */
export function route(table: RoutingTable, method: string, path: string, query: string): Routed {
  const isPlugins = path === '/api/v1/plugins';
  let file = '';
  if (path === '/') file = 'site/index.html';
  if (path === '/api/v1/labels') file = 'api/labels.json';
  if (path === '/api/v1/health') file = 'api/health.json';
  if (!file && !isPlugins) {
    return error(404, {
      error: 'no such page',
      allowed: '/api/v1/plugins, /api/v1/labels, /api/v1/health',
    });
  }
  if (method !== 'GET' && method !== 'HEAD') {
    return error(405, {
      error: `method ${method.slice(0, 20)} is not allowed`,
      allowed: ALLOWED_METHODS,
    });
  }
  if (file) return { path: table.root + file };
  const filter = parseFilter(query);
  const answer = 'error' in filter ? filter : resolve(table, filter);
  return typeof answer === 'string' ? { path: answer } : error(400, answer);
}

function error(
  status: 400 | 404 | 405,
  body: Refusal | { error: string; allowed: string },
): Routed {
  return { status, body: `${JSON.stringify(body)}\n` };
}
