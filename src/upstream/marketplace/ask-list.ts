import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import { readWhole, request, type WebAnswer } from '../../lib/http/request.ts';
import { CHECK_NETWORK, isHtml, unexpectedAnswer } from '../../lib/http/unexpected-answer.ts';
import type { Web } from '../../lib/http/web.ts';
import { WebError } from '../../lib/http/web-error.ts';
import { parseJson } from '../../lib/json/parse-json.ts';

/** The remedy if the address seems to be that of something else. */
export const CHECK_ADDRESS = 'check that it is the address of a plugin marketplace';

/** A list that a marketplace answers with. */
export interface ListAnswer {
  readonly entries: readonly unknown[];
  /** Decompressed. */
  readonly bytes: number;
  /** The digest of the body, in hex. */
  readonly sha256: string;
  readonly headers: Headers;
}

/** How a list is asked for. */
export interface AskListOptions {
  readonly web: Web;
  /** Limit for the body, decompressed. */
  readonly mostBytes: number;
  /** The header of that name; default: none. */
  readonly authorization?: string | undefined;
  /** Makes the request conditional. */
  readonly etag?: string | undefined;
  /** Whether what is no list in JSON counts as refused. Default: it is an error. */
  readonly mayBeOther?: boolean;
}

/** A body that is not kept may be compressed; a bundle must not be. */
const HEADERS = { accept: 'application/json', 'accept-encoding': 'gzip, br' };

/**
 * Asks a marketplace for a list of entries.
 *
 * @returns the list, or why there is none: the request is refused, or it was conditional and nothing has changed
 * @throws {UserError} on trouble with the network or the marketplace, and where a list is not whole
 */
export async function askList(
  url: string,
  { web, mostBytes, authorization = '', etag, mayBeOther = false }: AskListOptions,
): Promise<ListAnswer | 'refused' | 'unchanged'> {
  const headers = {
    ...HEADERS,
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(authorization && { authorization }),
  };
  try {
    return await request(web, url, { mostBytes, headers }, async (answer) => {
      if (answer.status === 304) return 'unchanged';
      const body = await readWhole(answer);
      if (mayBeOther && !isList(body, answer)) return 'refused';
      return {
        entries: parseList(body, url, answer),
        bytes: body.length,
        sha256: digestOf(body),
        headers: answer.headers,
      };
    });
  } catch (error) {
    if (!(error instanceof WebError)) throw error;
    const { status = 0 } = error;
    if (status === 400 || (mayBeOther && status > 400 && status < 500 && status !== 429)) {
      return 'refused';
    }
    throw explainWebError(error);
  }
}

/** Whether a body begins as a list in JSON does, and is not announced as a page for people. */
function isList(body: Buffer, { headers }: WebAnswer): boolean {
  return /^\s*\[/.test(body.subarray(0, 1000).toString()) && !isHtml(headers);
}

/** An empty body and null are not an empty list: the reference answers `[]`. */
function parseList(body: Buffer, url: string, answer: WebAnswer): readonly unknown[] {
  const text = decode(body, url).trim();
  const unexpected = () => unexpectedAnswer(url, answer, body, 'a list of plugins in JSON');
  if (text === '' || text.startsWith('<') || isHtml(answer.headers)) throw unexpected();
  const parsed = parseJson(text, url);
  if ('problems' in parsed) {
    const remedy = `try again later, or ${CHECK_NETWORK}`;
    throw new UserError(
      'the marketplace does not answer with a list of plugins',
      parsed.problems.map((problem) => {
        return { ...problem, message: `is not whole: ${problem.message}`, remedy };
      }),
    );
  }
  if (!Array.isArray(parsed.value)) throw unexpected();
  return parsed.value;
}

function decode(bytes: Buffer, url: string): string {
  try {
    // Replacing what is not UTF-8, as is usual, would change names without a word.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw marketplaceError(url, 'answers with something that is not UTF-8', CHECK_ADDRESS);
  }
}

const ASK_AS_USER =
  'it is for users only: put one into the address, https://USER:PASSWORD@HOST; in the environment others do not see it';

/** The network's error, with a remedy. */
export function explainWebError({ status, url, reason }: WebError): UserError {
  if (status === undefined) {
    return marketplaceError(url, reason, 'check the address and the network, or try again later');
  }
  const [what = reason, unexpected] = reason.split(` — ${CHECK_NETWORK}`);
  if (unexpected !== undefined) return marketplaceError(url, what, CHECK_NETWORK);
  if (status === 401) return marketplaceError(url, reason, ASK_AS_USER);
  const isTrouble = status >= 500 || status === 429;
  return marketplaceError(
    url,
    reason,
    isTrouble ? 'it has trouble: try again later' : CHECK_ADDRESS,
  );
}

/** The error about something that a marketplace does. */
export function marketplaceError(file: string, message: string, remedy: string): UserError {
  return new UserError('the marketplace cannot be read', [
    { level: 'error', file, message, remedy },
  ]);
}
