import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  impatientWeb,
  type LoopbackServer,
  startLoopback,
} from '../../../test/engines/loopback-server.ts';
import { type RequestOptions, readWhole, request } from './request.ts';
import type { Web } from './web.ts';

/** A network that answers each request with the next answer, and records the waits between them. */
function scripted(answers: readonly Response[], more: Partial<Web> = {}) {
  const waits: number[] = [];
  let next = 0;
  const web = impatientWeb({
    waitsMs: [100, 200, 300],
    fetch: async () => answers[next++] ?? new Response('the end'),
    sleep: async (ms) => waits.push(ms),
    ...more,
  });
  return { web, waits, asked: () => next };
}

const readUrl = (web: Web, url: string, options: RequestOptions) =>
  request(web, url, options, readWhole);

const URL_ASKED = 'http://h/a';
const read = (web: Web, mostBytes = 1000) => readUrl(web, URL_ASKED, { mostBytes });

// `Retry-After` of a 503, the wait that follows.
const waits: readonly (readonly [string | undefined, number])[] = [
  [undefined, 100],
  ['0', 0],
  ['7', 7_000],
  ['60', 60_000],
  ['61', 60_000],
  ['86400', 60_000],
  ['1e300', 60_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 100],
];

for (const [header, expected] of waits) {
  test(`a server that asks to be left alone for ${header ?? 'no time'} is asked again after ${expected} ms`, async () => {
    const headers = header === undefined ? {} : { 'retry-after': header };
    const { web, waits, asked } = scripted([new Response('', { status: 503, headers })]);
    assert.equal((await read(web)).toString(), 'the end');
    assert.deepEqual([waits, asked()], [[expected], 2]);
  });
}

test('a server that states when its limit ends is not asked before', async () => {
  const headers = { 'x-ratelimit-reset': '1700000000' };
  const { web, asked } = scripted([new Response('', { status: 429, headers })]);
  await assert.rejects(read(web), /answers 429/);
  assert.equal(asked(), 1);
});

// Size of the body, most bytes allowed, whether it is read.
for (const [size, most, isRead] of [
  [0, 0, true],
  [10, 10, true],
  [11, 10, false],
  [9, 10, true],
] as const) {
  test(`of a body of ${size} bytes, ${most} allowed, ${isRead ? 'all' : 'nothing'} is given`, async () => {
    // Without a length, so that the bytes themselves are counted.
    const { web } = scripted([new Response(new Blob([Buffer.alloc(size)]).stream())]);
    if (isRead) assert.equal((await read(web, most)).length, size);
    else await assert.rejects(read(web, most), /sends more than the 10 bytes allowed/);
  });
}

// The length that a server announces for its three bytes.
for (const length of ['2', '4', '0']) {
  test(`three bytes announced as ${length} are requested again`, async () => {
    const { web, asked } = scripted([
      new Response('abc', { headers: { 'content-length': length } }),
    ]);
    assert.equal((await read(web)).toString(), 'the end');
    assert.equal(asked(), 2);
  });
}

test('a server that is slow, but goes on sending, is read to the end', async (t) => {
  const { url } = await startLoopback(t, async (_, response) => {
    for (const piece of 'abcdef') {
      response.write(piece);
      await sleep(150);
    }
    response.end();
  });
  const web = impatientWeb({ stallMs: 500, waitsMs: [] });
  assert.equal((await readUrl(web, url, { mostBytes: 1000 })).toString(), 'abcdef');
});

test('when an answer was read, nothing is waited for', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
  const { web } = scripted([new Response('abc')], { stallMs: 60_000, limitMs: 60_000 });
  const before = timers();
  await read(web);
  assert.equal(timers(), before);
});

const token = { authorization: 'token secret' };
const toItself = (response: ServerResponse, port: string) =>
  response.writeHead(302, { location: `http://127.0.0.1:${port}/end` }).end();

// What the server answers at /start, by its port and that of another one; the error message, or null if it is followed.
const leading: readonly (readonly [
  string,
  (own: string, other: string) => string,
  RegExp | null,
])[] = [
  ['a path of its own', () => '/end', null],
  ['its own address', (own) => `http://127.0.0.1:${own}/end`, null],
  ['another port', (_, other) => `http://127.0.0.1:${other}/end`, /only http:\/\/127/],
  ['another host', (own) => `http://localhost:${own}/end`, /leads to http:\/\/localhost:\d+\/end/],
  ['another scheme', (own) => `https://127.0.0.1:${own}/end`, /leads to https:/],
  ['a name without a scheme', (_, other) => `//127.0.0.1:${other}/end`, /only http:\/\/127/],
  ['itself, with a password', (own) => `http://a:b@127.0.0.1:${own}/end`, /is not asked/],
  ['a file', () => 'file:///etc/passwd', /leads to file:/],
  ['an invalid address', () => 'http://[', /is not asked/],
  ['itself, for ever', () => '/start', /redirects without end/],
];

for (const [what, to, expected] of leading) {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`with credentials, ${status} to ${what} is ${expected ? 'refused' : 'followed'}`, async (t) => {
      const other = await startLoopback(t, (_, response) => response.end('taken'));
      const own: LoopbackServer = await startLoopback(t, (request, response) => {
        if (request.url === '/end') response.end('fine');
        else response.writeHead(status, { location: to(portOf(own), portOf(other)) }).end();
      });
      const options = { mostBytes: 100, headers: token };
      const asking = readUrl(impatientWeb(), `${own.url}/start`, options);
      if (expected === null) assert.equal((await asking).toString(), 'fine');
      else await assert.rejects(asking, { name: 'WebError', message: expected });
      assert.deepEqual(other.asked, []);
    });
  }
}

for (const name of ['Authorization', 'cookie', 'Cookie', 'proxy-authorization']) {
  test(`the header ${name} is sent to no other origin`, async (t) => {
    const other = await startLoopback(t, (_, response) => response.end('taken'));
    const own = await startLoopback(t, (_, response) => toItself(response, portOf(other)));
    const options = { mostBytes: 100, headers: { [name]: 'secret' } };
    await assert.rejects(readUrl(impatientWeb(), own.url, options), { message: /only http/ });
    assert.deepEqual(other.asked, []);
  });
}

test('without credentials, redirects lead anywhere', async (t) => {
  const other = await startLoopback(t, (_, response) => response.end('there'));
  const own = await startLoopback(t, (_, response) => toItself(response, portOf(other)));
  const options = { mostBytes: 100 };
  assert.equal((await readUrl(impatientWeb(), own.url, options)).toString(), 'there');
  const asking = readUrl(impatientWeb(), own.url, { ...options, origin: own.url });
  await assert.rejects(asking, { name: 'WebError', message: /only http/ });
});

for (const url of ['file:///etc/passwd', 'data:text/plain,x', 'blob:x', 'x', '']) {
  test(`${JSON.stringify(url)} is not an address to ask`, async () => {
    await assert.rejects(readUrl(impatientWeb(), url, { mostBytes: 100 }), { name: 'WebError' });
  });
}

test('"not modified" answers nothing but the question whether something was', async (t) => {
  const { url } = await startLoopback(t, (_, response) => response.writeHead(304).end());
  const read = (headers: Record<string, string>) =>
    readUrl(impatientWeb(), url, { mostBytes: 100, headers });
  await assert.rejects(read({}), { name: 'WebError', message: /answers 304/ });
  assert.equal((await read({ 'If-None-Match': '"x"' })).length, 0);
});

function portOf({ url }: { readonly url: string }): string {
  return new URL(url).port;
}
