// Edge dialect: the entry of the CloudFront Function.
import {
  MAX_PAIRS,
  type Parameters,
  parseQueryString,
} from '../../router/request/parse-query-string.ts';
import { ALLOWED_METHODS, route } from '../../router/route.ts';
import { TABLE } from '../../router/table/table.ts';

/** The part of a viewer-request event that the function reads. Keys and values of the query are as sent. */
interface ViewerRequest {
  method: string;
  uri: string;
  querystring: Record<string, { value: string; multiValue?: { value: string }[] }>;
}

interface GeneratedResponse {
  statusCode: number;
  headers: Record<string, { value: string }>;
  body: string;
}

/** Answers a viewer-request event: with the request, its path rewritten, or with a response of our own. */
export function handler(event: { request: ViewerRequest }): ViewerRequest | GeneratedResponse {
  const request = event.request;
  const routed = route(TABLE, request.method, request.uri, readParameters(request.querystring));
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
function readParameters(querystring: ViewerRequest['querystring']): Parameters | null {
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
