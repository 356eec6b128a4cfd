// Edge dialect: this file is part of the CloudFront Function.
import {
  MAX_PAIRS,
  type Parameters,
  parseQueryString,
} from '../../router/request/parse-query-string.ts';
import { ALLOWED_METHODS, type Routed } from '../../router/route.ts';

/** The part of a viewer-request event that the function reads. Keys and values of the query are as sent. */
export interface ViewerRequest {
  method: string;
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
}

/** A response of the function's own. */
export interface GeneratedResponse {
  statusCode: number;
  headers: Record<string, { value: string }>;
  body: string;
}

/** The request, its path rewritten, or a response of our own. */
export function respond(request: ViewerRequest, routed: Routed): ViewerRequest | GeneratedResponse {
  if (routed.status) {
    return {
      statusCode: routed.status,
      headers: {
        'content-type': { value: 'application/json' },
        'cache-control': { value: 'max-age=60' },
        'access-control-allow-origin': { value: '*' },
        allow: { value: ALLOWED_METHODS },
      },
      body: routed.body,
    };
  }
  request.uri = routed.path;
  request.querystring = {};
  return request;
}

/** The parameters of a query that are read, joined. Each spelling of a key is where it was sent first. */
export function readParameters(querystring: ViewerRequest['querystring']): Parameters | null {
  const pairs: string[] = [];
  for (const key in querystring) {
    const sent = querystring[key] as ViewerRequest['querystring'][string];
    const isFew = (sent.multiValue || [sent]).every(
      (each) => pairs.push(`${key}=${each.value}`) <= MAX_PAIRS,
    );
    if (!isFew) break;
  }
  return parseQueryString(pairs.join('&'), true);
}
