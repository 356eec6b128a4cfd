/** Status and message of each error code that S3 and CloudFront answer here; from their API references, "Errors". */
const ERRORS = {
  AccessDenied: [403, 'Access Denied'],
  AuthorizationHeaderMalformed: [400, 'The authorization header that you provided is not valid.'],
  BadDigest: [400, 'The Content-MD5 or checksum value that you specified did not match.'],
  ConditionalRequestConflict: [409, 'A conflicting conditional operation is under way.'],
  FunctionSizeLimitExceeded: [413, 'The function exceeds the maximum size.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The access key ID that you provided does not exist.'],
  InvalidArgument: [400, 'An argument is invalid.'],
  InvalidClientTokenId: [403, 'The security token included in the request is invalid.'],
  InvalidDigest: [400, 'The Content-MD5 or checksum value that you specified is not valid.'],
  InvalidIfMatchVersion: [400, 'The If-Match version is missing or not valid for the resource.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidURI: [400, "The specified URI couldn't be parsed."],
  KeyTooLongError: [400, 'Your key is too long.'],
  MalformedXML: [400, 'The XML that you provided was not well formed or did not validate.'],
  MetadataTooLarge: [400, 'Your metadata headers exceed the maximum allowed metadata size.'],
  MissingAuthenticationToken: [403, 'Missing Authentication Token'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchDistribution: [404, 'The specified distribution does not exist.'],
  NoSuchFunctionExists: [404, 'The specified function does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NotImplemented: [501, 'This is something that is not implemented.'],
  PreconditionFailed: [412, 'At least one of the preconditions that you specified did not hold.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the time is too large.'],
  ServiceUnavailable: [503, 'Service is unable to handle request.'],
  SignatureDoesNotMatch: [403, 'The request signature that we calculated does not match.'],
  SlowDown: [503, 'Please reduce your request rate.'],
  // CloudFront has no status of its own for it; 400 is that of "Common errors" in its API reference.
  Throttling: [400, 'Rate exceeded'],
  XAmzContentSHA256Mismatch: [400, 'The x-amz-content-sha256 header does not match the body.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof ERRORS;

/** An error as the services answer it. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly status: number;

  /** `detail` tells which of the things that the code stands for it was. */
  constructor(code: ErrorCode, detail?: string) {
    const [status, message] = ERRORS[code];
    super(detail ?? message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** What was thrown, as the services answer it: a bug of the server or of a test's plan is an InternalError that shows it. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('InternalError', error instanceof Error ? error.stack : String(error));
}
