import assert from 'node:assert/strict';
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../../../lib/digests.ts';
import { PACK_FILE, writePack } from '../../../pack/format/pack.ts';
import { openRaw, send } from '../fixture-client.ts';
import { makeFixtureFolder, writeFixtureSite } from '../site/fixture-site.ts';
import { type ServerOptions, startServer } from '../start-server.ts';

const small = Buffer.from('a bundle');

/** More than fits into the buffers of a connection. */
const large = Buffer.alloc(32 * 1024 * 1024, 'bundle ');

/** Writes a pack of the bundles, by name. */
async function writeBundles(pack: string, bundles: Readonly<Record<string, Buffer>>) {
  await mkdir(path.join(pack, 'bundles'), { recursive: true });
  const files = Object.entries(bundles).map(([name, content]) => ({
    path: `bundles/${name}`,
    sha256: digestOf(content),
    sizeBytes: content.length,
  }));
  for (const [name, content] of Object.entries(bundles)) {
    await writeFile(path.join(pack, 'bundles', name), content);
  }
  const catalog = { path: 'plugins.json', sha256: '0'.repeat(64), sizeBytes: 2 };
  await writeFile(path.join(pack, 'plugins.json'), '[]');
  await writePack(pack, {
    format: 1,
    baseUrl: 'http://plugins.example.com',
    files: [catalog, ...files],
  });
}

async function serve(
  t: TestContext,
  more: Readonly<Record<string, Buffer>> = {},
  options: Partial<ServerOptions> = {},
) {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, { id: 'ab', bodies: { 'api/labels.json': '[]' } });
  const pack = path.join(path.dirname(dir), 'pack');
  await writeBundles(pack, { 'a.tar.gz': small, ...more });
  const [lines, access]: [string[], string[]] = [[], []];
  const server = await startServer({
    dir,
    bundles: pack,
    host: '127.0.0.1',
    port: 0,
    pollMs: 0,
    report: (line) => lines.push(line),
    log: (line) => access.push(line),
    ...options,
  });
  t.after(() => server.close());
  return { url: server.url, pack, lines, access };
}

test('a bundle is sent as it is, beside the answers of the site', async (t) => {
  const { url, pack, lines, access } = await serve(t);
  const { status, headers, body } = await send(`${url}/bundles/a.tar.gz?x`);
  assert.equal(status, 200);
  assert.deepEqual(body, small);
  const { date: _date, connection: _connection, 'keep-alive': _keepAlive, ...sent } = headers;
  assert.deepEqual(sent, {
    etag: `"${digestOf(small).slice(0, 32)}"`,
    'cache-control': 'max-age=60',
    'content-type': 'application/gzip',
    'content-length': '8',
    'x-content-type-options': 'nosniff',
  });
  assert.equal((await send(`${url}/api/v1/labels`)).body.toString(), '[]');
  assert.deepEqual(lines, [
    `Serving 1 bundle of ${pack}, whose catalog finds them at http://plugins.example.com/bundles/`,
  ]);
  assert.match(access[0] ?? '', / GET \/bundles\/a\.tar\.gz\?x 200 8 .*bundles\/a\.tar\.gz$/);
});

// Method, headers, status, body.
const methods: readonly (readonly [string, Readonly<Record<string, string>>, number, RegExp])[] = [
  ['HEAD', {}, 200, /^$/],
  ['GET', { 'if-none-match': '"other"' }, 200, /^a bundle$/],
  ['GET', { 'if-none-match': '*' }, 304, /^$/],
  ['HEAD', { 'if-none-match': '*' }, 304, /^$/],
  // A client that gets everything must not mistake it for a part.
  ['GET', { range: 'bytes=2-3' }, 200, /^a bundle$/],
  ['POST', {}, 405, /^{"error":"A bundle answers GET and HEAD only\."}\n$/],
  ['DELETE', {}, 405, /^{"error":/],
];

for (const [method, headers, expected, text] of methods) {
  test(`${method} of a bundle with ${JSON.stringify(headers)} is ${expected}`, async (t) => {
    const { url } = await serve(t);
    const {
      status,
      body,
      headers: sent,
    } = await send(`${url}/bundles/a.tar.gz`, { method, headers });
    assert.equal(status, expected);
    assert.match(body.toString(), text);
    if (status === 200) assert.equal(sent['content-length'], String(small.length));
    if (status === 405) assert.equal(sent.allow, 'GET, HEAD');
  });
}

test('a client that reads nothing of a bundle is dropped', { timeout: 50_000 }, async (t) => {
  const { url, access } = await serve(t, { 'large.tar.gz': large }, { waitLimitMs: 200 });
  const { socket, waitFor } = await openRaw(url);
  socket.write('GET /bundles/large.tar.gz HTTP/1.1\r\nHost: h\r\n\r\n');
  await waitFor(/^HTTP/);
  socket.pause();
  while (access.length === 0) await sleep(20);
  assert.match(access[0] ?? '', / 200 - /, 'before it had the whole');
});

test('a large bundle comes whole, also to a client that waits, and one that leaves harms nobody', async (t) => {
  const { url, lines } = await serve(t, { 'large.tar.gz': large });
  const slow = await openRaw(url);
  slow.socket.write('GET /bundles/large.tar.gz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  await slow.waitFor(/^HTTP/);
  slow.socket.pause();
  const leaving = await openRaw(url);
  leaving.socket.write('GET /bundles/large.tar.gz HTTP/1.1\r\nHost: h\r\n\r\n');
  await leaving.waitFor(/^HTTP/);
  leaving.socket.destroy();
  const { body } = await send(`${url}/bundles/large.tar.gz`);
  assert.ok(body.equals(large));
  slow.socket.resume();
  assert.ok((await slow.closed).endsWith(large.toString()), 'the slow one has it all');
  assert.equal(lines.length, 1, `nothing is wrong with that: ${lines}`);
});

/** The files of a folder that this process has open. */
async function openFilesIn(folder: string): Promise<string[]> {
  const handles = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => '')),
  );
  return paths.filter((file) => file.startsWith(folder));
}

