import type { IncomingHttpHeaders } from 'node:http';
import type { AwsState } from './aws-state.ts';

/** A request as it came in, its body read. */
export interface RawRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request of which it is known what it asks. */
export interface ApiRequest extends RawRequest {
  readonly service: 's3' | 'cloudfront';
  /**
   * As the SDK's commands are called: `PutObject`; `Unknown` where it is none that is spoken here, `Unreadable` where the
   * path is malformed.
   */
  readonly operation: string;
  /** The bucket, or the name or id of the function or distribution. */
  readonly resource: string;
  /** Of an object; empty where the request is about none. */
  readonly key: string;
  readonly query: URLSearchParams;
}

/** An answer to be sent. */
export interface ApiReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
}

export type ChangeKind =
  | 'PutObject'
  | 'CopyObject'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'UpdateFunction'
  | 'PublishFunction';

/** One change that a request made, and the state after it. */
export interface Change {
  readonly kind: ChangeKind;
  /** Of the object that changed. */
  readonly key?: string;
  readonly state: AwsState;
}

/** What an operation does: an answer, and the changes that lead to the next state, in order. */
export interface Outcome {
  readonly reply: ApiReply;
  readonly changes: readonly Change[];
}

/** An answer that changed nothing. */
export function reply(
  status: number,
  headers: Readonly<Record<string, string | number>> = {},
  body: Buffer = Buffer.alloc(0),
): Outcome {
  return { reply: { status, headers, body }, changes: [] };
}

const CLOUDFRONT_API = '/2020-05-31/';

/** Finds out what is asked. Buckets are the first segment of the path ("path-style"). */
export function toApiRequest(raw: RawRequest): ApiRequest {
  const [path = '', query = ''] = splitOnce(raw.target, '?');
  const parameters = new URLSearchParams(query);
  if (path.startsWith(CLOUDFRONT_API)) {
    const [kind = '', resource = '', action = ''] = path.slice(CLOUDFRONT_API.length).split('/');
    const operation = CLOUDFRONT_OPERATIONS[`${raw.method} ${kind} ${action}`.trim()] ?? 'Unknown';
    return { ...raw, service: 'cloudfront', operation, resource, key: '', query: parameters };
  }
  const [resource = '', sent = ''] = splitOnce(path.slice(1), '/');
  const key = decodeKey(sent);
  const operation = key === undefined ? 'Unreadable' : findS3Operation(raw, key, parameters);
  return { ...raw, service: 's3', operation, resource, key: key ?? sent, query: parameters };
}

const CLOUDFRONT_OPERATIONS: Readonly<Record<string, string>> = {
  'GET function describe': 'DescribeFunction',
  'GET function': 'GetFunction',
  'PUT function': 'UpdateFunction',
  'POST function test': 'TestFunction',
  'POST function publish': 'PublishFunction',
  'GET distribution': 'GetDistribution',
};

function findS3Operation({ method, headers }: RawRequest, key: string, query: URLSearchParams) {
  if (key === '') {
    if (method === 'GET' && query.get('list-type') === '2') return 'ListObjectsV2';
    if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
    return 'Unknown';
  }
  if (method === 'PUT') return headers['x-amz-copy-source'] ? 'CopyObject' : 'PutObject';
  return { GET: 'GetObject', HEAD: 'HeadObject', DELETE: 'DeleteObject' }[method] ?? 'Unknown';
}

/**
 * The object key that a path means; undefined where it is malformed. S3 reads a bare `+` as a space, in paths as well, and
 * so through CloudFront, as the makers of crates.io measured: a key with a plus must be asked for by `%2B`.
 */
export function decodeKey(path: string): string | undefined {
  try {
    return decodeURIComponent(path.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
