import { errorCode } from '../../lib/errors.ts';
import { toWebError } from '../../lib/http/web-error.ts';

/** Why a request has no whole answer. */
export class AskError extends Error {
  override readonly name = 'AskError';
  /** The check that finds it. */
  readonly check: string;
  /** The code of the error that Node reports; empty if there is none. */
  readonly code: string;

  constructor(check: string, message: string, code = '') {
    super(message);
    this.check = check;
    this.code = code;
  }
}

/** The checks of what Node reports, by its codes. */
const CHECKS: readonly (readonly [RegExp, string])[] = [
  [/^(ECONNRESET|EPIPE)$/, 'cut'],
  [/TIMEDOUT|TIMEOUT/, 'slow'],
  [/CERT|SELF_SIGNED|UNABLE_TO|TLS|SSL|EPROTO/, 'certificate'],
  [/^HPE_/, 'not-http'],
];

/** Turns what Node reports into the reason, worded to follow the name of the request. */
export function toAskError(url: string, error: unknown): AskError {
  if (error instanceof AskError) return error;
  const code = errorCode(error);
  const check = CHECKS.find(([pattern]) => pattern.test(code))?.[1] ?? 'unreachable';
  if (check === 'not-http') return new AskError(check, `does not speak HTTP (${code})`, code);
  return new AskError(check, toWebError(url, error).reason, code);
}
