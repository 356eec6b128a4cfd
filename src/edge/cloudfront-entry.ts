// Edge dialect: the entry of the CloudFront Function.
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
  const parameters = request.querystring;
  const pairs: string[] = [];
  for (const key in parameters) {
    const parameter = parameters[key] as ViewerRequest['querystring'][string];
    (parameter.multiValue || [parameter]).forEach((sent) => {
      pairs.push(`${key}=${sent.value}`);
    });
  }
  const routed = route(TABLE, request.method, request.uri, pairs.join('&'));
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
