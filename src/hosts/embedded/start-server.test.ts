import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { appendFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { UserError } from '../../lib/errors.ts';
import { formatAccess } from './connection/access-log.ts';
import { exchangeRaw, openRaw, type RawConnection, send } from './fixture-client.ts';
import {
  type FixtureSite,
  fixtureRouter,
  makeFixtureFolder,
  swapFixtureSite,
  writeFixtureSite,
} from './site/fixture-site.ts';
import { type RunningServer, type ServerOptions, startServer } from './start-server.ts';

const list = JSON.stringify(Array.from({ length: 500 }, (_, n) => ({ id: `plugin-${n}` })));
const site: FixtureSite = {
  id: 'aa',
  bodies: { 'list.json': list, 'small.json': '[]\n' },
};
/** More than the buffers of a connection hold, so that a client that does not read stalls it. */
const large = randomBytes(16 * 1024 * 1024).toString('hex');
const largeSite: FixtureSite = {
  id: 'bb',
  bodies: { ...site.bodies, 'large.json': large },
  compress: 'off',
};

interface Started {
  readonly server: RunningServer;
  readonly url: string;
  readonly dir: string;
  readonly log: string[];
  readonly reports: string[];
}

async function start(
  t: TestContext,
  options: Partial<ServerOptions> = {},
  built = site,
): Promise<Started> {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, built);
  const log: string[] = [];
  const reports: string[] = [];
  const server = await startServer({
    dir,
    host: '127.0.0.1',
    port: 0,
    pollMs: 0,
    route: fixtureRouter,
    log: (line) => log.push(line),
    report: (line) => reports.push(line),
    ...options,
  });
  t.after(() => server.close());
  return { server, url: server.url, dir, log, reports };
}

const gzip = { 'accept-encoding': 'gzip' };
const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`;
const getAndClose = (target: string) =>
  `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`;

/** Asks for a large answer, and stops reading once it begins. */
async function readSlowly(url: string, bytes = get('/api/large.json')): Promise<RawConnection> {
  const connection = await openRaw(url);
  connection.socket.write(bytes);
  await connection.waitFor(/^HTTP\/1\.1 200/);
  connection.socket.pause();
  return connection;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(10);
}

/** The JSON body of a raw response. */
const bodyOf = (response: string) => JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4));

// The same is sent of both builds whose answers are there as gzip.
for (const compress of ['both', 'gzip'] as const) {
  test(`compress ${compress}: a file is sent plain or as gzip, each form with its own headers (docs/api.md, difference 4)`, async (t) => {
    const { url } = await start(t, {}, { ...site, compress });
    const ask = (encoding?: string) =>
      send(`${url}/api/list.json?page=0`, {
        headers: encoding === undefined ? {} : { 'accept-encoding': encoding },
      });
    const plain = await ask();
    assert.equal(plain.status, 200);
    assert.equal(plain.body.toString(), list);
    assert.match(plain.headers.etag ?? '', /^"[0-9a-f]{32}"$/);
    const { date: _, connection: __, 'keep-alive': ___, etag, ...others } = plain.headers;
    const expected = {
      'content-type': 'application/json',
      'cache-control': 'max-age=60',
      'access-control-allow-origin': '*',
      'x-content-type-options': 'nosniff',
      vary: 'Accept-Encoding',
    };
    assert.deepEqual(others, { ...expected, 'content-length': String(list.length) });

    const { headers, body } = await ask('gzip');
    for (const [name, value] of Object.entries(expected)) assert.equal(headers[name], value);
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers.etag, `${etag?.slice(0, -1)}-gzip"`);
    assert.equal(headers['content-length'], String(body.length));
    assert.ok(body.length < list.length / 2);
    assert.equal(gunzipSync(body).toString(), list);
    assert.equal((await ask('gzip;q=0, *')).headers['content-encoding'], undefined);
  });

  test(`compress ${compress}: HEAD is answered like GET, without a body`, async (t) => {
    const { url, log } = await start(t, {}, { ...site, compress });
    for (const path of ['/api/list.json', '/api/small.json', '/refused', '/nowhere']) {
      for (const headers of [{}, gzip]) {
        const asked = await send(`${url}${path}`, { headers });
        const head = await send(`${url}${path}`, { method: 'HEAD', headers });
        const { date: _, ...expected } = asked.headers;
        const { date: __, ...actual } = head.headers;
        assert.deepEqual([head.status, actual], [asked.status, expected], path);
        assert.equal(head.body.length, 0);
      }
    }
    const raw = await exchangeRaw(url, getAndClose('/api/list.json').replace('GET', 'HEAD'));
    assert.match(raw, /\r\n\r\n$/);
    assert.match(log.at(-1) ?? '', / HEAD \/api\/list\.json 200 0 /);
  });

  test(`compress ${compress}: If-None-Match is compared with the tag of the form that would be sent`, async (t) => {
    const { url } = await start(t, {}, { ...site, compress });
    const plainTag = (await send(`${url}/api/list.json`)).headers.etag ?? '';
    const gzipTag = (await send(`${url}/api/list.json`, { headers: gzip })).headers.etag ?? '';
    // If-None-Match, Accept-Encoding, status
    const cases: [string, object, number][] = [
      [plainTag, {}, 304],
      [`W/${plainTag}`, {}, 304],
      [`"x", ${plainTag}`, {}, 304],
      ['*', {}, 304],
      [gzipTag, gzip, 304],
      ['*', gzip, 304],
      [plainTag, gzip, 200],
      [gzipTag, {}, 200],
      ['"x"', {}, 200],
    ];
    for (const [tag, encoding, expected] of cases) {
      for (const method of ['GET', 'HEAD']) {
        const headers = { ...encoding, 'if-none-match': tag };
        const answer = await send(`${url}/api/list.json`, { method, headers });
        assert.equal(answer.status, expected, `${method} ${tag} ${JSON.stringify(encoding)}`);
        if (expected !== 304) continue;
        assert.equal(answer.body.length, 0);
        assert.equal(answer.headers.etag, encoding === gzip ? gzipTag : plainTag);
        assert.equal(answer.headers['cache-control'], 'max-age=60');
        assert.equal(answer.headers.vary, 'Accept-Encoding');
        assert.equal(answer.headers['content-length'], undefined);
      }
    }
  });
}

