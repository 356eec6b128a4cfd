import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { digestOf } from '../digests.ts';
import { UserError } from '../errors.ts';
import { downloadFile } from './download-file.ts';
import { WebError } from './web-error.ts';

const body = Buffer.from('a bundle '.repeat(1000));

/** Downloads from a server that answers each request with the next of the answers, the last one again and again. */
/** Limits that a test meets, by what the server does. */
const limits = (what: string) =>
  what.startsWith('stalls') ? { stallMs: 400 } : what === 'drips' ? { limitMs: 1000 } : {};

async function download(
  t: TestContext,
  what: string,
  answers: readonly ((to: ServerResponse) => void)[],
) {
  let next = 0;
  const server = await startLoopback(t, (_, response) => {
    (answers[next] ?? answers.at(-1))?.(response);
    next++;
  });
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a/b.tar.gz');
  const options = { file, mostBytes: 20_000 };
  const result = await downloadFile(impatientWeb(limits(what)), `${server.url}/b`, options).catch(
    (error: unknown) => error,
  );
  const names = await readdir(path.join(folder, 'a')).catch(() => []);
  return { result, file, names, asked: server.asked.length, url: `${server.url}/b` };
}

const whole = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': body.length, etag: '"1"' }).end(body);
};
const status =
  (code: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) => {
    response.writeHead(code, headers).end();
  };
/** Writes a response by hand, and closes the connection. */
const raw = (text: string) => (response: ServerResponse) => {
  response.socket?.end(`HTTP/1.1 200 OK\r\n${text}`);
};
const cut = (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.subarray(0, 3000), () => response.socket?.destroy());
};

// What the server does, how often it is asked.
const successes: readonly (readonly [string, readonly ((to: ServerResponse) => void)[], number])[] =
  [
    ['answers', [whole], 1],
    ['fails twice and then answers', [status(503), status(500), whole], 3],
    ['limits requests, and states for how long', [status(429, { 'retry-after': '0' }), whole], 2],
    ['cuts the body twice', [cut, cut, whole], 3],
    ['closes the connection without a word', [(to) => to.socket?.destroy(), whole], 2],
    ['stalls once', [() => {}, whole], 2],
    ['redirects', [status(302, { location: '/other' }), whole], 2],
    [
      'sends no length',
      [
        (to) => {
          to.writeHead(200, { etag: '"1"' });
          to.end(body);
        },
      ],
      1,
    ],
  ];

for (const [what, answers, times] of successes) {
  test(`a file is there whole where the server ${what}`, async (t) => {
    const { result, file, names, asked } = await download(t, what, answers);
    const sha256 = digestOf(body);
    assert.deepEqual(result, { sha256, sizeBytes: body.length, etag: '"1"' });
    assert.deepEqual(await readFile(file), body);
    assert.deepEqual(names, ['b.tar.gz']);
    assert.equal(asked, times);
  });
}

/** Sends a little, and more and more, without end. */
const endless = (response: ServerResponse) => {
  response.writeHead(200);
  const more = () => {
    if (!response.destroyed) response.write(Buffer.alloc(4000), () => setImmediate(more));
  };
  more();
};
/** Sends a byte now and then, so that it never stalls. */
const drip = async (response: ServerResponse) => {
  response.writeHead(200);
  while (!response.destroyed) {
    response.write('x');
    await sleep(100);
  }
};

// What the server does, how often it is asked, the error message.
const failures: readonly (readonly [
  string,
  readonly ((to: ServerResponse) => void)[],
  number,
  RegExp,
])[] = [
  ['has nothing', [status(404)], 1, /answers 404 Not Found$/],
  ['forbids it', [status(403)], 1, /answers 403 Forbidden$/],
  ['fails again and again', [status(500)], 4, /answers 500/],
  ['is limited for good', [status(429)], 4, /answers 429/],
  ['cuts the body each time', [cut], 4, /cut the connection$/],
  ['stalls each time', [() => {}], 4, /sends nothing for 0\.4 s$/],
  [
    'stalls in the body',
    [
      (to) => {
        to.writeHead(200).write('x');
      },
    ],
    4,
    /sends nothing for 0\.4 s$/,
  ],
  ['sends without end', [endless], 1, /sends more than the 20000 bytes allowed$/],
  ['drips', [drip], 1, /takes longer than 1 s$/],
  [
    'announces more than is allowed',
    [raw('Content-Length: 99999999\r\n\r\n')],
    1,
    /sends more than the 20000 bytes allowed$/,
  ],
  [
    'sends less than it announces',
    [raw('Content-Length: 100\r\n\r\nabc')],
    4,
    /sends another number of bytes than it announces$|cut the connection$/,
  ],
  ['announces an invalid length', [raw('Content-Length: x\r\n\r\nabc')], 1, /does not speak HTTP$/],
  [
    'breaks off a chunk',
    [raw('Transfer-Encoding: chunked\r\n\r\n5\r\nab')],
    4,
    /cut the connection$/,
  ],
  [
    'sends chunks that are none',
    [raw('Transfer-Encoding: chunked\r\n\r\nzz\r\nab')],
    1,
    /does not speak HTTP$/,
  ],
  [
    'speaks another language',
    [(to) => to.socket?.end('220 mail.example.com\r\n')],
    1,
    /does not speak HTTP$/,
  ],
  ['redirects in a circle', [status(302, { location: '/b' })], 21, /redirects without end$/],
  [
    'redirects to nowhere',
    [status(302, { location: 'http://127.0.0.1:2/' })],
    4,
    /refuses the connection$/,
  ],
];

