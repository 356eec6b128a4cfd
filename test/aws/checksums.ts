import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { ApiError } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

const DIGESTS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  'content-md5': (body) => createHash('md5').update(body).digest(),
  'x-amz-checksum-crc32': (body) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes;
  },
  'x-amz-checksum-sha1': (body) => createHash('sha1').update(body).digest(),
  'x-amz-checksum-sha256': (body) => createHash('sha256').update(body).digest(),
};

/**
 * Compares the body with every digest that was sent along, and returns the digests by header.
 * Source: "Checking object integrity" in the S3 User Guide.
 *
 * @throws ApiError BadDigest, InvalidDigest
 */
export function checkDigests({ headers, body }: ApiRequest): Readonly<Record<string, string>> {
  const sent: Record<string, string> = {};
  for (const [name, digest] of Object.entries(DIGESTS)) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    const expected = digest(body);
    if (Buffer.from(value, 'base64').length !== expected.length) {
      throw new ApiError('InvalidDigest', `Value for ${name} header is invalid.`);
    }
    if (value !== expected.toString('base64')) {
      throw new ApiError('BadDigest', `The ${name} you specified did not match the body.`);
    }
    sent[name] = value;
  }
  return sent;
}