// [answer, forms of the build]; the build has this answer plain only
const plainOnly: readonly [string, 'off' | 'both' | 'gzip'][] = [
  ['small.json', 'both'],
  ['small.json', 'gzip'],
  ['list.json', 'off'],
];

for (const [name, compress] of plainOnly) {
  test(`compress ${compress}: ${name} is not compressed`, async (t) => {
    const { url } = await start(t, {}, { ...site, compress });
    const { headers, body } = await send(`${url}/api/${name}`, { headers: gzip });
    assert.equal(body.toString(), site.bodies[name]);
    assert.equal(headers['content-encoding'], undefined);
    assert.equal(
      headers.vary,
      'Accept-Encoding',
      'as from nginx, whose 304 does not know the size',
    );
  });
}

const echo = (target: string, method = 'GET') => ({ method, target });
const X70000 = 'x'.repeat(70_000);
const post = (head: string, body: string) => `POST ${head}\r\nConnection: close\r\n\r\n${body}`;

// The bytes of a client (Latin-1), the status, the value of the body or else any error, the report
const exchanges: readonly (readonly [string, string, number, (object | undefined)?, RegExp?])[] = [
  // Replies of the router. It sees the target as CloudFront would.
  ['a refusal', getAndClose('/refused'), 400, { error: 'not published' }],
  ['a target', getAndClose('/echo?a=%20b+c'), 200, echo('/echo?a=%20b+c')],
  ['an address', getAndClose('http://other.host/echo?a'), 200, echo('/echo?a')],
  ['an odd key', getAndClose('/echo?__proto__=1'), 200, echo('/echo?__proto__=1')],
  [
    '12 KB',
    getAndClose(`/echo?${X70000}`.slice(0, 12e3)),
    200,
    echo(`/echo?${X70000}`.slice(0, 12e3)),
  ],
  // Node's parser takes bytes outside ASCII before llhttp 9.3, no later.
  ['UTF-8', getAndClose('/echo?f=caf\u00c3\u00a9'), 200, echo('/echo?f=caf%C3%A9')],
  ['bytes', getAndClose('/echo?\u00ff=\u0080&g=%41'), 200, echo('/echo?%FF=%80&g=%41')],
  [
    'bytes in a POST',
    post('/echo?\u00e9 HTTP/1.1\r\nHost: h\r\nContent-Length: 3', 'abc'),
    200,
    echo('/echo?%E9', 'POST'),
  ],
  // Failures of the router, which are ours.
  ['a bug', getAndClose('/throws'), 500, undefined, /GET \/throws: 500, router bug/],
  ['a bad header', getAndClose('/bad-header'), 500, undefined, /Invalid character in header/],
  [
    'a missing file',
    getAndClose('/ghost'),
    500,
    undefined,
    /names \/snapshots\/aa\/ghost\.json, which/,
  ],
  [
    'a bad path',
    getAndClose('/relative'),
    500,
    undefined,
    /names snapshots\/aa\/small\.json, which/,
  ],
  ...['/api/../../secret.json', '/api/%2e%2e/%2e%2e/secret.json'].map(
    (path) => ['a way out', getAndClose(path), 500, undefined, /does not list$/] as const,
  ),
  // Files that the manifest does not list.
  ...['/', '/secret.json', '/snapshot.json', '/../secret.json'].map(
    (path) => ['an unlisted file', getAndClose(path), 404] as const,
  ),
  // Malformed requests.
  ['garbage', 'hello\r\n\r\n', 400],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['a space in the address', 'GET /a b HTTP/1.1\r\nHost: h\r\n\r\n', 400],
  ['a space behind a byte', getAndClose('/echo?\u00c3 x'), 400],
  ['a header without a colon', 'GET / HTTP/1.1\r\nHost h\r\n\r\n', 400],
  ['two lengths', post('/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2', ''), 400],
  [
    'a length and chunks',
    post('/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    400,
  ],
  ['no host', 'GET /api/list.json HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['a header of 70 KB', `GET / HTTP/1.1\r\nHost: h\r\nX: ${X70000}\r\n\r\n`, 431],
  ['an address of 70 KB', get(`/${X70000}`), 431],
];

for (const [what, bytes, expected, value, report] of exchanges) {
  test(`${what} is answered ${expected} in JSON: ${JSON.stringify(bytes).slice(0, 60)}`, async (t) => {
    const { url, dir, log, reports } = await start(t);
    await writeFile(join(dir, 'secret.json'), '{}');
    const response = await exchangeRaw(url, bytes);
    assert.match(response, new RegExp(`^HTTP/1\\.1 ${expected} `));
    assert.match(response, /\r\nContent-Type: application\/json\r\n/i);
    assert.match(response, /\r\nConnection: close\r\n/);
    const body = bodyOf(response);
    if (value === undefined) assert.equal(typeof body.error, 'string');
    else assert.deepEqual(body, value);
    if (value !== undefined) assert.match(response, /\r\nx-router: aa\r\n/);
    if (expected === 500) assert.match(response, /\r\nCache-Control: no-store\r\n/);
    assert.match(log.join('\n'), new RegExp(` 127\\.0\\.0\\.1 .* ${expected} \\d+ \\d+\\.\\d -$`));
    assert.match(reports.join('\n'), report ?? /^$/);
    assert.equal((await send(`${url}/api/small.json`)).status, 200, 'the server goes on');
  });
}

test('a request with bytes outside ASCII keeps its headers and its turn', async (t) => {
  const { url, server } = await start(t);
  const { headers } = await send(`${url}/api/list.json`);
  const known = getAndClose('/api/list.json?\u00e9').replace('Host', `If-None-Match: *\r\nHost`);
  assert.match(await exchangeRaw(url, known), new RegExp(`^HTTP/1.1 304 .*${headers.etag}`, 's'));
  const connection = await openRaw(url);
  connection.socket.write(get('/echo?first'));
  await connection.waitFor(/first/);
  connection.socket.write(getAndClose('/echo?\u00c3second'), 'latin1');
  assert.match(await connection.closed, /first.*HTTP\/1\.1 200 .*%C3second/s);
  const pipelined = await exchangeRaw(url, get('/echo?first') + getAndClose('/echo?\u00c3second'));
  assert.match(pipelined, /^HTTP\/1\.1 200 .*first.*HTTP\/1\.1 (400|200) /s);
  await server.close();
});

test('nothing is answered after a request with bytes outside ASCII, whatever follows', async (t) => {
  const { url, log } = await start(t, {}, largeSite);
  const { socket, closed } = await openRaw(url);
  socket.pause();
  for (const bytes of [get('/api/large.json?\u00e9'), 'junk\r\n\r\n', 'junk\r\n\r\n']) {
    socket.write(bytes, 'latin1');
    await sleep(200);
  }
  socket.resume();
  assert.equal((await closed).match(/HTTP\/1\.1 /g)?.length, 1);
  assert.equal(log.length, 1, log.join('\n'));
});

test('a client that asks with bytes outside ASCII may take its time to read', async (t) => {
  const { url } = await start(t, { requestLimitMs: 200 }, largeSite);
  const { socket, closed } = await readSlowly(url, get('/api/large.json?\u00e9'));
  await sleep(600);
  socket.resume();
  assert.ok((await closed).endsWith(large));
});

test('what a client has not read is not logged as sent, either, where it asks with bytes outside ASCII', async (t) => {
  const { url, log } = await start(t, {}, largeSite);
  const { socket } = await readSlowly(url, get('/api/large.json?\u00e9'));
  socket.destroy();
  await until(() => log.length > 0);
  assert.match(log[0] ?? '', / 200 - /);
});

test('a request that expects something is answered and logged like others', async (t) => {
  const { url, log } = await start(t);
  const { status } = await send(`${url}/api/small.json`, { headers: { expect: 'something' } });
  assert.equal(status, 200);
  await until(() => log.length > 0);
});

test('the method is left to the router, and a body is not waited for', async (t) => {
  const { url } = await start(t);
  const { body } = await send(`${url}/echo`, { method: 'POST' }, 'x'.repeat(100_000));
  assert.equal(JSON.parse(body.toString()).method, 'POST');
  const connection = await openRaw(url);
  connection.socket.write('PUT /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n');
  assert.match(await connection.waitFor(/"PUT"/), /^HTTP\/1\.1 200 /);
  connection.socket.destroy();
});

// The bytes of a client, and how it stops; the statuses of its answers.
const dawdlers: readonly [string, string, string[]][] = [
  ['half a request', 'GET / HTTP/1.1\r\nHost:', ['408']],
  ['half a request after a whole one', `${get('/refused')}GET / HTTP/1.1\r\nHost:`, ['400']],
  [
    'a body byte by byte',
    'GET /api/list.json HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n',
    ['200'],
  ],
];

for (const [what, bytes, expected] of dawdlers) {
  test(`a client that sends ${what} is dropped when its time is over, without a stray answer`, async (t) => {
    const { url } = await start(t, { requestLimitMs: 300 });
    const { socket, closed } = await openRaw(url);
    socket.write(bytes);
    const sending = setInterval(() => bytes.includes('Length') && socket.write('x'), 50);
    t.after(() => clearInterval(sending));
    const text = await closed;
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    assert.deepEqual(statuses, expected);
    if (expected[0] === '408') assert.equal(typeof bodyOf(text).error, 'string');
  });
}

// What a client asks for, and reads the beginning of only.
const unread: readonly (readonly [string, string])[] = [
  ['a large answer', get('/api/large.json')],
  [
    'a large answer behind one that is read from disk',
    get('/api/list.json') + get('/api/large.json'),
  ],
  ['a large answer behind an error', get('/nowhere') + get('/api/large.json')],
  ['the last answer of a connection', getAndClose('/api/large.json')],
];

for (const [what, bytes] of unread) {
  test(`a client that reads nothing of ${what} is dropped`, { timeout: 50_000 }, async (t) => {
    const { url } = await start(t, { waitLimitMs: 200 }, largeSite);
    await send(`${url}/api/large.json`); // so that it is in memory
    const accepted = new Promise<Socket>((resolve) => {
      const onSocket = (message: unknown) => resolve((message as { socket: Socket }).socket);
      subscribe('net.server.socket', onSocket);
      t.after(() => unsubscribe('net.server.socket', onSocket));
    });
    const { socket } = await openRaw(url);
    socket.write(bytes);
    socket.pause();
    await once(await accepted, 'close');
  });
}

test('a client that reads on now and then is not dropped', async (t) => {
  const { url } = await start(t, { waitLimitMs: 400 }, largeSite);
  const { socket, closed, received } = await readSlowly(url, getAndClose('/api/large.json'));
  // Together longer than the limit, and each time more than the buffers of the connection hold.
  for (let part = 1; part <= 4; part++) {
    socket.resume();
    while (received().length < (part * large.length) / 5) await once(socket, 'data');
    socket.pause();
    await sleep(200);
  }
  socket.resume();
  assert.ok((await closed).endsWith(large));
});

test('connections are kept alive', async (t) => {
  const { url } = await start(t);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  const ports = new Set<number | undefined>();
  agent.on('free', (socket) => ports.add(socket.localPort));
  for (const path of ['/api/list.json', '/refused', '/throws', '/api/small.json', '/nowhere']) {
    await send(`${url}${path}`, { agent });
  }
  await sleep(1);
  assert.equal(ports.size, 1);
});

test('pipelined requests are answered in order: cached, uncached and malformed ones', async (t) => {
  const { url } = await start(t);
  const targets = ['/api/list.json', '/refused', '/api/small.json', '/throws', '/api/list.json'];
  const response = await exchangeRaw(
    url,
    [...targets.map(get), getAndClose('/echo?last')].join(''),
  );
  assert.deepEqual(
    [...response.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
    ['200', '400', '200', '500', '200', '200'],
  );
  assert.ok(response.indexOf('plugin-499') < response.indexOf('not published'));
  assert.match(response, /echo\?last"/);
  const malformed = await exchangeRaw(url, `${get('/api/list.json')}nonsense\r\n\r\n`);
  assert.match(malformed, /^HTTP\/1\.1 200 /);
  assert.ok(malformed.includes(list));
  assert.match(malformed, /HTTP\/1\.1 400 Bad Request\r\n[\s\S]*"}\n$/);
});

// How many requests a client sends at once, their target, whether all are answered.
const ahead: readonly [number, string, boolean][] = [
  [64, '/api/small.json', true],
  [65, '/api/small.json', false],
  [64, '/api/list.json', true],
  [700, '/api/list.json', false],
  [5000, '/refused', false],
];

for (const [count, target, isAnswered] of ahead) {
  test(`${count} requests for ${target} at once are ${isAnswered ? 'answered' : 'too many'}`, async (t) => {
    const { url, log } = await start(t);
    const sent = get(target).repeat(count - 1) + getAndClose(target);
    const received = await exchangeRaw(url, sent).catch(() => '');
    const answers = [...received.matchAll(/HTTP\/1\.1 (200|400)/g)].length;
    if (isAnswered) assert.equal(answers, count);
    else assert.ok(answers < count, `${answers} answers`);
    assert.ok(log.length <= 64, `${log.length} are under way at once`);
    assert.equal((await send(`${url}/api/small.json`)).status, 200);
  });
}

test('the access log has a line for each request, without a size where the client left', async (t) => {
  const { url, log } = await start(t, {}, largeSite);
  await send(`${url}/api/list.json?a=%0a`);
  await send(`${url}/refused`, { method: 'POST' });
  await exchangeRaw(url, getAndClose('http://other.host/echo?"'));
  const connection = await openRaw(url);
  connection.socket.write(get('/api/large.json'));
  await connection.waitFor(/^HTTP/);
  connection.socket.destroy();
  await until(() => log.length === 4);
  const prefix = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z 127\.0\.0\.1 `;
  const lines = [
    String.raw`GET /api/list\.json\?a=%0a 200 ${list.length} \d+\.\d snapshots/bb/list\.json$`,
    String.raw`POST /refused 400 \d+ \d+\.\d -$`,
    String.raw`GET /echo\?" 200 \d+ \d+\.\d -$`,
    String.raw`GET /api/large\.json 200 - \d+\.\d snapshots/bb/large\.json$`,
  ];
  lines.forEach((line, index) => {
    assert.match(log[index] ?? '', new RegExp(prefix + line));
  });
  const unknown = { address: undefined, status: 400, bodyBytes: undefined };
  assert.equal(formatAccess(unknown, new Date(0)), '1970-01-01T00:00:00.000Z - - - 400 - 0.0 -');
});

test('a client that reads slowly gets the whole answer', async (t) => {
  const { url } = await start(t, { requestLimitMs: 100 }, largeSite);
  const connection = await readSlowly(url, getAndClose('/api/large.json'));
  await sleep(300);
  connection.socket.resume();
  assert.ok((await connection.closed).endsWith(large));
});

test('close answers requests in flight in full, drops idle connections, and accepts no more', async (t) => {
  const { server, url } = await start(t, {}, largeSite);
  const idle = await openRaw(url);
  idle.socket.write(get('/api/small.json'));
  await idle.waitFor(/\[\]/);
  const silent = await openRaw(url);
  const slow = await readSlowly(url, get('/api/large.json') + get('/echo?second'));

  let isClosed = false;
  const closed = server.close().then(() => {
    isClosed = true;
  });
  await Promise.all([idle.closed, silent.closed]);
  await sleep(50);
  assert.equal(isClosed, false, 'an answer is still being read');
  await assert.rejects(send(`${url}/api/small.json`), /ECONNREFUSED/);
  slow.socket.resume();
  const received = await slow.closed;
  assert.ok(received.includes(large), 'the answer in flight came in full');
  assert.match(received, /echo\?second"/, 'and so did the one behind it');
  await closed;
});

test('an answer that begins after close is marked as the last, and ends its connection', async (t) => {
  const { server, url, dir } = await start(t);
  onRequest(t, (begun) => {
    begun.server.keepAliveTimeout = 0; // so that nothing else ends the connection
  });
  await rename(dir, `${dir}.away`); // the request waits for it to come back
  const connection = await openRaw(url);
  connection.socket.write(get('/api/list.json'));
  await sleep(50);
  const closed = server.close();
  await rename(`${dir}.away`, dir);
  const response = await connection.closed;
  await closed;
  assert.match(response, /^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n/);
  assert.ok(response.endsWith(list));
});

/** Calls back when a server of this process begins to answer a request. */
function onRequest(t: TestContext, callback: (begun: { server: http.Server }) => void): void {
  const listener = (message: unknown) => callback(message as { server: http.Server });
  subscribe('http.server.request.start', listener);
  t.after(() => unsubscribe('http.server.request.start', listener));
}

test('close answers all requests of a connection, though none was answered before', async (t) => {
  const { server, url } = await start(t, { closeLimitMs: 5_000 }, largeSite);
  let begun = 0;
  let closed: Promise<void> | undefined;
  onRequest(t, () => {
    begun++;
    if (begun === 3) closed = server.close();
  });
  const text = await exchangeRaw(url, get('/api/list.json') + get('/echo') + get('/refused'));
  assert.deepEqual(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 400']);
  await closed;
});

test('close does not wait forever for a client that does not read', {
  timeout: 50_000,
}, async (t) => {
  const { server, url } = await start(t, { closeLimitMs: 100 }, largeSite);
  const { socket } = await readSlowly(url);
  await Promise.all([server.close(), server.close()]);
  socket.destroy();
});

test('an address that is not available is a user error with a remedy', async (t) => {
  const { url, dir } = await start(t);
  const port = Number(new URL(url).port);
  // address, message
  const cases: readonly [{ host: string; port: number }, RegExp][] = [
    [{ host: '127.0.0.1', port }, new RegExp(`^Port ${port} on 127.0.0.1 is taken: .*--port`)],
    [{ host: '192.0.2.1', port: 0 }, /--host/],
  ];
  for (const [address, expected] of cases) {
    await assert.rejects(startServer({ dir, ...address, pollMs: 0 }), (error) => {
      return error instanceof UserError && expected.test(error.message);
    });
  }
});

test('reload serves the build that is in the folder now; anything else is refused and the old build stays', async (t) => {
  const { server, url, dir, reports } = await start(t);
  assert.equal((await send(`${url}/api/small.json`)).body.toString(), '[]\n');
  await swapFixtureSite(dir, { id: 'cc', bodies: { 'small.json': '[1]\n' } });
  assert.equal((await send(`${url}/api/small.json`)).body.toString(), '[]\n', 'from memory');
  await server.reload();
  assert.equal(server.snapshotId, 'cc');
  assert.equal((await send(`${url}/api/small.json`)).body.toString(), '[1]\n');
  assert.deepEqual(reports, ['Now serving snapshot cc']);
  await writeFile(join(dir, 'snapshot.json'), '{');
  await assert.rejects(server.reload(), UserError);
  assert.equal((await send(`${url}/api/small.json`)).body.toString(), '[1]\n');
});

test('a new build is noticed; one that is refused is reported once', async (t) => {
  const { server, url, dir, reports } = await start(t, { pollMs: 20 });
  await swapFixtureSite(dir, { id: 'cc', bodies: { 'small.json': '[1]\n' } });
  await until(() => server.snapshotId === 'cc');
  assert.equal((await send(`${url}/api/small.json`)).body.toString(), '[1]\n');

  // At once: a file that is being written is another build, and reported by itself.
  await writeFile(`${dir}.json`, '{');
  await rename(`${dir}.json`, join(dir, 'snapshot.json'));
  await until(() => reports.length === 2);
  // Another try takes a second before it gives up.
  await sleep(1500);
  assert.equal(reports.length, 2, reports.join('\n'));
  assert.match(reports[1] ?? '', /Still serving snapshot cc; [\s\S]*snapshot\.json is not JSON/);
  assert.equal((await send(`${url}/api/small.json`)).status, 200);

  await swapFixtureSite(dir, { id: 'dd', bodies: {} });
  await until(() => server.snapshotId === 'dd');
});

test('a request whose file was swapped away is routed again and gets the new answer', async (t) => {
  const { url, dir } = await start(t);
  await swapFixtureSite(dir, { id: 'cc', bodies: { 'list.json': '[1]\n' } });
  for (const headers of [{}, gzip]) {
    const { status, body } = await send(`${url}/api/list.json`, { headers });
    assert.deepEqual([status, body.toString()], [200, '[1]\n']);
  }
});

test('requests at the moment without a folder wait for the new one', async (t) => {
  const { url, dir } = await start(t);
  const next = `${dir}.next`;
  await writeFixtureSite(next, { id: 'cc', bodies: { 'list.json': '[1]\n' } });
  await rename(dir, `${dir}.old`);
  const answers = Array.from({ length: 20 }, () => send(`${url}/api/list.json`));
  await sleep(100);
  await rename(next, dir);
  for (const { status, body } of await Promise.all(answers)) {
    assert.deepEqual([status, body.toString()], [200, '[1]\n']);
  }
});

// forms of the build, what happens to list.json, the values of Accept-Encoding that get no answer
const damages: ['off' | 'both' | 'gzip', (file: string) => Promise<unknown>, string[]][] = [
  ['off', (file) => rm(file), ['', 'gzip']],
  ['both', (file) => rm(`${file}.gz`), ['gzip']],
  ['gzip', (file) => rm(`${file}.gz`), ['', 'gzip']],
  ['off', (file) => appendFile(file, 'x'), ['', 'gzip']],
  ['both', (file) => appendFile(`${file}.gz`, 'x'), ['gzip']],
  ['off', (file) => writeFile(file, 'x'.repeat(list.length)), ['', 'gzip']],
  ['gzip', (file) => writeFile(`${file}.gz`, gzipSync(list.replace('499', '500'))), ['', 'gzip']],
  ['gzip', (file) => rm(`${file}.gz`).then(() => mkdir(`${file}.gz`)), ['', 'gzip']],
];

for (const [compress, damage, encodings] of damages) {
  test(`compress ${compress}: a damaged file is reported and answered 500: ${damage}`, async (t) => {
    const { url, dir, reports } = await start(t, {}, { ...site, compress });
    await damage(join(dir, 'snapshots/aa/list.json'));
    for (const encoding of encodings) {
      const headers = { 'accept-encoding': encoding };
      const { status, body } = await send(`${url}/api/list.json`, { headers });
      assert.equal(status, 500);
      assert.equal(typeof JSON.parse(body.toString()).error, 'string');
      assert.match(reports.pop() ?? '', /list\.json(\.gz)? .*: build again$/);
    }
    assert.equal((await send(`${url}/api/small.json`)).status, 200, 'other files are served');
  });
}

test('while builds are swapped, each answer is of one build, and none fails (docs/design.md, invariant 7)', async (t) => {
  // No cache, so that each request reads the folder.
  const { server, url, dir, reports } = await start(t, { pollMs: 5, cacheBytes: 0 }, build(0));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  let isSwapping = true;
  let sent = 0;
  const seen = new Set<number>();
  const ask = async (name: string) => {
    while (isSwapping || sent < 300) {
      const headers = sent % 2 === 0 ? gzip : {};
      const answer = await send(`${url}/api/${name}.json`, { agent, headers });
      sent += 1;
      assert.equal(answer.status, 200, reports.join('\n'));
      const isGzip = answer.headers['content-encoding'] === 'gzip';
      const body = String(isGzip ? gunzipSync(answer.body) : answer.body);
      const number = JSON.parse(body)[0].build;
      assert.equal(body, build(number).bodies[`${name}.json`], 'no answer mixes two builds');
      seen.add(number);
    }
  };
  const clients = Promise.all(['one', 'two', 'one', 'two', 'one', 'two'].map(ask));
  const swaps = 12;
  for (let number = 1; number <= swaps; number += 1) {
    await swapFixtureSite(dir, build(number));
    await until(() => seen.has(number));
  }
  isSwapping = false;
  await clients;
  assert.equal(server.snapshotId, build(swaps).id);
});

function build(number: number): FixtureSite {
  const rows = (name: string) =>
    JSON.stringify(Array.from({ length: 200 + number }, () => ({ build: number, name })));
  return {
    id: `a${number.toString(16)}`,
    bodies: { 'one.json': rows('one'), 'two.json': rows('two') },
    compress: (['both', 'gzip', 'off'] as const)[number % 3] ?? 'both',
  };
}

test('unread answers are bounded', async (t) => {
  const { url } = await start(t, { maxUnreadBytes: 1 }, largeSite);
  const slow = await readSlowly(url);
  const refused = await send(`${url}/api/list.json`);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await send(`${url}/api/list.json`, { method: 'HEAD' })).status, 200);
  slow.socket.destroy();
  await slow.closed;
  while ((await send(`${url}/api/list.json`)).status !== 200) await sleep(20);
});

// What a client asks for before it leaves, and how many answers it has begun to read.
const left: readonly (readonly [string, string, number])[] = [
  ['an answer that is read from disk', get('/api/large.json'), 0],
  ['an answer', get('/api/large.json'), 1],
  ['an answer behind another', get('/api/large.json').repeat(2), 1],
  ['answers behind one that is read from disk', get('/api/list.json') + get('/api/large.json'), 0],
];

for (const [what, bytes, begun] of left) {
  test(`a client that leaves without ${what} leaves nothing behind`, async (t) => {
    const { url, log } = await start(t, { maxUnreadBytes: 1 }, largeSite);
    if (bytes.includes('list')) {
      await send(`${url}/api/large.json`); // so that it is in memory
      await until(() => log.length > 0);
      log.length = 0;
    }
    const connection = await openRaw(url);
    connection.socket.write(bytes);
    if (begun > 0) await connection.waitFor(/^HTTP/);
    // Once it is written: what is not would not be sent.
    else await new Promise((resolve) => connection.socket.write('', resolve));
    connection.socket.destroy();
    const requests = bytes.split('GET').length - 1;
    for (let i = 0; i < 200 && log.length < requests; i++) await sleep(20);
    assert.equal(log.length, requests);
    assert.equal((await send(`${url}/api/small.json`)).status, 200);
    assert.equal((await send(`${url}/api/list.json`)).status, 200);
  });
}

test('connections are bounded', async (t) => {
  const few = await start(t, { maxConnections: 1 });
  const only = await openRaw(few.url);
  assert.equal(await exchangeRaw(few.url, get('/api/small.json')), '');
  only.socket.write(getAndClose('/api/small.json'));
  assert.match(await only.closed, /^HTTP\/1\.1 200/);
});
