import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { digestOf } from '../digests.ts';
import { downloadFile } from './download-file.ts';
import { limitRate } from './web.ts';
import { WebError } from './web-error.ts';

const body = Buffer.from(Array.from({ length: 9000 }, (_, i) => (i * i) % 251));
const other = Buffer.from(body.map((byte) => byte ^ 1));
const CUT_AT = 3000;

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Begins, and ends the connection. */
const cut =
  (headers: Record<string, string> = { etag: '"1"' }, content = body): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length, ...headers });
    response.write(content.subarray(0, CUT_AT));
    // What has not been read by then is lost.
    setTimeout(() => response.socket?.destroy(), 150);
  };

const whole =
  (tag = '"1"', content = body): Answer =>
  (_, response) => {
    response.writeHead(200, { 'content-length': content.length, etag: tag }).end(content);
  };

/** As servers do: the rest, if the contents are still those; else all of it. */
const honest =
  (tag = '"1"', content = body): Answer =>
  (request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined || request.headers['if-range'] !== tag) {
      whole(tag, content)(request, response);
      return;
    }
    part(Number(from), tag, content)(request, response);
  };

const part =
  (from: number, tag = '"1"', content = body, total: number | string = content.length): Answer =>
  (_, response) => {
    const range = `bytes ${from}-${content.length - 1}/${total}`;
    response.writeHead(206, { 'content-range': range, etag: tag }).end(content.subarray(from));
  };

/** Continues, and ends the connection again. */
const cutPart: Answer = (_, response) => {
  const range = `bytes ${CUT_AT - 1}-${body.length - 1}/${body.length}`;
  response.writeHead(206, { 'content-range': range, etag: '"1"' });
  response.write(body.subarray(CUT_AT - 1, 2 * CUT_AT));
  setTimeout(() => response.socket?.destroy(), 150);
};

const status =
  (code: number): Answer =>
  (_, response) => {
    response.writeHead(code).end();
  };

async function download(t: TestContext, answers: readonly Answer[], waitsMs = [1, 1, 1]) {
  let next = 0;
  const server = await startLoopback(t, (request, response) => {
    (answers[next] ?? answers.at(-1))?.(request, response);
    next++;
  });
  const folder = await makeFolder(t);
  const file = path.join(folder, 'b');
  const sizes: number[] = [];
  let came = 0;
  const ask = (web = impatientWeb({ waitsMs })) =>
    downloadFile(web, `${server.url}/b`, {
      ...{ file, mostBytes: 20_000, isResumable: true },
      onSize: (size) => sizes.push(size),
      onBytes: (bytes) => {
        came += bytes;
      },
    });
  return { server, folder, file, sizes, ask, came: () => came };
}

// What the server does, its answers, how often it is asked, whether what has come is used.
const successes: readonly (readonly [string, readonly Answer[], number, boolean])[] = [
  ['continues', [cut(), honest()], 2, true],
  ['continues, and cuts again', [cut(), cutPart, honest()], 3, true],
  ['has no ranges', [cut(), whole()], 2, false],
  ['has other contents by now', [cut({ etag: '"0"' }, other), honest()], 2, false],
  ['names no contents', [cut({}), honest()], 2, false],
  ['names contents weakly', [cut({ etag: 'W/"1"' }), honest('W/"1"')], 2, false],
  ['names contents oddly', [cut({ etag: '1' }), honest('1')], 2, false],
  ['compresses', [cut({ etag: '"1"', 'content-encoding': 'aws-chunked' }), honest()], 2, false],
  ['gives another part', [cut(), part(10), honest()], 3, false],
  ['gives a part of something else', [cut(), part(CUT_AT - 1, '"2"', other), honest()], 3, false],
  [
    'gives a part without a length',
    [cut(), part(CUT_AT - 1, '"1"', body, '*'), honest()],
    3,
    false,
  ],
  [
    'gives a part that ends early',
    [cut(), part(CUT_AT - 1, '"1"', body, 9999), honest()],
    3,
    false,
  ],
  ['refuses the range', [cut(), status(416), honest()], 3, false],
];

for (const [what, answers, times, isContinued] of successes) {
  test(`a download that is cut is whole in the end where the server ${what}`, async (t) => {
    const { server, folder, file, ask, came } = await download(t, answers);
    const sha256 = digestOf(body);
    assert.equal((await ask())?.sha256, sha256);
    assert.ok((await readFile(file)).equals(body));
    assert.deepEqual(await readdir(folder), ['b']);
    assert.equal(server.asked.length, times);
    assert.equal(came() < body.length + CUT_AT, isContinued);
  });
}

