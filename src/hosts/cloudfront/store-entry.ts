// Edge dialect: the entry of the CloudFront Function whose plugins are in a KeyValueStore.
import cf from 'cloudfront';
import { error, routeBy } from '../../router/route.ts';
import { bucketFor, RECORDS, type StoreTable } from '../../router/store/locate-record.ts';
import { readBucket } from '../../router/store/records.ts';
import { TABLE } from '../../router/table/table.ts';
import {
  type GeneratedResponse,
  readParameters,
  respond,
  type ViewerRequest,
} from './viewer-request.ts';

/** Of a bucket that has not reached the edge: another answer would be wrong. */
const NOT_HERE = { error: 'the snapshot is not here yet', allowed: 'the same request, later' };

/** As the handler of `entry.ts`, with the bucket about the request read from the store. */
export async function handler(event: { request: ViewerRequest }) {
  const request = event.request;
  const parameters = readParameters(request.querystring);
  const table = Object.assign({}, TABLE) as StoreTable;
  const number = bucketFor(table, request.uri, parameters);
  const bucket = await readBucket(cf.kvs(), `${table.root.split('/')[2]}/${number}`);
  if (bucket === null) {
    const answer = respond(request, error(503, NOT_HERE)) as GeneratedResponse;
    answer.headers['cache-control'] = { value: 'no-store' };
    return answer;
  }
  table.plugins = bucket;
  const asked = { method: request.method, path: request.uri };
  return respond(request, routeBy(RECORDS, table, asked, parameters));
}
