import { errorCode, UserError } from '../../lib/errors.ts';

/** Whether an error is one of AWS with this code, such as `NoSuchKey`. */
export function isAwsError(error: unknown, code: string): boolean {
  return error instanceof Error && error.name === code;
}

/** Whether a change was refused because somebody else was faster. */
export function isConditionFailed(error: unknown): boolean {
  if (CONDITION_FAILED.some((code) => isAwsError(error, code))) return true;
  // What a KeyValueStore answers to a stale ETag. Its documentation names ConflictException.
  return isAwsError(error, 'ValidationException') && /pre-?condition/i.test(String(error));
}

const CONDITION_FAILED = [
  'PreconditionFailed',
  'ConditionalRequestConflict',
  'InvalidIfMatchVersion',
  'ConflictException',
];

const EXPIRED = 'the credentials have expired: get new ones';
const UNKNOWN_KEY = 'AWS does not know these credentials: check AWS_PROFILE and AWS_ACCESS_KEY_ID';
const NOT_ALLOWED =
  'the credentials do not allow this: the deploy role in infra/template.yaml lists what publishing needs';
const SLOW_DOWN = 'AWS asks to slow down, even after several tries: run the command again';

// The code of an error, its remedy.
const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied: NOT_ALLOWED,
  AccessDeniedException: NOT_ALLOWED,
  CredentialsProviderError:
    'the AWS SDK found no credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  InvalidAccessKeyId: UNKNOWN_KEY,
  InvalidClientTokenId: UNKNOWN_KEY,
  SignatureDoesNotMatch: 'the secret does not match the access key: check the credentials',
  RequestTimeTooSkewed: "this machine's clock is wrong: set it",
  NoSuchBucket: 'the bucket does not exist: check --bucket, or create the stack of infra/',
  NoSuchFunctionExists:
    'the function does not exist: check --function, or create the stack of infra/',
  NoSuchDistribution: 'the distribution does not exist: check --distribution',
  ResourceNotFoundException:
    'the KeyValueStore does not exist: check --key-value-store, or create the stack of infra/',
  ServiceQuotaExceededException:
    'the KeyValueStore is full: remove old snapshots with npm run prune',
  PermanentRedirect: 'the bucket is in another region: check --region',
  SlowDown: `${SLOW_DOWN}, or lower --concurrency`,
  Throttling: SLOW_DOWN,
  ThrottlingException: SLOW_DOWN,
  TimeoutError: 'no answer arrived, even after several tries: check the network and run it again',
};

/** The codes of `node:net` and `node:dns`. */
const NETWORK = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
];

/**
 * Turns an error of AWS, or of the network, into a `UserError` with a remedy; returns any other error as it is. The message
 * shows nothing of the request, whose headers hold credentials.
 */
export function explainAwsError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const { name, message } = error;
  const code = errorCode(error);
  if (message === 'Region is missing') {
    return new UserError('the region of the bucket is not set: use --region or AWS_REGION');
  }
  if (NETWORK.includes(code)) {
    return new UserError(
      `AWS cannot be reached, ${code}: check the network and run the command again; it resumes`,
    );
  }
  const remedy = REMEDIES[name];
  if (!('$metadata' in error) && remedy === undefined) return error;
  const firstLine = (message.split('\n')[0] ?? '').slice(0, 300);
  const reason = name === message || message === '' ? name : `${name}, ${firstLine}`;
  return new UserError(`AWS refused: ${reason}${remedy ? ` — ${remedy}` : ''}`);
}
