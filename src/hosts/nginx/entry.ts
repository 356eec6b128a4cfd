// Edge dialect: the entry of the module for nginx with njs. The configuration that calls it: `nginx-config.ts`.

import { matchesEtag } from '../../router/headers/matches-etag.ts';
import {
  MAX_QUERY_LENGTH,
  parseQueryString,
  splitTarget,
} from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import { TABLE } from '../../router/table/table.ts';

/** The part of nginx's request object that the module uses. */
interface NginxRequest {
  method: string;
  headersIn: Record<string, string | undefined>;
  /** Those of the configuration; one that it does not set is undefined. */
  variables: Record<string, string | undefined>;
}

/**
 * The entity tag of every file: a URL has one answer per snapshot, so the snapshot's id distinguishes answers. nginx would make
 * it from time and size, which may be equal although contents differ.
 */
const ETAG = `W/"${TABLE.root.split('/')[2]}"`;

/**
 * Decides on a request: the value of `$marketplace_status`. Sets `$marketplace_path`, the file that answers it, or
 * `$marketplace_body`, the error.
 */
function status(r: NginxRequest): string {
  const prefix = r.variables['marketplace_prefix'] || '';
  const target = readTarget(r);
  // nginx chose the location by a path in which dots and escapes are resolved; the router takes it as sent.
  const isInside = target.slice(0, prefix.length) === prefix;
  const sent = splitTarget(isInside ? target.slice(prefix.length) : '');
  const routed = route(TABLE, r.method, sent.path, parseQueryString(sent.query));
  if (routed.status) {
    r.variables['marketplace_body'] = routed.body;
    return `${routed.status}`;
  }
  r.variables['marketplace_path'] = routed.path;
  return matchesEtag(r.headersIn['If-None-Match'] || '', ETAG) ? '304' : 'routed';
}

/** The part of a target that is read: a longer one has too long a query, or an unknown path. */
const READ_LENGTH = 2 * MAX_QUERY_LENGTH;

/**
 * The target as sent, but with bytes beyond ASCII percent-encoded, beside which njs decodes no escapes. A byte that is not
 * UTF-8, which njs turns into U+FFFD, becomes one invalid escape: so a value is as long as on other edges, unless it
 * contains U+FFFD itself.
 */
function readTarget(r: NginxRequest): string {
  const target = (r.variables['request_uri'] as string).slice(0, READ_LENGTH);
  if (!/[^!-~]/.test(target)) return target;
  // Below nothing gets shorter than a third. njs fails where a pattern is replaced behind what it cannot decode.
  const encoded = encodeURI(target).slice(0, 3 * READ_LENGTH);
  const marked = encoded.split('%EF%BF%BD').join('%FF');
  return '"<>\\^`{|}%'
    .split('')
    .filter((sent) => target.indexOf(sent) !== -1)
    .reduce((text, sent) => text.split(encodeURI(sent)).join(sent), marked);
}

export default { status };
