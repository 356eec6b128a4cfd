// Edge dialect: the entry of the CloudFront Function whose plugins are in a KeyValueStore.
import cf from 'cloudfront';
import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { error, route } from '../../router/route.ts';
import { blockFor } from '../../router/store/block-for.ts';
import { readBlock } from '../../router/store/records.ts';
import { HAS_USERS } from '../../router/table/published.ts';
import { TABLE } from '../../router/table/table.ts';
import {
  type GeneratedResponse,
  readQuery,
  refuseStrangers,
  respond,
  type ViewerRequest,
} from './viewer-request.ts';

/** Of a block that has not reached the edge: another answer would be wrong. */
const NOT_HERE = { error: 'the snapshot is not here yet', allowed: 'the same request, later' };

/** As the handler of `entry.ts`, with the block about the request read from the store. */
export async function handler(event: { request: ViewerRequest }) {
  const request = event.request;
  if (HAS_USERS !== false && TABLE.users) {
    const refused = refuseStrangers(TABLE.users, request);
    if (refused) return refused;
  }
  const query = readQuery(request.querystring);
  const parameters = parseQueryString(query, true);
  const table = Object.assign({}, TABLE);
  const number = blockFor(table, request.uri, parameters);
  const key = `${table.root.split('/')[2]}/${number}`;
  const block = number === null ? '' : await readBlock(cf.kvs(), key);
  if (block === null) {
    const answer = respond(request, error(503, NOT_HERE), '') as GeneratedResponse;
    answer.headers['cache-control'] = { value: 'no-store' };
    return answer;
  }
  table.records = block;
  return respond(request, route(table, request.method, request.uri, parameters), query);
}
