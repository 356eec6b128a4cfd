import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import { readWhole } from '../../web/read-url.ts';
import { request } from '../../web/request.ts';
import { unexpectedAnswer } from '../../web/unexpected-answer.ts';
import type { Web } from '../../web/web.ts';
import { WebError } from '../../web/web-error.ts';

export interface GithubFetchOptions {
  readonly web: Web;
  /** Folder for answers, so that GitHub need only say that nothing has changed, which it does not count. */
  readonly cacheFolder: string;
  readonly now: () => Date;
  /** Says why nothing happens for a while. */
  readonly tell: (line: string) => void;
}

/** A page of a hundred releases with all their assets. */
const MOST_BYTES = 64 * 1024 ** 2;
/** GitHub counts by the hour. */
const LONGEST_WAIT_MS = 65 * 60_000;
/** Each wait is for the end of a limit, so a second one is rare. */
const MOST_WAITS = 5;

/** An answer that was given before. */
interface CachedAnswer {
  readonly url: string;
  readonly etag: string;
  /** Of those that tell what the body is and what comes next. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * A `fetch` for the lists of GitHub's API: keeps answers by their ETags, and waits where a rate limit is used up.
 *
 * @throws {WebError} where there is no answer, a refusal, or something that is no list
 */
export function githubFetch(options: GithubFetchOptions) {
  return async (url: string, init: { readonly headers: Readonly<Record<string, string>> }) => {
    for (let waits = 0; ; waits++) {
      try {
        return await ask(url, init.headers, options);
      } catch (error) {
        const waitMs = limitWaitMs(error, options.now());
        if (waitMs === null || waitMs > LONGEST_WAIT_MS || waits === MOST_WAITS) throw error;
        options.tell(`GitHub's rate limit is used up: waiting ${Math.ceil(waitMs / 1000)} s`);
        await options.web.sleep(waitMs);
      }
    }
  };
}

async function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  { web, cacheFolder }: GithubFetchOptions,
): Promise<Response> {
  const name = createHash('sha256').update(url).digest('hex');
  const file = path.join(cacheFolder, `github-${name}.json`);
  const known = await readCached(file, url);
  const conditional = known ? { ...headers, 'if-none-match': known.etag } : headers;
  return await request(
    web,
    url,
    { headers: conditional, mostBytes: MOST_BYTES },
    async (answer) => {
      if (answer.status === 304 && known) {
        return new Response(known.body, { headers: known.headers });
      }
      const bytes = await readWhole(answer);
      const body = bytes.toString('utf8');
      if (!isList(body)) {
        // Whoever answered may repeat what it was asked with.
        const secret = headers['authorization']?.split(' ').at(-1) ?? '';
        const shown = secret === '' ? bytes : Buffer.from(body.replaceAll(secret, '…'));
        throw unexpectedAnswer(url, answer, shown, 'a list of releases in JSON');
      }
      const kept = pickHeaders(answer.headers);
      const etag = answer.headers.get('etag') ?? '';
      if (etag !== '') {
        const cached: CachedAnswer = { url, etag, headers: kept, body };
        await mkdir(cacheFolder, { recursive: true });
        await replaceFile(file, `${JSON.stringify(cached)}\n`);
      }
      return new Response(body, { headers: kept });
    },
  );
}

function isList(body: string): boolean {
  try {
    return Array.isArray(JSON.parse(body));
  } catch {
    return false;
  }
}

function pickHeaders(headers: Headers): Record<string, string> {
  const link = headers.get('link');
  // It is JSON, whatever it was called on the way.
  return { 'content-type': 'application/json', ...(link === null ? {} : { link }) };
}

async function readCached(file: string, url: string): Promise<CachedAnswer | undefined> {
  try {
    const cached = JSON.parse(await readFile(file, 'utf8')) as CachedAnswer;
    return cached.url === url ? cached : undefined;
  } catch {
    return undefined;
  }
}

/** How long a limit lasts that an error tells of; null where it is no such error. */
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
