import { ApiError } from './api-error.ts';
import { type ApiRequest, type Outcome, reply } from './api-request.ts';
import type { StoredObject } from './aws-state.ts';
import type { KeyMap } from './key-map.ts';
import { S3_NAMESPACE, toXml, type XmlElement } from './xml.ts';

/** A page holds no more, whatever `max-keys` says (S3 API reference, ListObjectsV2). */
const PAGE_KEYS = 1000;

/** ListObjectsV2: a page of the keys below a prefix, in UTF-8 order, keys with a common next folder rolled up. */
export function listObjects(request: ApiRequest, objects: KeyMap<StoredObject>): Outcome {
  const { query, resource } = request;
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const token = query.get('continuation-token');
  const after = token === null ? (query.get('start-after') ?? '') : decodeToken(token);
  const encode = findEncoding(query.get('encoding-type'));
  const { entries, last, isTruncated } = findPage({
    keys: objects.keys(),
    prefix,
    delimiter,
    after,
    limit: findLimit(query.get('max-keys')),
  });
  const contents = entries.map((entry): XmlElement => {
    const object = objects.get(entry);
    if (!object) return ['CommonPrefixes', [['Prefix', encode(entry)]]];
    return [
      'Contents',
      [
        ['Key', encode(entry)],
        ['LastModified', object.lastModified],
        ['ETag', object.etag],
        ['Size', object.body.length],
        ['StorageClass', 'STANDARD'],
      ],
    ];
  });
  const body = toXml(
    'ListBucketResult',
    [
      ['Name', resource],
      ['Prefix', encode(prefix)],
      ...optional('Delimiter', delimiter && encode(delimiter)),
      ...optional('EncodingType', query.get('encoding-type')),
      ['KeyCount', entries.length],
      ['MaxKeys', findLimit(query.get('max-keys'))],
      ['IsTruncated', isTruncated],
      ...optional('ContinuationToken', token),
      ...optional('NextContinuationToken', isTruncated && encodeToken(last)),
      ...contents,
    ],
    S3_NAMESPACE,
  );
  return reply(200, { 'content-type': 'application/xml' }, body);
}

interface PageRequest {
  readonly keys: readonly string[];
  readonly prefix: string;
  readonly delimiter: string;
  /** A key, or a common prefix that an earlier page ended with. */
  readonly after: string;
  readonly limit: number;
}

/** The keys and common prefixes of a page, in order, and the last of them. */
function findPage({ keys, prefix, delimiter, after, limit }: PageRequest) {
  const afterBytes = Buffer.from(after);
  const entries: string[] = [];
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    if (after !== '' && Buffer.compare(Buffer.from(key), afterBytes) <= 0) continue;
    if (delimiter !== '' && after.endsWith(delimiter) && key.startsWith(after)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut === -1 ? key : key.slice(0, cut + delimiter.length);
    if (entry === entries.at(-1)) continue;
    if (entries.length === limit)
      return { entries, last: entries.at(-1) ?? '', isTruncated: limit > 0 };
    entries.push(entry);
  }
  return { entries, last: '', isTruncated: false };
}

function findLimit(maxKeys: string | null): number {
  if (maxKeys === null) return PAGE_KEYS;
  if (!/^\d+$/.test(maxKeys))
    throw new ApiError('InvalidArgument', 'Provided max-keys not an integer');
  return Math.min(Number(maxKeys), PAGE_KEYS);
}

/** By `url`, keys come as in a form: a space is `+`, a plus `%2B`, a slash itself. Else they come as they are. */
function findEncoding(type: string | null): (text: string) => string {
  if (type === null) return (text) => text;
  if (type !== 'url') throw new ApiError('InvalidArgument', 'Invalid Encoding Method specified');
  return (text) =>
    text
      .split('/')
      .map((part) => new URLSearchParams([['', part]]).toString().slice(1))
      .join('/');
}

/** Opaque to clients, so that nobody makes one. */
const encodeToken = (key: string) => Buffer.from(`after:${key}`).toString('base64');

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (!text.startsWith('after:')) {
    throw new ApiError('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return text.slice('after:'.length);
}

function optional(name: string, value: string | false | null): XmlElement[] {
  return value === false || value === null || value === '' ? [] : [[name, value]];
}
