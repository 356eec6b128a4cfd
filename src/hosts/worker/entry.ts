// Edge dialect: the entry of the worker for Cloudflare Pages.

import { CONTENT_TYPES } from '../../router/headers/content-types.ts';
import { errorHeaders, refusalHeaders, responseHeaders } from '../../router/headers/headers.ts';
import { matchesEtag } from '../../router/headers/matches-etag.ts';
import { parseQueryString, splitTarget } from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import { TABLE } from '../../router/table/table.ts';

/** The part of the platform that the worker uses. */
interface WorkerRequest {
  method: string;
  /** Absolute, as the platform normalizes it. */
  url: string;
  headers: { get(name: string): string | null };
}

interface WorkerResponse {
  status: number;
  headers: { get(name: string): string | null };
  body: unknown;
}

interface WorkerEnvironment {
  /** The files that were uploaded with the worker. */
  ASSETS: { fetch(url: string, options: { method: string }): Promise<WorkerResponse> };
}

declare const Response: new (
  body: unknown,
  options: { status: number; headers: Record<string, string> },
) => WorkerResponse;

/** Answers a request: with a file of the snapshot, or with the router's refusal. */
function fetch(
  request: WorkerRequest,
  env: WorkerEnvironment,
): WorkerResponse | Promise<WorkerResponse> {
  const url = request.url;
  const hostEnd = url.indexOf('/', url.indexOf('//') + 2);
  const sent = splitTarget(url.slice(hostEnd));
  const routed = route(TABLE, request.method, sent.path, parseQueryString(sent.query));
  if (routed.status) {
    const headers = refusalHeaders(routed, sent.query);
    return new Response(routed.body, { status: routed.status, headers });
  }
  const file = url.slice(0, hostEnd) + assetPath(routed.path);
  // We evaluate conditions: Pages compares with one tag, and does not support lists.
  return env.ASSETS.fetch(file, { method: request.method }).then((asset) => {
    if (asset.status !== 200) return missing();
    const etag = asset.headers.get('etag') || '';
    const isKnown = matchesEtag(request.headers.get('if-none-match') || '', etag);
    const status = isKnown ? 304 : 200;
    const headers = responseHeaders(CONTENT_TYPES, status, routed.path.slice(TABLE.root.length));
    headers['etag'] = etag;
    return new Response(isKnown ? null : asset.body, { status, headers });
  });
}

/** The URL of a file on Pages: it redirects from `/index.html` and `.html` to the path without. */
function assetPath(path: string): string {
  return path.replace(/(\/)index\.html$|\.html$/, '$1');
}

function missing(): WorkerResponse {
  const body = '{"error":"the file of this answer is missing"}';
  const headers = errorHeaders(body);
  headers['cache-control'] = 'no-store';
  return new Response(body, { status: 500, headers });
}

export default { fetch };
