import type { IncomingHttpHeaders } from 'node:http';

/** One query parameter of a viewer request: the first value, and all of them if there are several. */
export interface EdgeQueryValue {
  value: string;
  multiValue?: { value: string }[];
}

/** The viewer request as CloudFront Functions 2.0 hands it over; everything percent-encoded as sent. */
export interface EdgeRequest {
  method: string;
  /** The path alone. The router rewrites it to the path of an answer. */
  uri: string;
  querystring: Record<string, EdgeQueryValue>;
  readonly headers: Record<string, { value: string }>;
  readonly cookies: Record<string, { value: string }>;
}

/** The argument of `handler(event)` on CloudFront. */
export interface EdgeEvent {
  version: '1.0';
  context: { eventType: 'viewer-request' };
  request: EdgeRequest;
}

/**
 * The event CloudFront would build for a request.
 * `target` is the path and query as sent, in ASCII: `/api/v1/plugins?filter=a%20b`.
 * Source: "CloudFront Functions event structure" in the CloudFront Developer Guide.
 */
export function toEdgeEvent(
  method: string,
  target: string,
  headers: IncomingHttpHeaders,
): EdgeEvent {
  const mark = target.indexOf('?');
  return {
    version: '1.0',
    context: { eventType: 'viewer-request' },
    request: {
      method,
      uri: mark === -1 ? target : target.slice(0, mark),
      querystring: mark === -1 ? Object.create(null) : toEdgeQuery(target.slice(mark + 1)),
      // Built when it is read: no answer depends on a header, so no request pays for them.
      get headers() {
        return toEdgeHeaders(headers);
      },
      cookies: {},
    },
  };
}

/** Without a prototype, so that `__proto__` and `constructor` are keys like any other. */
function toEdgeQuery(query: string): Record<string, EdgeQueryValue> {
  const values: Record<string, EdgeQueryValue> = Object.create(null);
  for (const pair of query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=');
    const key = equals === -1 ? pair : pair.slice(0, equals);
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    const known = values[key];
    if (known === undefined) values[key] = { value };
    else if (known.multiValue === undefined) known.multiValue = [{ value: known.value }, { value }];
    else known.multiValue.push({ value });
  }
  return values;
}

function toEdgeHeaders(headers: IncomingHttpHeaders): Record<string, { value: string }> {
  const values: Record<string, { value: string }> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    // An event's headers do not include cookies, and none is read here.
    if (value === undefined || name === 'cookie') continue;
    values[name] = { value: Array.isArray(value) ? value.join(',') : value };
  }
  return values;
}
