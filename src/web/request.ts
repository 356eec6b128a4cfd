import type { Web } from './web.ts';
import { showUrl, toWebError, WebError } from './web-error.ts';

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** A larger body is refused, whatever the server says of its length. */
  readonly mostBytes: number;
}

/** What a server answered: 2xx, or 304 to a conditional request. */
export interface WebAnswer {
  /** Of whoever answered, behind all redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body, piece by piece; it throws where it is cut, stalls, or is not as long as was said. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks a URL, follows redirects, and lets `use` read the answer. What may pass (connections that fail, 429, 5xx, bodies that
 * are cut) is tried again, and then `use` is called again. When `use` returns, the rest of the body is dropped.
 *
 * @throws {WebError} where the answer is none of those, or stays out
 */
export async function request<Result>(
  web: Web,
  url: string,
  options: RequestOptions,
  use: (answer: WebAnswer) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await requestOnce(web, url, options, use);
    } catch (error) {
      const waitMs = web.waitsMs[attempt];
      const mayPass = error instanceof WebError && error.isTransient && waitMs !== undefined;
      if (!mayPass) throw error;
      await web.sleep(Math.min(error.retryAfterMs ?? waitMs, LONGEST_WAIT_MS));
    }
  }
}

/** Longer than this nobody is asked to wait for one URL. */
const LONGEST_WAIT_MS = 60_000;

async function requestOnce<Result>(
  web: Web,
  url: string,
  { method = 'GET', headers = {}, mostBytes }: RequestOptions,
  use: (answer: WebAnswer) => Promise<Result>,
): Promise<Result> {
  const patience = startPatience(url, web);
  try {
    const asked = { 'user-agent': 'mattermost-static-marketplace', ...headers };
    const response = await web
      // What is signed is what lies on the server: it must not be compressed on the way.
      .fetch(url, {
        method,
        headers: { 'accept-encoding': 'identity', ...asked },
        signal: patience.signal,
      })
      .catch((error: unknown) => {
        throw toWebError(url, patience.reason() ?? error);
      });
    patience.renew();
    if (!response.ok && response.status !== 304) throw refusal(url, response);
    const chunks = readBody(url, response, mostBytes, patience);
    const { status, headers: answered } = response;
    return await use({ url: response.url, status, headers: answered, chunks });
  } finally {
    patience.end();
  }
}

function refusal(url: string, response: Response): WebError {
  const { status, statusText, headers } = response;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  // Whoever says when a limit ends wants nothing before.
  const isLimited = status === 429 && !headers.has('x-ratelimit-reset');
  const where = response.redirected ? `, at ${showUrl(response.url)}` : '';
  return new WebError(url, `answers ${`${status} ${statusText}`.trim()}${where}`, {
    status,
    headers,
    isTransient: isLimited || status >= 500,
    ...(Number.isNaN(seconds) ? {} : { retryAfterMs: seconds * 1000 }),
  });
}

async function* readBody(
  url: string,
  response: Response,
  mostBytes: number,
  patience: Patience,
): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new WebError(url, `sends more than the ${mostBytes} bytes allowed`);
  // Where the body came compressed after all, the length is that of the compressed one.
  const length = response.headers.get('content-encoding')
    ? null
    : response.headers.get('content-length');
  if (Number(length) > mostBytes) throw tooLarge();
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      patience.renew();
      bytes += chunk.length;
      if (bytes > mostBytes) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw toWebError(url, patience.reason() ?? error);
  }
  if (length !== null && bytes !== Number(length)) {
    throw new WebError(url, `sent ${bytes} of ${length} bytes`, { isTransient: true });
  }
}

interface Patience {
  readonly signal: AbortSignal;
  /** Something came: the server has as long again. */
  renew(): void;
  /** Why the request was given up, if it was. */
  reason(): WebError | undefined;
  end(): void;
}

function startPatience(url: string, { stallMs, limitMs }: Web): Patience {
  const controller = new AbortController();
  let reason: WebError | undefined;
  const giveUp = (message: string, isTransient: boolean) => () => {
    reason = new WebError(url, message, { isTransient });
    controller.abort();
  };
  const limit = setTimeout(giveUp(`takes longer than ${limitMs / 1000} s`, false), limitMs);
  const stall = setTimeout(giveUp(`sends nothing for ${stallMs / 1000} s`, true), stallMs);
  return {
    signal: controller.signal,
    renew: () => stall.refresh(),
    reason: () => reason,
    end: () => {
      clearTimeout(limit);
      clearTimeout(stall);
      controller.abort();
    },
  };
}
