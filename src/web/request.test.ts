import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { impatientWeb, startLoopback } from '../testing/loopback-server.ts';
import { readUrl } from './read-url.ts';
import type { Web } from './web.ts';

/** A network that answers each request with the next of the answers, and tells how long was waited between them. */
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

const URL_ASKED = 'http://h/a';
const read = (web: Web, mostBytes = 1000) => readUrl(web, URL_ASKED, { mostBytes });

// What `Retry-After` says with 503, what is waited then.
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

test('who says when a limit ends is not asked again before', async () => {
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

// What a server says of the length of its three bytes.
for (const length of ['2', '4', '0']) {
  test(`three bytes of which a server says that they are ${length} are asked for again`, async () => {
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
