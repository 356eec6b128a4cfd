// Edge dialect: the entry of the CloudFront Function whose plugins are in a KeyValueStore.
import cf from 'cloudfront';
import { error, route } from '../../router/route.ts';
import { bucketFor } from '../../router/store/bucket-for.ts';
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
  const table = Object.assign({}, TABLE);
  const number = bucketFor(table, request.uri, parameters);
  const key = `${table.root.split('/')[2]}/${number}`;
  const bucket = number === null ? '' : await readBucket(cf.kvs(), key);
  if (bucket === null) {
    const answer = respond(request, error(503, NOT_HERE)) as GeneratedResponse;
    answer.headers['cache-control'] = { value: 'no-store' };
    return answer;
  }
  table.plugins = bucket;
  return respond(request, route(table, request.method, request.uri, parameters));
}
