import type { WebAnswer } from './request.ts';
import { showUrl, WebError } from './web-error.ts';

/** The remedy if another server seems to have answered. */
export const CHECK_NETWORK =
  'check the address, and whether a sign-in page, a proxy or a firewall is in between';

/** How much of an answer is shown, in characters. */
const SHOWN_LENGTH = 80;

/**
 * The error for an answer that is not what was asked for, such as the sign-in page of a network or the error page of a proxy:
 * it names who answered, what came, and what to check.
 *
 * @param expected such as `a list of releases`
 */
export function unexpectedAnswer(
  url: string,
  { url: answered, status, headers }: Omit<WebAnswer, 'chunks'>,
  body: Buffer,
  expected: string,
): WebError {
  const type = headers.get('content-type') ?? 'no content type';
  const what = isHtml(headers) ? 'a web page' : 'something else';
  const begins = body.length === 0 ? 'an empty body' : `it begins with ${showText(body)}`;
  return new WebError(
    url,
    `gives ${what} and not ${expected}: ${showUrl(answered || url)} answered ${status}, ${escapeText(type)}, ${begins} — ${CHECK_NETWORK}`,
    { status, headers },
  );
}

/** Whether an answer is a page for people, by its content type. */
export function isHtml(headers: Headers): boolean {
  return /^\s*(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? '');
}

function showText(body: Buffer): string {
  const text = body.subarray(0, 4 * SHOWN_LENGTH).toString('utf8');
  const [...characters] = text;
  const cut = characters.length > SHOWN_LENGTH || body.length > 4 * SHOWN_LENGTH ? '…' : '';
  return escapeText(JSON.stringify(`${characters.slice(0, SHOWN_LENGTH).join('')}${cut}`));
}

/** A terminal obeys more than JSON escapes. */
function escapeText(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