test('the next run continues what an earlier one has left, by what is announced', async (t) => {
  const { server, folder, file, sizes, ask } = await download(t, [cut(), honest()], []);
  await assert.rejects(ask(), /cut the connection/);
  assert.equal((await readdir(folder)).length, 2);
  await ask();
  assert.ok((await readFile(file)).equals(body));
  const { range, 'if-range': ifRange } = server.requests[1]?.headers ?? {};
  assert.deepEqual([range, ifRange], [`bytes=${CUT_AT - 1}-`, '"1"']);
  assert.deepEqual(sizes, [body.length]);
  assert.deepEqual(await readdir(folder), ['b']);
});

const { pid } = spawnSync(process.execPath, ['--version']);

// What a process that died has left: the part and its entity tag; what is asked of the server.
const leftovers: readonly (readonly [string, Buffer | null, string | null, string | undefined])[] =
  [
    ['a part', body.subarray(0, 50), '"1"', 'bytes=49-'],
    ['all of it', body, '"1"', 'bytes=8999-'],
    ['more than all of it', Buffer.concat([body, body]), '"1"', 'bytes=17999-'],
    ['a part without a tag', body.subarray(0, 50), null, undefined],
    ['an empty part', Buffer.alloc(0), '"1"', undefined],
    ['no part', null, '"1"', undefined],
    ['a tag that is none', body.subarray(0, 50), 'x\r\ny: z', undefined],
  ];

for (const [what, content, tag, expected] of leftovers) {
  test(`of a process that died with ${what}, the file becomes whole`, async (t) => {
    const { server, folder, file, ask } = await download(t, [
      (request, response) =>
        request.headers.range === 'bytes=17999-'
          ? status(416)(request, response)
          : honest()(request, response),
    ]);
    if (content !== null) await writeFile(`${file}.next-${pid}`, content);
    if (tag !== null) await writeFile(`${file}.etag.next-${pid}`, tag);
    await ask();
    assert.ok((await readFile(file)).equals(body));
    assert.equal(server.requests[0]?.headers.range, expected);
    assert.deepEqual(await readdir(folder), ['b']);
  });
}

test('a part that is refused for good is not kept', async (t) => {
  const { folder, ask } = await download(t, [cut(), status(404)]);
  await assert.rejects(ask(), /answers 404/);
  assert.deepEqual(await readdir(folder), []);
});

test('a part of more than is allowed is refused', async (t) => {
  const large = Buffer.alloc(30_000);
  const { folder, ask } = await download(t, [cut(), part(CUT_AT - 1, '"1"', large)]);
  await assert.rejects(ask(), /sends more than the 20000 bytes allowed/);
  assert.deepEqual(await readdir(folder), []);
});

test('a part that nobody asked for is no file', async (t) => {
  const { folder, ask } = await download(t, [part(0)]);
  await assert.rejects(
    ask(),
    (error) => error instanceof WebError && /another part/.test(error.message),
  );
  assert.deepEqual(await readdir(folder), []);
});

test('downloads together keep a limit of bandwidth, and a server is not to blame for the wait', async (t) => {
  const { server, folder } = await download(t, [whole()]);
  let now = 0;
  const waits: number[] = [];
  const web = impatientWeb({
    // What the server would be given up for, if waiting counted.
    ...{ stallMs: 5000, limitMs: 10_000 },
    sleep: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
  });
  const limited = limitRate(web, 100, () => now);
  await Promise.all(
    ['one', 'two'].map((name) =>
      downloadFile(limited, server.url, { file: path.join(folder, name), mostBytes: 20_000 }),
    ),
  );
  assert.ok(now >= 180_000 - 1, `${2 * body.length} bytes at 100 a second take ${now} ms`);
  assert.ok(waits.length >= 2);
});

test('a limit of bandwidth pauses the patience with a server', async (t) => {
  const { server, file } = await download(t, [whole()]);
  const limited = limitRate(
    impatientWeb({
      ...{ stallMs: 300, limitMs: 400, waitsMs: [] },
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    }),
    body.length,
  );
  const got = await downloadFile(limited, server.url, { file, mostBytes: 20_000 });
  assert.equal(got?.sizeBytes, body.length);
});
