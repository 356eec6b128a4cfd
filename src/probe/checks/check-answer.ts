import { isHtml } from '../../lib/http/unexpected-answer.ts';
import { type Answer, headerOf } from '../ask/answer.ts';
import type { Probing } from './probing.ts';

/** What an answer has to be. */
export interface ExpectedAnswer {
  /** How findings name the request. */
  readonly name: string;
  readonly status: number;
  /** Without parameters, such as `application/json`; null: any. */
  readonly type: string | null;
  /** Whether it has no body, as that to HEAD. */
  readonly isBodiless?: boolean;
}

/** Clients and caches that keep an answer longer than this see a new release a day late. */
const MOST_CACHED_SECONDS = 3600;

/** Reports what is wrong with the head of an answer and its form. @returns whether its body may be read */
export function checkAnswer(
  answer: Answer,
  { name, status, type, isBodiless = false }: ExpectedAnswer,
  { findings, isOurs, asker }: Probing,
): boolean {
  const report = (check: string, message: string) => findings.add({ check, message }, name);
  if (isRedirect(answer)) {
    report('redirect', describeRedirect(answer, asker.options.base));
    return false;
  }
  if (answer.status !== status) {
    report('status', `answers ${answer.status}, expected ${status}`);
    return false;
  }
  if (answer.miscoded !== '') {
    report('encoding', answer.miscoded);
    return false;
  }
  if (type !== null && type !== 'text/html' && isPage(answer)) {
    report('web-page', `answers with a web page, expected ${type}: who is in between?`);
    return false;
  }
  const found = typeOf(answer);
  if (type !== null && found !== type) {
    report('content-type', `has the content type ${JSON.stringify(found)}, expected ${type}`);
  }
  if (isBodiless && answer.body.length > 0) report('head', 'has a body, and must have none');
  if (isOurs) checkHeaders(answer, report);
  return true;
}

/** Whether an answer leads elsewhere. */
export function isRedirect({ status, headers }: Answer): boolean {
  return status >= 300 && status < 400 && status !== 304 && headers.location !== undefined;
}

/** Without parameters; empty if there is none. */
export function typeOf(answer: Answer): string {
  return headerOf(answer, 'content-type').replace(/\s*;.*$/, '');
}

function isPage(answer: Answer): boolean {
  const headers = new Headers({ 'content-type': headerOf(answer, 'content-type') });
  return isHtml(headers) || /^\s*<(!doctype|html)/i.test(answer.body.subarray(0, 100).toString());
}

function describeRedirect(answer: Answer, base: string): string {
  const location = headerOf(answer, 'location');
  const to = URL.canParse(location, base) ? new URL(location, base) : null;
  if (to === null) return 'redirects to something that is no address';
  const isDowngrade = base.startsWith('https:') && to.protocol === 'http:';
  return isDowngrade
    ? `redirects to http, which is not encrypted: ${to.origin}`
    : `redirects to ${to.origin}: servers have to be given that address`;
}

/** Those that docs/api.md promises. */
function checkHeaders(answer: Answer, report: (check: string, message: string) => void) {
  const { status } = answer;
  if (headerOf(answer, 'access-control-allow-origin') !== '*') {
    report('cors', 'lacks Access-Control-Allow-Origin: *, so browsers do not read it elsewhere');
  }
  const cached = headerOf(answer, 'cache-control');
  const [, maxAge] = /\bmax-age=(\d+)/.exec(cached) ?? [];
  if (maxAge === undefined || Number(maxAge) > MOST_CACHED_SECONDS) {
    const found = cached === '' ? 'no Cache-Control' : `Cache-Control: ${cached}`;
    report('cache-control', `has ${found}, expected a max-age of at most ${MOST_CACHED_SECONDS}`);
  }
  if (status === 405 && headerOf(answer, 'allow') === '') report('allow', 'lacks Allow');
  if (status >= 300) return;
  if (headerOf(answer, 'x-content-type-options').toLowerCase() !== 'nosniff') {
    report('nosniff', 'lacks X-Content-Type-Options: nosniff');
  }
  if (!/\baccept-encoding\b/i.test(headerOf(answer, 'vary'))) {
    report('vary', 'lacks Vary: Accept-Encoding, so caches may mix its forms');
  }
  if (!isTag(headerOf(answer, 'etag'))) {
    report('etag', 'lacks an ETag, so clients fetch it again and again');
  }
}

/** Whether a text is an entity tag. */
export function isTag(text: string): boolean {
  return /^(W\/)?"[^"]+"$/.test(text);
}
