import type { ServerResponse } from 'node:http';
import { UserError } from '../../../lib/errors.ts';
import { matchesEtag } from '../../../router/headers/matches-etag.ts';
import { readContent, readGzip } from '../../../snapshot/read-content.ts';
import type { Exchange } from '../connection/exchange.ts';
import type { UnreadBodies } from '../connection/unread-bodies.ts';
import { BUNDLES_PATH, type LivePack } from '../pack/live-pack.ts';
import { sendBundle } from '../pack/send-bundle.ts';
import type { ByteCache } from '../site/byte-cache.ts';
import { findFault } from '../site/find-fault.ts';
import type { LiveSite } from '../site/live-site.ts';
import type { Site } from '../site/load-site.ts';
import type { SiteFile } from '../site/site-file.ts';
import { prefersGzip } from './prefers-gzip.ts';
import { errorReply, type Reply } from './reply.ts';
import { route } from './route.ts';

/** What answering takes. */
export interface Responder {
  readonly site: LiveSite;
  /** The bundles to serve beside it, if any. */
  readonly pack: LivePack | undefined;
  /** By digest: so a new build keeps what it shares with the old one, and nothing is ever stale. */
  readonly bodies: ByteCache;
  /** Bounds what clients that do not read hold. */
  readonly unread: UnreadBodies;
  /** Whether this answer is the last on its connection. */
  readonly isLast: (response: ServerResponse) => boolean;
  /** Told what went wrong where an answer is 500; one line. */
  readonly report: (line: string) => void;
}

/** The folder may be replaced again while the request is routed again; three times is no accident. */
const maximumRenewals = 3;

/** Answers a request from the site that is current, or with a bundle. Never throws. */
export function respond(responder: Responder, exchange: Exchange): void {
  try {
    const { request, target } = exchange;
    const { pack } = responder;
    const fault = findFault(request);
    if (fault !== undefined) {
      sendReply(responder, exchange, fault);
    } else if (pack !== undefined && target.startsWith(BUNDLES_PATH)) {
      answerBundle(responder, exchange, pack).catch((error) => fail(responder, exchange, error));
    } else {
      answer(responder, exchange);
    }
  } catch (error) {
    fail(responder, exchange, error);
  }
}

/** What is no bundle is for the router, which says so. */
async function answerBundle(responder: Responder, exchange: Exchange, pack: LivePack) {
  const { request, response, target } = exchange;
  const address = target.replace(/\?.*/s, '');
  const bundle = await pack.find(address);
  if (bundle === undefined) {
    answer(responder, exchange);
  } else if (request.method === 'GET' || request.method === 'HEAD') {
    exchange.path = address.slice(1);
    const last = responder.isLast(response) ? ['Connection', 'close'] : [];
    await sendBundle(exchange, bundle, last);
  } else {
    await bundle.handle.close();
    const { headers, ...reply } = errorReply(405, 'Bundles are there to GET.');
    sendReply(responder, exchange, { ...reply, headers: [...headers, 'Allow', 'GET, HEAD'] });
  }
}

/** Awaits nothing where the body is in memory. */
function answer(responder: Responder, exchange: Exchange): void {
  const { request, target } = exchange;
  const site = responder.site.current;
  const routed = route(site, request.method ?? 'GET', target);
  if ('reply' in routed) {
    exchange.path = undefined;
    sendReply(responder, exchange, routed.reply);
    return;
  }
  const { file } = routed;
  exchange.path = file.path;
  const gzip = prefersGzip(request.headers['accept-encoding']) ? file.gzip : undefined;
  const isGzip = gzip !== undefined;
  const ifNoneMatch = request.headers['if-none-match'];
  if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, isGzip ? file.gzipEtag : file.etag)) {
    sendNotModified(responder, exchange, file, isGzip);
    return;
  }
  const body = isGzip
    ? responder.bodies.take(gzip.sha256, () => readGzip(site.root, file))
    : responder.bodies.take(file.sha256, () => readContent(site.root, file));
  if (!(body instanceof Promise)) {
    sendFile(responder, exchange, file, isGzip, body);
    return;
  }
  body
    .then((bytes) => sendFile(responder, exchange, file, isGzip, bytes))
    .catch((error) => answerAfresh(responder, exchange, site, error))
    .catch((error) => fail(responder, exchange, error));
}

/** The folder was replaced between routing and reading: routes again, by the new build's router. */
async function answerAfresh(
  responder: Responder,
  exchange: Exchange,
  stale: Site,
  error: unknown,
): Promise<void> {
  if (!(error instanceof UserError) || exchange.renewals === maximumRenewals) throw error;
  exchange.renewals += 1;
  await responder.site.renew(stale);
  answer(responder, exchange);
}

function sendFile(
  responder: Responder,
  exchange: Exchange,
  file: SiteFile,
  isGzip: boolean,
  body: Buffer,
): void {
  if (exchange.request.method !== 'HEAD' && !responder.unread.take(body, exchange.response)) {
    const { headers, ...reply } = errorReply(503, 'Too much is being sent. Ask again in a moment.');
    sendReply(responder, exchange, { ...reply, headers: [...headers, 'Retry-After', '1'] });
    return;
  }
  const headers = cacheHeaders(file, isGzip);
  headers.push('X-Content-Type-Options', 'nosniff', 'Content-Type', file.contentType);
  headers.push(...file.ownHeaders);
  if (isGzip) headers.push('Content-Encoding', 'gzip');
  send(responder, exchange, 200, headers, body);
}

function sendNotModified(
  responder: Responder,
  exchange: Exchange,
  file: SiteFile,
  isGzip: boolean,
): void {
  send(responder, exchange, 304, cacheHeaders(file, isGzip), undefined);
}

/** What 200 and 304 both say. */
function cacheHeaders(file: SiteFile, isGzip: boolean): string[] {
  return [
    'ETag',
    isGzip ? file.gzipEtag : file.etag,
    'Cache-Control',
    'public, max-age=60',
    'Access-Control-Allow-Origin',
    '*',
    'Vary',
    'Accept-Encoding',
  ];
}

function sendReply(responder: Responder, exchange: Exchange, reply: Reply): void {
  const isBodiless = reply.status === 204 || reply.status === 304;
  const body = isBodiless ? undefined : reply.body;
  send(responder, exchange, reply.status, [...reply.headers], body);
}

function send(
  responder: Responder,
  exchange: Exchange,
  status: number,
  headers: string[],
  body: Buffer | undefined,
): void {
  const { request, response } = exchange;
  if (body !== undefined) headers.push('Content-Length', String(body.length));
  // What follows a request with another method may be a body of which no length was told.
  if (status === 405 || responder.isLast(response)) headers.push('Connection', 'close');
  response.writeHead(status, headers);
  if (body === undefined || request.method === 'HEAD') {
    response.end();
  } else {
    exchange.bodyBytes = body.length;
    response.end(body);
  }
}

function fail(responder: Responder, exchange: Exchange, error: unknown): void {
  const { request, response, target } = exchange;
  const message = error instanceof Error ? error.message : error;
  responder.report(`${request.method} ${target}: 500, ${String(message)}`);
  exchange.path = undefined;
  if (response.headersSent) response.destroy();
  else sendReply(responder, exchange, errorReply(500, 'The server could not answer this request.'));
}
