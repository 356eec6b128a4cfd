import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { type ApiRequest, type Change, decodeKey, type Outcome, reply } from './api-request.ts';
import { type AwsState, type StoredObject, withObject } from './aws-state.ts';
import { checkDigests } from './checksums.ts';
import { checkParameters } from './known-parameters.ts';
import { listObjects } from './list-objects.ts';
import { toStoredHeaders } from './stored-headers.ts';
import { childrenOf, parseXml, S3_NAMESPACE, textOf, toXml, type XmlElement } from './xml.ts';

/** Bytes of a key ("Naming Amazon S3 objects" in the User Guide). */
const KEY_BYTES = 1024;
/** Keys of one DeleteObjects. */
const DELETE_KEYS = 1000;

type Operation = (state: AwsState, request: ApiRequest, now: Date) => Outcome;

/**
 * Does what a request of S3 asks, to a state.
 *
 * @throws ApiError
 */
export function handleS3(state: AwsState, request: ApiRequest, now: Date): Outcome {
  const operation = OPERATIONS[request.operation];
  if (!operation) throw new ApiError('NotImplemented', `${request.method} ${request.target}`);
  checkParameters(request);
  if (Buffer.byteLength(request.key) > KEY_BYTES) throw new ApiError('KeyTooLongError');
  return operation(state, request, now);
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ListObjectsV2: (state, request) => listObjects(request, objectsOf(state, request.resource)),
  HeadObject: readObject,
  GetObject: readObject,
  PutObject: putObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
};

function readObject(state: AwsState, request: ApiRequest): Outcome {
  const { headers, checksums, etag, lastModified, body } = objectAt(
    state,
    request.resource,
    request.key,
  );
  const isChecked = request.headers['x-amz-checksum-mode'] === 'ENABLED';
  return reply(
    200,
    {
      ...headers,
      ...(isChecked ? checksums : {}),
      etag,
      'last-modified': lastModified.toUTCString(),
      'content-length': body.length,
    },
    request.method === 'HEAD' ? undefined : body,
  );
}

function putObject(state: AwsState, request: ApiRequest, now: Date): Outcome {
  const { headers, body, resource, key } = request;
  if (headers['content-length'] === undefined) throw new ApiError('MissingContentLength');
  const { 'content-md5': _, ...checksums } = checkDigests(request);
  checkWriteConditions(state, request);
  const object = makeObject(body, toStoredHeaders(request), checksums, now);
  return {
    reply: { status: 200, headers: { etag: object.etag, ...checksums }, body: Buffer.alloc(0) },
    changes: [{ kind: 'PutObject', key, state: withObject(state, resource, key, object) }],
  };
}

function copyObject(state: AwsState, request: ApiRequest, now: Date): Outcome {
  const { headers, resource, key } = request;
  const [, bucket = '', path = ''] =
    /^\/?([^/]+)\/(.+)$/.exec(String(headers['x-amz-copy-source'])) ?? [];
  const sourceKey = decodeKey(path);
  if (!sourceKey) throw new ApiError('InvalidArgument', 'x-amz-copy-source is not bucket/key');
  const source = objectAt(state, bucket, sourceKey);
  const sourceMatch = headers['x-amz-copy-source-if-match'];
  if (sourceMatch !== undefined && !matchesEtag(String(sourceMatch), source)) {
    throw new ApiError('PreconditionFailed');
  }
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') throw new ApiError('InvalidArgument');
  if (directive === 'COPY' && bucket === resource && sourceKey === key) {
    throw new ApiError(
      'InvalidRequest',
      "A copy of an object to itself must change the object's metadata or storage class.",
    );
  }
  checkWriteConditions(state, request);
  const copied = directive === 'COPY' ? source.headers : toStoredHeaders(request);
  const object = makeObject(source.body, copied, source.checksums, now);
  const sha256 = source.checksums['x-amz-checksum-sha256'];
  const body = toXml(
    'CopyObjectResult',
    [
      ['ETag', object.etag],
      ['LastModified', object.lastModified],
      // A copy keeps the checksum of what it is of (S3 API reference, CopyObjectResult).
      ...(sha256 === undefined ? [] : [['ChecksumSHA256', sha256] as const]),
    ],
    S3_NAMESPACE,
  );
  return {
    reply: { status: 200, headers: { 'content-type': 'application/xml' }, body },
    changes: [{ kind: 'CopyObject', key, state: withObject(state, resource, key, object) }],
  };
}

