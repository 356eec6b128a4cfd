import type { Web } from './web.ts';
import { showUrl, toWebError, WebError, type WebErrorOptions } from './web-error.ts';

type RequestHeaders = Readonly<Record<string, string>>;

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD';
  /** A function gives those of each attempt. */
  readonly headers?: RequestHeaders | (() => Promise<RequestHeaders>);
  /** A larger body is refused, whatever length the server announces. */
  readonly mostBytes: number;
  /**
   * The only origin that is asked, such as `https://api.github.com`, redirects included. Default: the origin of the URL if
   * credentials are sent, otherwise any.
   */
  readonly origin?: string;
}

/** What a server answered: 2xx, or 304 to a conditional request. */
export interface WebAnswer {
  /** The URL that answered, after all redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body in chunks; throws if it is cut, stalls, or does not have the announced length. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks a URL, follows redirects, and lets `use` read the answer. Retries what may pass (failed connections, 429, 5xx, bodies
 * that are cut), and then calls `use` again. When `use` returns, the rest of the body is dropped.
 *
 * @throws {WebError} if there is no such answer
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

/** The body of an answer, in memory. */
export async function readWhole({ chunks }: WebAnswer): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

/** The longest wait for one URL. */
const LONGEST_WAIT_MS = 60_000;

async function requestOnce<Result>(
  web: Web,
  url: string,
  { method = 'GET', headers: given = {}, mostBytes, origin }: RequestOptions,
  use: (answer: WebAnswer) => Promise<Result>,
): Promise<Result> {
  if (!/^https?:/i.test(url)) throw new WebError(url, 'is not a web address');
  const headers = typeof given === 'function' ? await given() : given;
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  const isSecret = names.some((name) => CREDENTIALS.includes(name));
  const home = origin ?? (isSecret && URL.canParse(url) ? new URL(url).origin : null);
  const patience = startPatience(url, web);
  try {
    const asked = { 'user-agent': 'mattermost-static-marketplace', ...headers };
    const init = {
      method,
      // The signature covers the file on the server: it must not be compressed on the way.
      headers: { 'accept-encoding': 'identity', ...asked },
      signal: patience.signal,
    };
    const asking = home === null ? web.fetch(url, init) : fetchWithin(web, home, url, init);
    const response = await asking.catch((error: unknown) => {
      throw toWebError(url, patience.reason() ?? error);
    });
    patience.renew();
    const isUnchanged = response.status === 304 && names.includes('if-none-match');
    if (!response.ok && !isUnchanged) throw refusal(url, response);
    const chunks = readBody(url, response, mostBytes, { patience, web });
    const { status, headers: answered } = response;
    return await use({ url: response.url, status, headers: answered, chunks });
  } finally {
    patience.end();
  }
}

/** Headers that identify the client. */
const CREDENTIALS: readonly string[] = ['authorization', 'cookie', 'proxy-authorization'];

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 10;

/** Asks one origin only: what is sent there is meant for no other, and no other may answer for it. */
async function fetchWithin(
  web: Web,
  origin: string,
  url: string,
  init: RequestInit,
): Promise<Response> {
  let asked = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const to = URL.canParse(asked) ? new URL(asked) : null;
    if (to?.origin !== origin || to.username !== '' || to.password !== '') {
      const what =
        asked === url ? 'is not asked' : `leads to ${showUrl(asked)}, which is not asked`;
      throw new WebError(url, `${what}: only ${origin} may be`);
    }
    const response = await web.fetch(asked, { ...init, redirect: 'manual' });
    const location = response.headers.get('location');
    if (location === null || !REDIRECTS.includes(response.status)) return response;
    await response.body?.cancel();
    asked = URL.canParse(location, asked) ? new URL(location, asked).href : location;
  }
  throw new WebError(url, 'redirects without end');
}

function refusal(url: string, response: Response): WebError {
  const { status, statusText, headers } = response;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  // A server that states when its limit ends must not be asked before.
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
  { patience, web }: { readonly patience: Patience; readonly web: Web },
): AsyncGenerator<Uint8Array> {
  const tooLarge = () => new WebError(url, `sends more than the ${mostBytes} bytes allowed`);
  // If the body came compressed after all, the length is that of the compressed body.
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
      if (web.pace) await patience.without(web.pace(chunk.length));
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
  /** Waits for what the server is not to blame for. */
  without(waiting: Promise<void>): Promise<void>;
  /** Why the request was given up, if it was. */
  reason(): WebError | undefined;
  end(): void;
}

function startPatience(url: string, { stallMs, limitMs }: Web): Patience {
  const controller = new AbortController();
  let reason: WebError | undefined;
  const giveUp = (message: string, options: WebErrorOptions) => () => {
    reason = new WebError(url, message, options);
    controller.abort();
  };
  const exceed = giveUp(`takes longer than ${limitMs / 1000} s`, { mayContinue: true });
  const fallSilent = giveUp(`sends nothing for ${stallMs / 1000} s`, { isTransient: true });
  let leftMs = limitMs;
  let startedMs = 0;
  let limit: NodeJS.Timeout | undefined;
  let stall: NodeJS.Timeout | undefined;
  const start = () => {
    startedMs = performance.now();
    limit = setTimeout(exceed, leftMs);
    stall = setTimeout(fallSilent, stallMs);
  };
  const stop = () => {
    leftMs -= performance.now() - startedMs;
    clearTimeout(limit);
    clearTimeout(stall);
  };
  start();
  return {
    signal: controller.signal,
    renew: () => stall?.refresh(),
    without: async (waiting) => {
      stop();
      await waiting;
      start();
    },
    reason: () => reason,
    end: () => {
      stop();
      controller.abort();
    },
  };
}