for (const [what, answers, times, expected] of failures) {
  test(`no file is there where the server ${what}`, async (t) => {
    const { result, names, asked, url } = await download(t, what, answers);
    assert.ok(result instanceof WebError, String(result));
    assert.ok(result.message.startsWith(url), result.message);
    assert.match(result.message, expected);
    assert.deepEqual(names, [], 'nothing is left, not a part either');
    assert.equal(asked, times);
  });
}

test('a file is asked for again only where it changed', async (t) => {
  const server = await startLoopback(t, (request, response) => {
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else whole(response);
  });
  const file = path.join(await makeFolder(t), 'b');
  await writeFile(file, 'as it was');
  const conditional = { file, mostBytes: 20_000, headers: { 'if-none-match': '"1"' } };
  assert.equal(await downloadFile(impatientWeb(), server.url, conditional), null);
  assert.equal(await readFile(file, 'utf8'), 'as it was');
});

test('what a download that died has left beside the file is gone after the next', async (t) => {
  const server = await startLoopback(t, (_, response) => whole(response));
  const folder = await makeFolder(t);
  const { pid } = spawnSync(process.execPath, ['--version']);
  await writeFile(path.join(folder, `b.next-${pid}`), 'a part');
  await writeFile(path.join(folder, `c.next-${pid}`), 'of another file');
  const options = { file: path.join(folder, 'b'), mostBytes: 20_000 };
  await downloadFile(impatientWeb(), server.url, options);
  assert.deepEqual((await readdir(folder)).sort(), ['b', `c.next-${pid}`]);
});

test('what is signed is asked for as it lies there, not compressed', async (t) => {
  const server = await startLoopback(t, (_, response) => whole(response));
  const file = path.join(await makeFolder(t), 'b');
  await downloadFile(impatientWeb(), server.url, { file, mostBytes: 20_000 });
  assert.equal(server.requests[0]?.headers['accept-encoding'], 'identity');
});

// A URL, the error message, which must not contain its secrets.
const urls: readonly (readonly [string, RegExp])[] = [
  ['http://127.0.0.1:2/x', /^http:\/\/127\.0\.0\.1:2\/x refuses the connection$/],
  ['http://no-such-host.invalid/', /(a host that does not exist|cannot be looked up now)$/],
  ['http://user:secret@127.0.0.1/x', /^http:\/\/127\.0\.0\.1\/x cannot be asked: /],
  ['http://127.0.0.1:2/x?token=secret', /^http:\/\/127\.0\.0\.1:2\/x\?… /],
];

for (const [url, expected] of urls) {
  test(`${url.replaceAll('secret', '*')} is an error without secrets`, async (t) => {
    const file = path.join(await makeFolder(t), 'b');
    const asking = downloadFile(impatientWeb(), url, { file, mostBytes: 1 });
    await assert.rejects(asking, (error) => {
      assert.ok(error instanceof WebError, String(error));
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

test('a folder that cannot be written is reported with its reason', async (t) => {
  const server = await startLoopback(t, (_, response) => whole(response));
  const folder = await makeFolder(t);
  await mkdir(path.join(folder, 'b'));
  await writeFile(path.join(folder, 'b/c'), '');
  const asking = downloadFile(impatientWeb(), server.url, {
    file: path.join(folder, 'b'),
    mostBytes: 20_000,
  });
  await assert.rejects(asking, (error) => {
    assert.ok(error instanceof UserError && !(error instanceof WebError), String(error));
    assert.match(error.message, /cannot be written/);
    return true;
  });
});
