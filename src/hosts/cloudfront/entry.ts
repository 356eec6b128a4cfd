// Edge dialect: the entry of the CloudFront Function.
import { route } from '../../router/route.ts';
import { TABLE } from '../../router/table/table.ts';
import {
  type GeneratedResponse,
  readParameters,
  respond,
  type ViewerRequest,
} from './viewer-request.ts';

/** Answers a viewer-request event: with the request, its path rewritten, or with a response of our own. */
export function handler(event: { request: ViewerRequest }): ViewerRequest | GeneratedResponse {
  const request = event.request;
  const parameters = readParameters(request.querystring);
  return respond(request, route(TABLE, request.method, request.uri, parameters));
}
