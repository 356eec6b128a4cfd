import { errorCode, UserError } from '../errors.ts';

export interface WebErrorOptions {
  /** Of the answer, if there was one. */
  readonly status?: number;
  readonly headers?: Headers;
  /** Whether the same request may be answered a little later. */
  readonly isTransient?: boolean;
  /** Whether what has come may be continued. Default: `isTransient`. */
  readonly mayContinue?: boolean;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs?: number;
}

/** A URL that does not give what it should. */
export class WebError extends UserError {
  /** Without secrets. */
  readonly url: string;
  /** What is wrong with it, such as `cut the connection`. */
  readonly reason: string;
  readonly status: number | undefined;
  readonly headers: Headers | undefined;
  readonly isTransient: boolean;
  readonly mayContinue: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(url: string, reason: string, options: WebErrorOptions = {}) {
    super(`${showUrl(url)} ${reason}`);
    this.url = showUrl(url);
    this.reason = reason;
    this.name = 'WebError';
    this.status = options.status;
    this.headers = options.headers;
    this.isTransient = options.isTransient ?? false;
    this.mayContinue = options.mayContinue ?? this.isTransient;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Whether the server answers that the file is missing; a store on S3 answers 403 to clients that may not list it. */
export function isAbsent(error: unknown): boolean {
  return error instanceof WebError && [403, 404, 410].includes(error.status ?? 0);
}

/** A URL without secrets: names, passwords and keys in a query do not belong in a log. */
export function showUrl(url: string): string {
  if (!URL.canParse(url)) return url;
  const shown = new URL(url);
  if (shown.username === '' && shown.password === '' && shown.search === '') return url;
  shown.username = '';
  shown.password = '';
  shown.search = shown.search === '' ? '' : '?…';
  return shown.href.replace('?%E2%80%A6', '?…');
}

/** Turns what `fetch` or the reading of a body threw into an error about the URL. */
export function toWebError(url: string, error: unknown): WebError {
  if (error instanceof WebError) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = errorCode(cause);
  const known = REASONS[code];
  if (known) return new WebError(url, known[0], { isTransient: known[1] });
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/does not match the HTTP/.test(message)) return new WebError(url, 'does not speak HTTP');
  if (/redirect count exceeded/.test(message)) return new WebError(url, 'redirects without end');
  if (/terminated|other side closed|aborted/.test(message)) {
    return new WebError(url, CUT, { isTransient: true });
  }
  // fetch reports a 407 with this text only.
  if (message === '') {
    return new WebError(url, 'cannot be asked: a proxy seems to want a sign-in (407)');
  }
  return new WebError(url, `cannot be asked: ${message.replaceAll(url, showUrl(url))}`);
}

const CUT = 'cut the connection';

/** By code: the problem, and whether it is temporary. */
const REASONS: Readonly<Record<string, readonly [string, boolean]>> = {
  ECONNREFUSED: ['refuses the connection', true],
  ECONNRESET: [CUT, true],
  EPIPE: [CUT, true],
  UND_ERR_SOCKET: [CUT, true],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['sends another number of bytes than it announces', true],
  ENOTFOUND: ['names a host that does not exist', false],
  EAI_AGAIN: ['names a host that cannot be looked up now', true],
  ETIMEDOUT: ['does not answer', true],
  UND_ERR_CONNECT_TIMEOUT: ['does not answer', true],
  UND_ERR_HEADERS_TIMEOUT: ['does not answer', true],
  UND_ERR_BODY_TIMEOUT: ['stopped sending', true],
};
