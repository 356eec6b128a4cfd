// Edge dialect: the entry of the CloudFront Function.
import { type Parameters, parseQueryString } from '../query/parse-query-string.ts';
import { ALLOWED_METHODS, route } from './route.ts';
import { TABLE } from './table.ts';

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
  const parameters = readParameters(request.querystring);
  const routed = route(TABLE, request.method, request.uri, parameters);
  if ('path' in routed) {
    request.uri = routed.path;
    request.querystring = {};
    return request;
  }
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

/**
 * The parameters of a query. Of a key that was sent in two spellings, such as `filter` and `%66ilter`, the event does not tell
 * which came first.
 */
function readParameters(querystring: ViewerRequest['querystring']): Parameters {
  const parameters: Parameters = {};
  for (const key in querystring) {
    const sent = querystring[key] as ViewerRequest['querystring'][string];
    const pairs = (sent.multiValue || [sent]).map((each) => `${key}=${each.value}`);
    const own = parseQueryString(pairs.join('&'));
    for (const name in own) {
      const value = own[name] as string;
      parameters[name] = name in parameters && parameters[name] !== value ? null : value;
    }
  }
  return parameters;
}