function deleteObject(state: AwsState, request: ApiRequest): Outcome {
  const { resource, key } = request;
  const isThere = objectsOf(state, resource).has(key);
  checkWriteConditions(state, request);
  const change: Change = {
    kind: 'DeleteObject',
    key,
    state: withObject(state, resource, key, undefined),
  };
  return { ...reply(204), changes: isThere ? [change] : [] };
}

function deleteObjects(state: AwsState, request: ApiRequest): Outcome {
  const { resource, body } = request;
  objectsOf(state, resource);
  if (Object.keys(checkDigests(request)).length === 0) {
    throw new ApiError('InvalidRequest', 'Missing required header for this request: Content-MD5');
  }
  const document = parseXml(body, 'Delete');
  const keys = childrenOf(document, 'Object').map((object) => {
    const key = textOf(object, 'Key');
    if (key === undefined) throw new ApiError('MalformedXML');
    if (Object.keys(object).length > 1) throw new ApiError('NotImplemented', 'more than a Key');
    return key;
  });
  if (keys.length === 0 || keys.length > DELETE_KEYS) throw new ApiError('MalformedXML');
  const changes: Change[] = [];
  for (const key of keys) {
    const before = changes.at(-1)?.state ?? state;
    if (!objectsOf(before, resource).has(key)) continue;
    const after = withObject(before, resource, key, undefined);
    changes.push({ kind: 'DeleteObjects', key, state: after });
  }
  const isQuiet = textOf(document, 'Quiet') === 'true';
  const deleted = keys.map((key): XmlElement => ['Deleted', [['Key', key]]]);
  const result = toXml('DeleteResult', isQuiet ? [] : deleted, S3_NAMESPACE);
  return { ...reply(200, { 'content-type': 'application/xml' }, result), changes };
}

/** @throws ApiError NoSuchBucket */
function objectsOf(state: AwsState, bucket: string) {
  const objects = state.buckets.get(bucket);
  if (!objects) throw new ApiError('NoSuchBucket');
  return objects;
}

/** @throws ApiError NoSuchBucket, NoSuchKey */
function objectAt(state: AwsState, bucket: string, key: string): StoredObject {
  const object = objectsOf(state, bucket).get(key);
  if (!object) throw new ApiError('NoSuchKey');
  return object;
}

/**
 * Conditional writes and deletes: "Add preconditions to S3 operations with conditional requests" in the S3 User Guide.
 *
 * @throws ApiError PreconditionFailed; NoSuchKey where If-Match is about an object that is not there
 */
function checkWriteConditions(state: AwsState, { headers, resource, key }: ApiRequest): void {
  const current = objectsOf(state, resource).get(key);
  const noneMatch = headers['if-none-match'];
  if (noneMatch !== undefined && noneMatch !== '*') {
    throw new ApiError('NotImplemented', 'If-None-Match takes * only');
  }
  if (noneMatch === '*' && current) throw new ApiError('PreconditionFailed');
  const match = headers['if-match'];
  if (match === undefined) return;
  if (!current) throw new ApiError('NoSuchKey');
  if (match !== '*' && !matchesEtag(match, current)) throw new ApiError('PreconditionFailed');
}

/** Entity tags are compared whether or not they come in quotes. */
function matchesEtag(tag: string, object: StoredObject): boolean {
  return tag.replaceAll('"', '') === object.etag.replaceAll('"', '');
}

function makeObject(
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  checksums: Readonly<Record<string, string>>,
  now: Date,
): StoredObject {
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  return { body, etag, headers, checksums, lastModified: now };
}
