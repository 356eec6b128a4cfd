// Edge dialect: the entry of the worker for Cloudflare Pages.

import {
  isOneOf,
  isOpen,
  textsToHash,
  UNAUTHORIZED,
  UNAUTHORIZED_HEADERS,
} from '../../router/access.ts';
import { CONTENT_TYPES } from '../../router/headers/content-types.ts';
import { errorHeaders, refusalHeaders, responseHeaders } from '../../router/headers/headers.ts';
import { matchesEtag } from '../../router/headers/matches-etag.ts';
import { parseQueryString, splitTarget } from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import { HAS_USERS } from '../../router/table/published.ts';
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

/** WebCrypto. */
declare const crypto: {
  subtle: Record<string, (algorithm: string, bytes: Uint8Array) => Promise<ArrayBuffer>>;
};
declare const TextEncoder: new () => { encode(text: string): Uint8Array };

/** Answers a request, if everybody may ask, or one of the users does. */
async function fetch(request: WorkerRequest, env: WorkerEnvironment): Promise<WorkerResponse> {
  const users = HAS_USERS === false ? undefined : TABLE.users;
  if (users && !isOpen(targetOf(request.url).path)) {
    const sent = request.headers.get('authorization') || '';
    const hashes = textsToHash(users, sent);
    for (let i = 0; i < hashes.length; i++) hashes[i] = await sha256(hashes[i] as string);
    if (!isOneOf(users, hashes)) return unauthorized();
  }
  return answer(request, env);
}

/** In hex. */
async function sha256(text: string): Promise<string> {
  // Quoted, or it would be shortened as the table's.
  const hash = crypto.subtle['digest'] as (typeof crypto.subtle)[string];
  const sent = new TextEncoder().encode(text);
  const bytes = new Uint8Array(await hash.call(crypto.subtle, 'SHA-256', sent));
  let hex = '';
  for (let i = 0; i < bytes.length; i++) hex += (256 + (bytes[i] as number)).toString(16).slice(1);
  return hex;
}

function unauthorized(): WorkerResponse {
  const headers = errorHeaders(UNAUTHORIZED.body);
  for (const name in UNAUTHORIZED_HEADERS) headers[name] = UNAUTHORIZED_HEADERS[name] as string;
  return new Response(UNAUTHORIZED.body, { status: UNAUTHORIZED.status, headers });
}

/** Path and query of an address, as sent. */
const targetOf = (url: string) => splitTarget(url.slice(hostEndOf(url)));

const hostEndOf = (url: string) => url.indexOf('/', url.indexOf('//') + 2);

/** Answers with a file of the snapshot, or with the router's refusal. */
function answer(
  request: WorkerRequest,
  env: WorkerEnvironment,
): WorkerResponse | Promise<WorkerResponse> {
  const url = request.url;
  const sent = targetOf(url);
  const routed = route(TABLE, request.method, sent.path, parseQueryString(sent.query));
  if (routed.status) {
    const headers = refusalHeaders(routed, sent.query);
    return new Response(routed.body, { status: routed.status, headers });
  }
  const file = url.slice(0, hostEndOf(url)) + assetPath(routed.path);
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
