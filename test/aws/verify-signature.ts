import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { digestOf } from '../../src/lib/digests.ts';
import { ApiError, type ErrorCode } from './api-error.ts';
import type { ApiRequest } from './api-request.ts';

/** Who may sign, and for where. */
export interface Signers {
  /** The secret of each access key id. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Of S3; CloudFront's is always `us-east-1`. */
  readonly region: string;
}

/** How S3 and CloudFront call the same thing. */
const CODES = {
  s3: { unsigned: 'AccessDenied', unknown: 'InvalidAccessKeyId', skewed: 'RequestTimeTooSkewed' },
  cloudfront: {
    unsigned: 'MissingAuthenticationToken',
    unknown: 'InvalidClientTokenId',
    skewed: 'SignatureDoesNotMatch',
  },
} as const satisfies Record<string, Record<string, ErrorCode>>;

const SKEW_LIMIT_MS = 15 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request, ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{64})$/;

/** The access key id that a request says it is signed with; empty where it says none. */
export function findAccessKeyId(headers: IncomingHttpHeaders): string {
  return /Credential=([^/,\s]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}

/**
 * Checks the signature in a request's headers: Signature Version 4, as "Create a signed AWS API request" in the IAM User
 * Guide and "Authenticating Requests: Using the Authorization Header" in the S3 API reference describe it.
 *
 * @throws ApiError where it is not signed, or not so
 */
export function verifySignature(request: ApiRequest, signers: Signers, now: Date): void {
  const { service, headers } = request;
  const codes = CODES[service];
  if (headers.authorization === undefined) throw new ApiError(codes.unsigned);
  const parts = AUTHORIZATION.exec(headers.authorization);
  if (!parts) throw new ApiError('AuthorizationHeaderMalformed');
  const [, keyId = '', day = '', region = '', scope = '', signedNames = '', signature] = parts;

  const expectedRegion = service === 's3' ? signers.region : 'us-east-1';
  if (scope !== service || region !== expectedRegion) {
    throw new ApiError(
      service === 's3' ? 'AuthorizationHeaderMalformed' : 'SignatureDoesNotMatch',
      `Credential should be scoped to ${expectedRegion}/${service}, not ${region}/${scope}`,
    );
  }
  const secret = signers.secrets.get(keyId);
  if (secret === undefined) throw new ApiError(codes.unknown);

  const time = String(headers['x-amz-date'] ?? '');
  const skewMs = Math.abs(parseTime(time) - now.getTime());
  if (!(skewMs <= SKEW_LIMIT_MS)) throw new ApiError(codes.skewed, 'The time is too far off.');
  if (!time.startsWith(day)) throw new ApiError('SignatureDoesNotMatch', 'Scope of another day.');

  const payloadHash = checkPayload(request);
  const signed = signedNames.split(';');
  checkSignedHeaders(headers, signed);
  const canonicalRequest = [
    request.method,
    toCanonicalPath(request),
    toCanonicalQuery(request.query),
    ...signed.map((name) => `${name}:${toCanonicalValue(headers[name])}`),
    '',
    signedNames,
    payloadHash,
  ].join('\n');
  const credentialScope = `${day}/${region}/${service}/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${time}\n${credentialScope}\n${digestOf(canonicalRequest)}`;
  const signingKey = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${secret}`,
  );
  const expected = createHmac('sha256', signingKey).update(stringToSign).digest('hex');
  if (signature !== expected) throw new ApiError('SignatureDoesNotMatch');
}

/** The hash of the body that was signed; S3 takes it from a header, and compares. */
function checkPayload({ service, headers, body }: ApiRequest): string {
  if (service === 'cloudfront') return digestOf(body);
  const announced = headers['x-amz-content-sha256'];
  if (typeof announced !== 'string') {
    throw new ApiError('InvalidRequest', 'Missing required header: x-amz-content-sha256');
  }
  // aws-chunked, which S3 itself takes. Several servers like it do not, radosgw for one, so nobody shall rely on it.
  if (announced.startsWith('STREAMING-')) throw new ApiError('MissingContentLength');
  if (announced !== 'UNSIGNED-PAYLOAD' && announced !== digestOf(body)) {
    throw new ApiError('XAmzContentSHA256Mismatch');
  }
  return announced;
}

/** The host and everything of Amazon's must be signed, or it could be changed on the way. */
function checkSignedHeaders(headers: IncomingHttpHeaders, signed: readonly string[]): void {
  const unsigned = Object.keys(headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.includes(name),
  );
  if (unsigned.length > 0) {
    throw new ApiError('AccessDenied', `There were headers not signed: ${unsigned.join(', ')}`);
  }
}

/** S3 encodes a path once. Other services encode it once more, as it was sent. */
function toCanonicalPath({ service, target }: ApiRequest): string {
  const path = target.split('?', 1)[0] ?? '';
  const segments = path.split('/');
  return segments
    .map((segment) => encode(service === 's3' ? decodeURIComponent(segment) : segment))
    .join('/');
}

function toCanonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function toCanonicalValue(value: string | string[] | undefined): string {
  return [value ?? ''].flat().join(',').trim().replace(/ +/g, ' ');
}

/** Everything but the unreserved characters of RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Of `20240131T235959Z`, in milliseconds; NaN where it is not of this form. */
function parseTime(time: string): number {
  const iso = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return iso === time ? Number.NaN : Date.parse(iso);
}
