import { UserError } from '../../../lib/errors.ts';
import { matchesEtag } from '../../../router/headers/matches-etag.ts';
import { readContent, readGzip } from '../../../snapshot/read-content.ts';
import type { LiveSite } from '../site/live-site.ts';
import { type FileForm, route, type Site, type SiteFile } from '../site/load-site.ts';
import type { ByteCache, UnreadBodies } from './bodies.ts';
import { BUNDLES_PATH, type LivePack, sendBundle } from './bundles.ts';
import { type Exchange, errorReply, type Reply } from './exchange.ts';
import { findFault } from './find-fault.ts';
import { prefersGzip } from './prefers-gzip.ts';
import { refuseStrangers } from './refuse-strangers.ts';

/** The data needed to answer. */
export interface Responder {
  readonly site: LiveSite;
  /** The bundles to serve as well, if any. */
  readonly pack: LivePack | undefined;
  /** Keyed by digest, so that a new build keeps what it shares with the old one, and nothing is ever stale. */
  readonly bodies: ByteCache;
  /** Bounds the memory that slow clients hold. */
  readonly unread: UnreadBodies;
  /** Gets a line about each error of ours. */
  readonly report: (line: string) => void;
}

/** The folder may be replaced again while a request is routed again, but hardly three times. */
const MAXIMUM_RENEWALS = 3;

/** Answers a request from the current site, or with a bundle. Never throws. */
export function respond(responder: Responder, exchange: Exchange): void {
  try {
    const { pack } = responder;
    const fault = findFault(exchange.request);
    if (fault !== undefined) {
      exchange.send(fault);
    } else if (pack !== undefined && exchange.target.startsWith(BUNDLES_PATH)) {
      answerBundle(responder, exchange, pack).catch((error) => fail(responder, exchange, error));
    } else {
      answer(responder, exchange);
    }
  } catch (error) {
    fail(responder, exchange, error);
  }
}

/** Leaves addresses of no bundle to the router. */
async function answerBundle(responder: Responder, exchange: Exchange, pack: LivePack) {
  const address = exchange.target.replace(/\?.*/s, '');
  const bundle = await pack.find(address);
  if (bundle === undefined) return answer(responder, exchange);
  const { method } = exchange.request;
  if (method === 'GET' || method === 'HEAD') {
    exchange.path = address.slice(1);
    await sendBundle(exchange, bundle);
  } else {
    await bundle.handle.close();
    exchange.send(errorReply(405, 'A bundle answers GET and HEAD only.', 'Allow', 'GET, HEAD'));
  }
}

/**
 * The page of an unknown path is the only one with absolute addresses: a router that knows no prefix makes it.
 *
 * @param prefix what a proxy in front has cut from the path, such as `/marketplace`
 */
function belowPrefix(reply: Reply, prefix: string | string[] | undefined): Reply {
  if (reply.status !== 404 || !/^(\/[\w.~-]+)+$/.test(`${prefix}`)) return reply;
  const body = Buffer.from(String(reply.body).replace(/=\//g, `=${prefix}/`));
  const headers = [...reply.headers, 'Vary', 'X-Forwarded-Prefix'];
  headers[headers.indexOf('Content-Length') + 1] = `${body.length}`;
  return { ...reply, headers, body };
}

/** Awaits nothing if the body is in memory. Bundles come before: no server sends a password for one. */
function answer(responder: Responder, exchange: Exchange): void {
  const { method = 'GET', url = '/', headers } = exchange.request;
  const site = responder.site.current;
  const refused = refuseStrangers(site.users, exchange);
  if (refused !== undefined) {
    exchange.path = undefined;
    exchange.send(refused);
    return;
  }
  const routed = route(site, method, url);
  if ('reply' in routed) {
    exchange.path = undefined;
    exchange.send(belowPrefix(routed.reply, headers['x-forwarded-prefix']));
    return;
  }
  const { file } = routed;
  const isGzip = file.compressed !== undefined && prefersGzip(headers['accept-encoding']);
  const form = isGzip ? file.compressed : file.plain;
  exchange.path = file.path;
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, form.etag)) {
    exchange.send({ status: 304, headers: form.cacheHeaders });
    return;
  }
  const body = takeBody(responder, site, file, isGzip);
  if (!(body instanceof Promise)) {
    sendFile(responder, exchange, form, body);
    return;
  }
  body
    .then((bytes) => sendFile(responder, exchange, form, bytes))
    .catch((error) => answerAgain(responder, exchange, site, error))
    .catch((error) => fail(responder, exchange, error));
}

function takeBody({ bodies }: Responder, { root }: Site, file: SiteFile, isGzip: boolean) {
  return isGzip && file.gzip !== undefined
    ? bodies.take(file.gzip.sha256, () => readGzip(root, file))
    : bodies.take(file.sha256, () => readContent(root, file));
}

/** The folder was replaced between routing and reading: routes again, with the router of the new build. */
async function answerAgain(
  responder: Responder,
  exchange: Exchange,
  stale: Site,
  error: unknown,
): Promise<void> {
  if (!(error instanceof UserError) || exchange.renewals === MAXIMUM_RENEWALS) throw error;
  exchange.renewals += 1;
  await responder.site.renew(stale);
  answer(responder, exchange);
}

function sendFile(responder: Responder, exchange: Exchange, form: FileForm, body: Buffer): void {
  const { unread } = responder;
  if (exchange.request.method !== 'HEAD' && !unread.hasRoomFor(body)) {
    const busy = 'The server is busy. Try again in a moment.';
    exchange.send(errorReply(503, busy, 'Retry-After', '1'));
    return;
  }
  exchange.send({ status: 200, headers: form.headers, body });
  if (exchange.bodyBytes > 0 && exchange.isWaiting) {
    unread.add(body);
    exchange.whenDone(() => unread.release(body));
  }
}

function fail({ report }: Responder, exchange: Exchange, error: unknown): void {
  const { request, response, target } = exchange;
  const message = error instanceof Error ? error.message : error;
  report(`${request.method} ${target}: 500, ${String(message)}`);
  exchange.path = undefined;
  if (response.headersSent) response.destroy();
  else exchange.send(errorReply(500, 'The server could not answer this request.'));
}
