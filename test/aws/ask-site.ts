import type { IncomingHttpHeaders } from 'node:http';
import { type EdgeEvent, toEdgeEvent } from '../../src/hosts/cloudfront/edge-event.ts';
import { decodeKey } from './api-request.ts';
import type { AwsState } from './aws-state.ts';
import type { EdgeCode } from './edge-code.ts';
import { toXml } from './xml.ts';

/** What a viewer asks the site. */
export interface ViewerRequest {
  readonly method: string;
  /** Path and query as sent: `/api/v1/plugins?platform=linux-amd64`. */
  readonly target: string;
  readonly headers?: IncomingHttpHeaders;
}

/** What a viewer gets. */
export interface SiteAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a viewer gets from the site in a state, from edges that have cached nothing: the function, then the origin. */
export function askSite(state: AwsState, request: ViewerRequest): SiteAnswer {
  const routed = routeAtEdge(state.function.stages.LIVE.code, request);
  return 'answer' in routed ? routed.answer : askOrigin(state, routed.uri);
}

/**
 * What the function makes of a request: the path to ask the origin for, which is the cache key (the cache policy includes
 * neither query string nor headers), or an answer of its own, which is not cached.
 */
export function routeAtEdge(
  code: EdgeCode,
  { method, target, headers = {} }: ViewerRequest,
): { readonly uri: string } | { readonly answer: SiteAnswer } {
  const event = { ...toEdgeEvent(method, target, headers), viewer: { ip: '198.51.100.1' } };
  const run = code.run(event as EdgeEvent);
  if ('request' in run) return { uri: run.request.uri };
  // "HTTP 503 status code (function execution error)" in the Developer Guide.
  if ('error' in run) {
    return {
      answer: { status: 503, headers: {}, body: Buffer.from('The CloudFront function failed.') },
    };
  }
  const { statusCode, headers: sent, body = '' } = run.response;
  const values = Object.entries(sent).map(([name, { value }]) => [name, value]);
  return {
    answer: { status: statusCode, headers: Object.fromEntries(values), body: Buffer.from(body) },
  };
}

/** What the bucket answers the distribution. It may read objects and not list them, so a missing one is 403. */
export function askOrigin(state: AwsState, uri: string): SiteAnswer {
  const key = decodeKey(uri.slice(1)) ?? '';
  const object = state.buckets.get(state.distribution.bucket)?.get(key);
  if (!object) {
    const body = toXml('Error', [
      ['Code', 'AccessDenied'],
      ['Message', 'Access Denied'],
    ]);
    return { status: 403, headers: { 'content-type': 'application/xml' }, body };
  }
  const { headers, etag, lastModified, body } = object;
  return {
    status: 200,
    headers: { ...headers, etag, 'last-modified': lastModified.toUTCString() },
    body,
  };
}