test('no bundle stays open for a client that leaves before its turn comes', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const { url, pack, access } = await serve(t, { 'large.tar.gz': large });
  const { socket, waitFor } = await openRaw(url);
  socket.write('GET /bundles/large.tar.gz HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(20));
  await waitFor(/^HTTP/);
  socket.pause();
  while ((await openFilesIn(pack)).length < 20) await sleep(20);
  socket.destroy();
  while (access.length < 20) await sleep(20);
  await sleep(100);
  assert.deepEqual(await openFilesIn(pack), []);
});

test('no bundle stays open, whatever became of the request for it', {
  skip: process.platform !== 'linux' && 'needs /proc',
}, async (t) => {
  const { url, pack } = await serve(t, { 'large.tar.gz': large, 'long.tar.gz': small });
  await appendFile(path.join(pack, 'bundles/long.tar.gz'), 'x');
  const address = `${url}/bundles/a.tar.gz`;
  const { headers } = await send(address);
  await send(address, { method: 'HEAD' });
  await send(address, { method: 'POST' });
  const { status } = await send(address, { headers: { 'if-none-match': headers.etag ?? '' } });
  assert.equal(status, 304);
  assert.equal((await send(`${url}/bundles/long.tar.gz`)).status, 500);
  const leaving = await openRaw(url);
  leaving.socket.write('GET /bundles/large.tar.gz HTTP/1.1\r\nHost: h\r\n\r\n');
  await leaving.waitFor(/^HTTP/);
  assert.equal((await openFilesIn(pack)).length, 1, 'the one that is being sent');
  leaving.socket.destroy();
  const limitMs = performance.now() + 5_000;
  while ((await openFilesIn(pack)).length > 0 && performance.now() < limitMs) await sleep(10);
  assert.deepEqual(await openFilesIn(pack), []);
});

/** Files beside the listed bundles. */
async function hide(pack: string) {
  await writeFile(path.join(pack, 'bundles/unlisted.tar.gz'), 'secret');
  await writeFile(path.join(pack, '../secret.tar.gz'), 'secret');
  await rename(path.join(pack, 'bundles/linked.tar.gz'), path.join(pack, '../linked.tar.gz'));
  await symlink('../../linked.tar.gz', path.join(pack, 'bundles/linked.tar.gz'));
  await rm(path.join(pack, 'bundles/gone.tar.gz'));
}

for (const address of [
  '/bundles/unlisted.tar.gz',
  '/bundles/linked.tar.gz',
  '/bundles/gone.tar.gz',
  '/bundles/',
  '/bundles',
  '/bundles/.',
  '/bundles/../secret.tar.gz',
  '/bundles/../pack.json',
  '/bundles/%2e%2e/secret.tar.gz',
  '/bundles/..%2fpack.json',
  '/bundles/bundles/a.tar.gz',
  '/bundles//a.tar.gz',
  '/bundles/a.tar.gz/',
  '/bundles/a.tar.gz%00',
  '/x/../bundles/a.tar.gz',
  '/pack.json',
  '/plugins.json',
]) {
  test(`${address} is nothing that is served`, async (t) => {
    const { url, pack } = await serve(t, { 'linked.tar.gz': small, 'gone.tar.gz': small });
    await hide(pack);
    const { status, body } = await send(url, { path: address });
    assert.equal(status, 404);
    assert.match(body.toString(), /No such page/, 'the site answers, as for any other address');
  });
}

test('an incomplete bundle is answered 500 and reported, never sent', async (t) => {
  const { url, pack, lines } = await serve(t);
  await appendFile(path.join(pack, 'bundles/a.tar.gz'), 'x');
  assert.equal((await send(`${url}/bundles/a.tar.gz`)).status, 500);
  assert.match(
    lines[1] ?? '',
    /500, .*a\.tar\.gz is not whole: see npm run catalog -- mirror --check/,
  );
});

test('what a later mirror changes is served without a restart, and a broken pack.json is not', async (t) => {
  const { url, pack, lines } = await serve(t);
  assert.equal((await send(`${url}/bundles/b.tar.gz`)).status, 404);
  await writeBundles(pack, { 'b.tar.gz': small });
  assert.equal((await send(`${url}/bundles/b.tar.gz`)).status, 200);
  assert.equal((await send(`${url}/bundles/a.tar.gz`)).status, 404, 'it is listed no more');
  const list = await readFile(path.join(pack, PACK_FILE));
  await writeFile(path.join(pack, PACK_FILE), '{');
  for (let i = 0; i < 2; i++) assert.equal((await send(`${url}/bundles/b.tar.gz`)).status, 200);
  await writeFile(path.join(pack, PACK_FILE), list);
  assert.equal((await send(`${url}/bundles/b.tar.gz`)).status, 200);
  assert.deepEqual(
    lines.map((line) => line.replace(/ (of|before)[\s\S]*/, '')),
    ['Serving 1 bundle', 'Serving 1 bundle', 'Still serving the bundles', 'Serving 1 bundle'],
  );
});

test('a folder that is not a pack is refused', async (t) => {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, { id: 'ab', bodies: {} });
  await assert.rejects(
    startServer({ dir, bundles: dir, host: '127.0.0.1', port: 0 }),
    /^UserError: .* is not a pack: it has no pack\.json/,
  );
});
