// Edge dialect: the entry of the CloudFront Function whose plugins are in a KeyValueStore.
import cf from 'cloudfront';
import { readFilter } from '../../router/request/parse-filter.ts';
import { error, pageFolder, routeBy } from '../../router/route.ts';
import {
  hasRecordOfPage,
  locateRecord,
  type StoreTable,
  subjectOf,
} from '../../router/store/locate-record.ts';
import { bucketOf, readBucket } from '../../router/store/records.ts';
import { TABLE } from '../../router/table/table.ts';
import {
  type GeneratedResponse,
  readParameters,
  respond,
  type ViewerRequest,
} from './viewer-request.ts';

/** Of a bucket that has not reached the edge: another answer would be wrong. */
const NOT_HERE = { error: 'the snapshot is not here yet', allowed: 'the same request, later' };

const LOOKUP = { locate: locateRecord, hasPage: hasRecordOfPage };

/** As the handler of `entry.ts`, with the bucket about the request read from the store. */
export async function handler(event: { request: ViewerRequest }) {
  const request = event.request;
  const parameters = readParameters(request.querystring);
  const filter = readFilter(parameters);
  const subject = 'error' in filter ? '' : subjectOf(TABLE, filter);
  const table = Object.assign({}, TABLE) as StoreTable;
  const number = bucketOf(pageFolder(request.uri) || subject, table.buckets);
  const bucket = await readBucket(cf.kvs(), `${table.root.split('/')[2]}/${number}`);
  if (bucket === null) {
    const answer = respond(request, error(503, NOT_HERE)) as GeneratedResponse;
    answer.headers['cache-control'] = { value: 'no-store' };
    return answer;
  }
  table.plugins = bucket;
  const asked = { method: request.method, path: request.uri };
  return respond(request, routeBy(LOOKUP, table, asked, parameters));
}
