import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { digestOf } from '../../../lib/digests.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import { readWhole, request } from '../../../lib/http/request.ts';
import { unexpectedAnswer } from '../../../lib/http/unexpected-answer.ts';
import { ENTITY_TAG, type Web } from '../../../lib/http/web.ts';
import { WebError } from '../../../lib/http/web-error.ts';

export interface GithubFetchOptions {
  readonly web: Web;
  /** The URL of GitHub's API, such as `https://api.github.com`: no other origin is asked, whatever an answer contains. */
  readonly origin: string;
  /** Folder for answers, so that GitHub can answer that nothing has changed, which does not count against the limit. */
  readonly cacheFolder: string;
  readonly now: () => Date;
  /** Reports why nothing happens for a while. */
  readonly report: (line: string) => void;
}

/** GitHub counts by the hour. */
const LONGEST_WAIT_MS = 65 * 60_000;
/** Each wait is for the end of a limit, so a second one is rare. */
const MOST_WAITS = 5;

/** An answer that was given before, as it is kept. */
const cachedAnswer = z.object({
  url: z.string(),
  etag: z.string().regex(ENTITY_TAG),
  /** The URL of the next page. */
  link: z
    .string()
    .regex(/^[\x20-\x7e]*$/)
    .nullable(),
  body: z.string().refine(isList),
});

type CachedAnswer = z.infer<typeof cachedAnswer>;

export interface GithubRequest {
  readonly headers: Readonly<Record<string, string>>;
  /** The ETag of the answer. */
  readonly mostBytes: number;
}

/**
 * A `fetch` for the lists of GitHub's API: keeps answers by their ETags, and waits where a rate limit is used up.
 *
 * @throws {WebError} if there is no answer, a refusal, or something other than a list
 */
export function githubFetch(options: GithubFetchOptions) {
  return async (url: string, init: GithubRequest): Promise<Response> => {
    for (let waits = 0; ; waits++) {
      try {
        return await ask(url, init, options);
      } catch (error) {
        const waitMs = limitWaitMs(error, options.now());
        if (waitMs === null || waitMs > LONGEST_WAIT_MS || waits === MOST_WAITS) throw error;
        options.report(`GitHub's rate limit is used up: waiting ${Math.ceil(waitMs / 1000)} s`);
        await options.web.sleep(waitMs);
      }
    }
  };
}

async function ask(
  url: string,
  { headers, mostBytes }: GithubRequest,
  { web, origin, cacheFolder }: GithubFetchOptions,
): Promise<Response> {
  const name = digestOf(url);
  const file = path.join(cacheFolder, `github-${name}.json`);
  const known = await readCached(file, url);
  const conditional = known ? { ...headers, 'if-none-match': known.etag } : headers;
  return await request(web, url, { headers: conditional, mostBytes, origin }, async (answer) => {
    if (answer.status === 304 && known) {
      return toResponse(known);
    }
    const bytes = await readWhole(answer);
    const body = bytes.toString('utf8');
    if (!isList(body)) {
      // The answer may repeat the credentials of the request.
      const secret = headers['authorization']?.split(' ').at(-1) ?? '';
      const shown = secret === '' ? bytes : Buffer.from(body.replaceAll(secret, '…'));
      throw unexpectedAnswer(url, answer, shown, 'a list of releases in JSON');
    }
    const etag = answer.headers.get('etag') ?? '';
    const cached: CachedAnswer = { url, etag, link: answer.headers.get('link'), body };
    if (cachedAnswer.safeParse(cached).success) {
      await mkdir(cacheFolder, { recursive: true });
      await replaceFile(file, `${JSON.stringify(cached)}\n`);
    }
    return toResponse(cached);
  });
}

function isList(body: string): boolean {
  try {
    return Array.isArray(JSON.parse(body));
  } catch {
    return false;
  }
}

function toResponse({ link, body }: CachedAnswer): Response {
  const bytes = Buffer.from(body);
  return new Response(bytes, {
    headers: {
      // It is JSON, whatever it was called on the way.
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...(link === null ? {} : { link }),
    },
  });
}

async function readCached(file: string, url: string): Promise<CachedAnswer | undefined> {
  try {
    const cached = cachedAnswer.parse(JSON.parse(await readFile(file, 'utf8')));
    return cached.url === url ? cached : undefined;
  } catch {
    return undefined;
  }
}

/** How long the limit lasts that an error reports; null if it reports none. */
function limitWaitMs(error: unknown, now: Date): number | null {
  if (!(error instanceof WebError) || (error.status !== 403 && error.status !== 429)) return null;
  if (error.retryAfterMs !== undefined) return error.retryAfterMs;
  const { headers } = error;
  if (headers?.get('x-ratelimit-remaining') !== '0') return null;
  const resetSeconds = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
  // A second more, for clocks differ.
  return Number.isNaN(resetSeconds)
    ? null
    : Math.max(0, resetSeconds * 1000 - now.getTime()) + 1000;
}
