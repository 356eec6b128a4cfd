import { PAGE_HEADERS } from '../../router/headers/headers.ts';
import { type Answer, digestOfAnswer, headerOf, parseBody } from '../ask/answer.ts';
import { checkAnswer, isTag } from './check-answer.ts';
import type { Probing } from './probing.ts';

/** A list that every server may ask for. */
const LIST = '/api/v1/plugins?server_version=99.0.0&platform=linux-amd64';

const JSON_TYPE = 'application/json';

// Target, content type.
const EVERYWHERE: readonly (readonly [string, string])[] = [
  ['/api/v1/health', 'application/health+json'],
  ['/api/v1/labels', JSON_TYPE],
  [LIST, JSON_TYPE],
];

// What only our builds promise: method, target, status, content type.
const OURS: readonly (readonly ['GET' | 'HEAD' | 'POST', string, number, string | null])[] = [
  ['HEAD', LIST, 200, JSON_TYPE],
  ['HEAD', '/api/v1/labels', 200, JSON_TYPE],
  // Servers up to 5.19 whose MarketplaceURL ends with a slash.
  ['GET', '//api/v1/plugins?filter=&page=0&server_version=5.19.0', 200, JSON_TYPE],
  ['GET', '/api/v1/plugins?page=x', 400, JSON_TYPE],
  ['GET', '/api/v1/plugins?server_version=x', 400, JSON_TYPE],
  ['GET', '/api/v1/no-such-route', 404, JSON_TYPE],
  // A page for people, where the host has one.
  ['GET', '/no/such/page', 404, null],
  ['POST', '/api/v1/plugins', 405, JSON_TYPE],
];

const PAGES: readonly string[] = ['/', '/about/'];

/** Asks every route once, for what is there and what is refused, and conditional requests. */
export async function checkRoutes(probing: Probing): Promise<void> {
  const { isOurs } = probing;
  await Promise.all([
    ...EVERYWHERE.map(([target, type]) => checkRoute(probing, 'GET', target, 200, type)),
    ...(isOurs ? OURS : []).map((row) => checkRoute(probing, ...row)),
    ...(isOurs ? PAGES : []).map((target) => checkPage(probing, target)),
    ...[LIST, '/api/v1/labels'].map((target) => checkForms(probing, target)),
  ]);
}

async function checkRoute(
  probing: Probing,
  method: 'GET' | 'HEAD' | 'POST',
  target: string,
  status: number,
  type: string | null,
) {
  const name = `${method} ${target}`;
  const answer = await probing.asker.ask({ method, target });
  if (answer === null) return;
  const isBodiless = method === 'HEAD';
  const isGood = checkAnswer(answer, { name, status, type, isBodiless }, probing);
  if (!isGood || isBodiless || type === null || parseBody(answer.body) !== undefined) return;
  const message = 'has a body that is not whole JSON';
  probing.findings.add({ check: 'not-json', message }, name);
}

async function checkPage(probing: Probing, target: string) {
  const name = `GET ${target}`;
  const answer = await probing.asker.ask({ target });
  if (answer === null) return;
  if (!checkAnswer(answer, { name, status: 200, type: 'text/html' }, probing)) return;
  const missing = Object.keys(PAGE_HEADERS).filter((header) => headerOf(answer, header) === '');
  if (missing.length === 0) return;
  const message = `lacks ${missing.join(', ')}`;
  probing.findings.add({ check: 'page-headers', message }, name);
}

/** The same answer under conditions, and not compressed. */
async function checkForms(probing: Probing, target: string) {
  const { asker, findings, isOurs } = probing;
  const ask = async (headers: Record<string, string>, name: string) => {
    const answer = await asker.ask({ target, headers, name });
    return answer && { answer, name };
  };
  const named = (what: string) => `GET ${target}, ${what}`;
  const plain = await ask({}, named('twice'));
  const identity = await ask({ 'accept-encoding': 'identity' }, named('not compressed'));
  if (plain?.answer.status !== 200) return;
  const expectSame = (other: { answer: Answer; name: string } | null) => {
    if (other === null) return;
    const { answer, name } = other;
    if (!checkAnswer(answer, { name, status: 200, type: null }, probing)) return;
    if (digestOfAnswer(answer) === digestOfAnswer(plain.answer)) return;
    findings.add({ check: 'forms-differ', message: 'has other contents' }, name);
  };
  expectSame(identity);
  const tag = headerOf(plain.answer, 'etag');
  if (!isOurs || !isTag(tag)) return;
  const other = await ask({ 'if-none-match': '"probe"' }, named('with another If-None-Match'));
  expectSame(other);
  if (other?.answer.status === 200 && headerOf(other.answer, 'etag') !== tag) {
    const message = 'changes its ETag from request to request';
    findings.add({ check: 'etag', message }, named('twice'));
    return;
  }
  const same = await ask({ 'if-none-match': tag }, named('with its ETag as If-None-Match'));
  if (same === null) return;
  const { answer, name } = same;
  checkAnswer(answer, { name, status: 304, type: null, isBodiless: true }, probing);
}
