// Edge dialect: this file is part of the CloudFront Function.
import {
  isOneOf,
  isOpen,
  textsToHash,
  UNAUTHORIZED,
  UNAUTHORIZED_HEADERS,
} from '../../router/access.ts';
import { refusalHeaders } from '../../router/headers/headers.ts';
import { MAX_PAIRS } from '../../router/request/parse-query-string.ts';
import type { Routed } from '../../router/route.ts';

/** The part of a viewer-request event that the function reads. Keys and values of the query are as sent. */
export interface ViewerRequest {
  method: string;
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
  headers: Record<string, { value: string }>;
}

/** A response of the function's own. */
export interface GeneratedResponse {
  statusCode: number;
  headers: Record<string, { value: string }>;
  body: string;
}

/**
 * The request, its path rewritten, or a response of our own.
 *
 * @param query from `readQuery`
 */
export function respond(
  request: ViewerRequest,
  routed: Routed,
  query: string,
): ViewerRequest | GeneratedResponse {
  if (routed.status) {
    const sent = refusalHeaders(routed, query);
    const headers: GeneratedResponse['headers'] = {};
    for (const name in sent) headers[name] = { value: sent[name] as string };
    return { statusCode: routed.status, headers, body: routed.body };
  }
  request.uri = routed.path;
  request.querystring = {};
  return request;
}

/** The query, as far as its parameters are read. Each spelling of a key is where it was sent first. */
export function readQuery(querystring: ViewerRequest['querystring']): string {
  const pairs: string[] = [];
  for (const key in querystring) {
    const sent = querystring[key] as ViewerRequest['querystring'][string];
    const isFew = (sent.multiValue || [sent]).every(
      (each) => pairs.push(`${key}=${each.value}`) <= MAX_PAIRS,
    );
    if (!isFew) break;
  }
  return pairs.join('&');
}

/** CloudFront's own `require`, which the bundler puts here. */
declare const loadModule: (name: 'crypto') => {
  createHash(algorithm: string): {
    update(text: string): { [name: string]: (coding: string) => string };
  };
};

/** The refusal of a request that none of the users has sent; undefined where one has, or everybody may. */
export function refuseStrangers(
  users: string,
  request: ViewerRequest,
): GeneratedResponse | undefined {
  const sent = request.headers['authorization'];
  const hashes = textsToHash(users, sent ? sent.value : '').map((text) => {
    const hash = loadModule('crypto').createHash('sha256').update(text);
    // Quoted, or it would be shortened as the table's.
    return (hash['digest'] as (coding: string) => string).call(hash, 'hex');
  });
  if (isOpen(request.uri) || isOneOf(users, hashes)) return undefined;
  const refused = respond(request, UNAUTHORIZED, '') as GeneratedResponse;
  for (const name in UNAUTHORIZED_HEADERS) {
    refused.headers[name] = { value: UNAUTHORIZED_HEADERS[name] as string };
  }
  return refused;
}
