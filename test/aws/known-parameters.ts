import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

/** What each operation of S3 heeds: query parameters, and those headers that would change what it does. */
const KNOWN: Readonly<Record<string, { query?: readonly string[]; headers?: readonly string[] }>> =
  {
    ListObjectsV2: {
      query: [
        'list-type',
        'prefix',
        'delimiter',
        'max-keys',
        'continuation-token',
        'start-after',
        'encoding-type',
      ],
    },
    HeadObject: { headers: ['x-amz-checksum-mode'] },
    GetObject: { headers: ['x-amz-checksum-mode'] },
    PutObject: {
      headers: [
        'if-match',
        'if-none-match',
        'x-amz-sdk-checksum-algorithm',
        'x-amz-checksum-crc32',
        'x-amz-checksum-sha1',
        'x-amz-checksum-sha256',
      ],
    },
    CopyObject: {
      headers: [
        'if-match',
        'if-none-match',
        'x-amz-copy-source',
        'x-amz-copy-source-if-match',
        'x-amz-metadata-directive',
      ],
    },
    DeleteObject: { headers: ['if-match'] },
    DeleteObjects: {
      query: ['delete'],
      headers: [
        'x-amz-sdk-checksum-algorithm',
        'x-amz-checksum-crc32',
        'x-amz-checksum-sha1',
        'x-amz-checksum-sha256',
      ],
    },
  };

/** Of every signed request; `x-id` tells a reader of logs which command of the SDK it was. Temporary credentials bring a token. */
const ALWAYS_KNOWN = [
  'x-id',
  'x-amz-date',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'x-amz-security-token',
];

/**
 * Refuses what S3 has a meaning for and this server has not, so that no caller takes a parameter for heeded that was
 * overlooked.
 *
 * @throws ApiError NotImplemented, with its name
 */
export function checkParameters({ operation, headers, query }: ApiRequest): void {
  const { query: parameters = [], headers: names = [] } = KNOWN[operation] ?? {};
  const known = new Set([...ALWAYS_KNOWN, ...parameters, ...names]);
  const heeded = Object.keys(headers).filter((name) => /^(x-amz-(?!meta-)|if-|range$)/.test(name));
  const unknown = [...query.keys(), ...heeded].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new ApiError('NotImplemented', `${operation} does not heed ${unknown.join(', ')} here`);
  }
}
