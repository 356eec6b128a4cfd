import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

/** Keys that are easily signed, encoded, parsed or sorted wrong. */
export const ODD_KEYS = [
  "(a) [b] {c}!'*~.txt",
  ' leading and trailing ',
  '%41%2F%',
  '+plus+and space',
  'a//b',
  'a/./../b',
  'a&b<c>d"e=f;g',
  'a?b#c',
  'back\\slash^`|',
  'e\u0301 and \u00e9',
  'z:@,$',
  '\uff5e after, in UTF-16',
  '\u{1f600} before, in UTF-16',
];

/** What became of a step: what it answered, or the error. */
export type StepOutcome = object | { readonly error: string; readonly status: number | undefined };

/**
 * Does to an empty bucket what a publisher does, and what it should not. Returns the outcome of each step, by name.
 */
export async function runScenario(
  s3: S3Client,
  Bucket: string,
): Promise<Readonly<Record<string, StepOutcome>>> {
  const outcomes: Record<string, StepOutcome> = {};
  for (const [name, run] of stepsOf(s3, Bucket)) {
    outcomes[name] = await run().catch((error: unknown) => {
      if (!(error instanceof S3ServiceException)) throw error;
      return { error: error.name, status: error.$metadata.httpStatusCode };
    });
  }
  return outcomes;
}

const MANY = Array.from({ length: 1005 }, (_, i) => `many/${i}`);
const STALE = '"00000000000000000000000000000000"';

function stepsOf(s3: S3Client, Bucket: string): [name: string, run: () => Promise<object>][] {
  const { put, get, head, list, listEncoded, listAll, copy, remove, removeMany } = callsOf(
    s3,
    Bucket,
  );
  const md5 = (key: string) => createHash('md5').update(`body of ${key}`).digest('hex');
  const json = {
    ContentType: 'application/json',
    CacheControl: 'max-age=60',
    Metadata: { a: 'b' },
  };
  return [
    ['an empty bucket is listed', () => list()],
    ['an object is put', () => put('x/1', json)],
    ['it is got', () => get('x/1')],
    ['its head is got', () => head('x/1')],
    ['one that is missing is got', () => get('x/none')],
    ['the head of one that is missing is got', () => head('x/none')],
    ['If-None-Match: * where something is', () => put('x/1', { IfNoneMatch: '*' })],
    ['If-None-Match: * where nothing is', () => put('x/2', { IfNoneMatch: '*' })],
    ['If-Match with the right tag', () => put('x/2', { IfMatch: `"${md5('x/2')}"` })],
    ['If-Match with it, without quotes', () => put('x/2', { IfMatch: md5('x/2') })],
    ['If-Match with another tag', () => put('x/2', { IfMatch: STALE })],
    ['If-Match where nothing is', () => put('x/none', { IfMatch: STALE })],
    ['a checksum that is right', () => put('x/3', { ChecksumAlgorithm: 'SHA256' })],
    ['a checksum that is wrong', () => put('x/4', { ChecksumSHA256: wrongSha256 })],
    ['whatever became of it is deleted', () => remove('x/4')],
    ['an MD5 that is wrong', () => put('x/5', { ContentMD5: wrongMd5 })],
    ['a stream', () => put('x/6', { Body: Readable.from(['abc']), ContentLength: 3 })],
    ['a bucket that is missing', () => callsOf(s3, `${Bucket}-none`).put('x')],
    ['a copy', () => copy('y/1', 'x/1')],
    ['the copy has the metadata of its source', () => get('y/1')],
    [
      'a copy with other metadata',
      () => copy('y/2', 'x/1', { MetadataDirective: 'REPLACE', ContentType: 'text/plain' }),
    ],
    ['it has them', () => get('y/2')],
    ['a copy to itself', () => copy('y/2', 'y/2')],
    ['a copy of what is missing', () => copy('y/3', 'x/none')],
    ['a copy of what has another tag', () => copy('y/4', 'x/1', { CopySourceIfMatch: STALE })],
    ['16 MB are put', () => put('large', { Body: Buffer.alloc(16 * 1024 * 1024, 'x') })],
    ['and are there', () => head('large')],
    ...ODD_KEYS.flatMap((key): [string, () => Promise<object>][] => [
      [`${key} is put`, () => put(`odd/${key}`)],
      [`${key} is got`, () => get(`odd/${key}`)],
      [`${key} is copied`, () => copy(`copies/${key}`, `odd/${key}`)],
    ]),
    ['odd keys are listed in UTF-8 order', () => list({ Prefix: 'odd/' })],
    ['and so where keys are encoded', () => listEncoded('odd/')],
    ['their copies are there', () => list({ Prefix: 'copies/' })],
    ['folders are rolled up', () => list({ Delimiter: '/' })],
    ['and inside a prefix', () => list({ Delimiter: '/', Prefix: 'odd/a' })],
    ['a page starts after a key', () => list({ StartAfter: 'x/1', Prefix: 'x/' })],
    ['a page of none', () => list({ MaxKeys: 0 })],
    ['odd keys are deleted', () => removeMany(ODD_KEYS.map((key) => `odd/${key}`))],
    ['they are gone', () => list({ Prefix: 'odd/' })],
    [
      'many are put',
      async () => ({ count: (await Promise.all(MANY.map((key) => put(key)))).length }),
    ],
    ['a page holds 1,000', () => listAll({ Prefix: 'many/' })],
    ['pages of 400', () => listAll({ Prefix: 'many/', MaxKeys: 400 })],
    ['pages of two folders', () => listAll({ Delimiter: '/', MaxKeys: 2 })],
    ['1,001 are deleted at once', () => removeMany(MANY.slice(0, 1001))],
    ['1,000 are deleted at once, quietly', () => removeMany(MANY.slice(0, 1000), true)],
    ['the others are there', () => listAll({ Prefix: 'many/' })],
    ['one is deleted', () => remove('x/1')],
    ['one that is missing is deleted', () => remove('x/none')],
    ['some of which one is missing are deleted', () => removeMany(['x/2', 'x/none', 'x/3'])],
    ['what is left', () => list({ Delimiter: '/' })],
  ];
}

