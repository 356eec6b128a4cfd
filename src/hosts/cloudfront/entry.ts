// Edge dialect: the entry of the CloudFront Function.
import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import { HAS_USERS } from '../../router/table/published.ts';
import { TABLE } from '../../router/table/table.ts';
import {
  type GeneratedResponse,
  readQuery,
  refuseStrangers,
  respond,
  type ViewerRequest,
} from './viewer-request.ts';

/** Answers a viewer-request event: with the request, its path rewritten, or with a response of our own. */
export function handler(event: { request: ViewerRequest }): ViewerRequest | GeneratedResponse {
  const request = event.request;
  if (HAS_USERS !== false && TABLE.users) {
    const refused = refuseStrangers(TABLE.users, request);
    if (refused) return refused;
  }
  const query = readQuery(request.querystring);
  const routed = route(TABLE, request.method, request.uri, parseQueryString(query, true));
  return respond(request, routed, query);
}
