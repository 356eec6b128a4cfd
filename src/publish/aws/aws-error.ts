import { errorCode, UserError } from '../../lib/errors.ts';

/** Whether an error is one of AWS with this code, such as `NoSuchKey`. */
export function isAwsError(error: unknown, code: string): boolean {
  return error instanceof Error && error.name === code;
}

/** Whether a change was refused because somebody else made one first. */
export function isConditionFailed(error: unknown): boolean {
  return CONDITION_FAILED.some((code) => isAwsError(error, code));
}

const CONDITION_FAILED = [
  'PreconditionFailed',
  'ConditionalRequestConflict',
  'InvalidIfMatchVersion',
];

// The code of an error, what to do about it.
const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied:
    'the credentials may not do this: the deploy role in infra/template.yaml lists what publishing needs',
  CredentialsProviderError:
    'the AWS SDK found no credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ExpiredToken: 'the credentials have expired: get new ones',
  ExpiredTokenException: 'the credentials have expired: get new ones',
  InvalidAccessKeyId: 'there are no such credentials: check AWS_PROFILE and AWS_ACCESS_KEY_ID',
  InvalidClientTokenId: 'there are no such credentials: check AWS_PROFILE and AWS_ACCESS_KEY_ID',
  SignatureDoesNotMatch: 'the secret does not fit the access key: check the credentials',
  RequestTimeTooSkewed: "this machine's clock is wrong: set it",
  NoSuchBucket: 'there is no such bucket: check --bucket, or create the stack of infra/',
  NoSuchFunctionExists:
    'there is no such function: check --function, or create the stack of infra/',
  NoSuchDistribution: 'there is no such distribution: check --distribution',
  PermanentRedirect: 'the bucket is in another region: check --region',
  SlowDown:
    'AWS asks to slow down, also after several tries: run the command again, or lower --concurrency',
  Throttling: 'AWS asks to slow down, also after several tries: run the command again',
  ThrottlingException: 'AWS asks to slow down, also after several tries: run the command again',
  TimeoutError:
    'no answer came, also after several tries: check the network and run the command again',
};

/**
 * What to throw where AWS refused or could not be reached: a `UserError` that says what and what to do; anything else as it
 * came. Nothing of the request is told but its subject, for headers hold credentials.
 */
export function explainAwsError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const { name, message } = error;
  const code = errorCode(error);
  if (message === 'Region is missing') {
    return new UserError(
      'the region of the bucket is not set: name it with --region or AWS_REGION',
    );
  }
  const isNetwork = NETWORK.includes(code);
  if (!('$metadata' in error) && !isNetwork && REMEDIES[name] === undefined) return error;
  if (isNetwork) {
    return new UserError(
      `AWS cannot be reached, ${code}: check the network and run the command again; what was done stays done`,
    );
  }
  const said = name === message || message === '' ? name : `${name}, ${firstLine(message)}`;
  return new UserError(`AWS refused: ${said}${REMEDIES[name] ? ` — ${REMEDIES[name]}` : ''}`);
}

/** What `node:net` and `node:dns` say. */
const NETWORK = [
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
];

const firstLine = (text: string) => (text.split('\n')[0] ?? '').slice(0, 300);
