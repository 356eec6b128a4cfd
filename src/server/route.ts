import type { IncomingHttpHeaders } from 'node:http';
import { toEdgeEvent } from '../snapshot/edge-event.ts';
import type { Site } from './load-site.ts';
import { errorReply, type Reply } from './reply.ts';
import type { SiteFile } from './site-file.ts';

/** Where a request leads: to a file of the site, or to a response as it stands. */
export type Routed = { readonly file: SiteFile } | { readonly reply: Reply };

/** What the HTTP layer alone decides, on CloudFront as here. */
const reservedHeaders = new Set(['connection', 'content-length', 'date', 'transfer-encoding']);

/**
 * Asks the site's router about a request, as CloudFront would.
 * `target` is the path and query as sent, in ASCII.
 *
 * @throws Error where the router throws, returns neither a request nor a response, or names a file
 * that the site does not have: all bugs of ours.
 */
export function route(
  site: Site,
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
): Routed {
  const event = toEdgeEvent(method, spellKeys(target), headers);
  const askedUri = event.request.uri;
  const answer: unknown = site.router(event);
  if (!isRecord(answer)) throw new Error('the router returned neither a request nor a response');
  if (answer['statusCode'] !== undefined) return { reply: toReply(answer) };

  const uri = answer['uri'];
  if (typeof uri !== 'string') throw new Error('the router returned a request without a uri');
  const file = site.files.get(uri);
  if (file !== undefined) return { file };
  if (uri === askedUri) return { reply: errorReply(404, 'There is nothing at this address.') };
  throw new Error(`the router names ${uri}, which snapshot.json does not list`);
}

/**
 * Writes small letters and `_` in the keys of the query as they are. A key in two spellings counts in the order in which they
 * were sent, and an event tells that of a single spelling only.
 */
function spellKeys(target: string): string {
  const mark = target.indexOf('?');
  if (mark < 0 || !target.includes('%', mark)) return target;
  const query = target
    .slice(mark + 1)
    .replace(/(?<=^|&)[^&=]*/g, (key) =>
      key.replace(/%(5f|6[1-9a-f]|7[\da])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
    );
  return `${target.slice(0, mark + 1)}${query}`;
}

function toReply(answer: Record<string, unknown>): Reply {
  const { statusCode, headers, body } = answer;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) {
    throw new Error(`the router returned the status ${String(statusCode)}`);
  }
  if (body !== undefined && typeof body !== 'string') {
    throw new Error('the router returned a body that is not a string');
  }
  return {
    status: Number(statusCode),
    headers: isRecord(headers) ? toHeaderList(headers) : [],
    body: Buffer.from(body ?? ''),
  };
}

function toHeaderList(headers: Record<string, unknown>): string[] {
  return Object.entries(headers).flatMap(([name, header]) => {
    if (reservedHeaders.has(name.toLowerCase()) || !isRecord(header)) return [];
    return [name, String(header['value'])];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