const wrongSha256 = createHash('sha256').update('something else').digest('base64');
const wrongMd5 = createHash('md5').update('something else').digest('base64');

/** The calls of the SDK, each giving what of its answer is looked at: what is the same on every S3. */
function callsOf(s3: S3Client, Bucket: string) {
  return {
    put: async (Key: string, more: object = {}) => {
      const Body = Buffer.from(`body of ${Key}`);
      const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
      return { ETag };
    },
    get: async (Key: string) => {
      const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { ContentType, CacheControl, ContentLength, ETag, Metadata, Body } = answer;
      const body = await Body?.transformToString();
      return { ContentType, CacheControl, ContentLength, ETag, Metadata, body };
    },
    head: async (Key: string) => {
      const answer = await s3.send(new HeadObjectCommand({ Bucket, Key }));
      const { ContentType, CacheControl, ContentLength, ETag, Metadata } = answer;
      return { ContentType, CacheControl, ContentLength, ETag, Metadata };
    },
    list: async (more: object = {}) => {
      const page = await s3.send(new ListObjectsV2Command({ Bucket, ...more }));
      return {
        keys: page.Contents?.map(({ Key, Size, ETag }) => [Key, Size, ETag]),
        folders: page.CommonPrefixes?.map(({ Prefix }) => Prefix),
        count: page.KeyCount,
        isTruncated: page.IsTruncated,
      };
    },
    listEncoded: async (Prefix: string) => {
      const command = new ListObjectsV2Command({ Bucket, Prefix, EncodingType: 'url' });
      const { Contents = [] } = await s3.send(command);
      // Amazon's S3 encodes a space as a plus, radosgw by %20.
      return Contents.map(({ Key = '' }) => decodeURIComponent(Key.replaceAll('+', ' ')));
    },
    listAll: async (more: object) => {
      const pages: unknown[] = [];
      for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket, ...more })) {
        const keys = page.Contents?.map(({ Key }) => Key);
        pages.push([page.KeyCount, keys, page.CommonPrefixes]);
      }
      return { pages };
    },
    copy: async (Key: string, source: string, more: object = {}) => {
      const CopySource = `${Bucket}/${source.split('/').map(encodeURIComponent).join('/')}`;
      const command = new CopyObjectCommand({ Bucket, Key, CopySource, ...more });
      const { CopyObjectResult } = await s3.send(command);
      // radosgw leaves the quotes away here.
      return { ETag: CopyObjectResult?.ETag?.replaceAll('"', '') };
    },
    remove: async (Key: string) => {
      const { $metadata } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      return { status: $metadata.httpStatusCode };
    },
    removeMany: async (keys: readonly string[], Quiet = false) => {
      const Objects = keys.map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet } });
      const { Deleted, Errors } = await s3.send(command);
      return { deleted: Deleted?.map(({ Key }) => Key).sort(), errors: Errors };
    },
  };
}
