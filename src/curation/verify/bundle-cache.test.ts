import assert from 'node:assert/strict';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { openBundleCache } from './bundle-cache.ts';

const body = Buffer.from('a bundle '.repeat(100));

/** A cache that fetched a bundle once, and is asked again after its files were changed. */
async function askTwice(
  t: TestContext,
  between: (bundle: string, record: string) => Promise<unknown>,
  headers: Readonly<Record<string, string>> = { etag: '"1"' },
) {
  const server = await startLoopback(t, (request, response) => {
    const isKnown = request.headers['if-none-match'] === '"1"';
    if (isKnown) response.writeHead(304).end();
    else response.writeHead(200, headers).end(body);
  });
  const folder = await makeFolder(t);
  const cache = openBundleCache(folder, impatientWeb());
  const ask = () => cache.fetch(`${server.url}/a.tar.gz`, () => {});
  const file = await ask();
  const record = (await readdir(folder)).find((name) => name.endsWith('.json')) ?? '';
  await between(file, path.join(folder, record));
  assert.equal(await ask(), file);
  const content = await readFile(file);
  assert.ok(content.equals(body), 'what the URL gives, in whatever state the cache was');
  return server.requests.map((request) => request.headers['if-none-match']);
}

test('what is cached whole is only asked about', async (t) => {
  assert.deepEqual(await askTwice(t, async () => {}), [undefined, '"1"']);
});

// What happened to the cache: its file and its record.
const damages: readonly (readonly [
  string,
  (bundle: string, record: string) => Promise<unknown>,
])[] = [
  ['a bundle that was cut', (bundle) => truncate(bundle, 10)],
  ['an empty bundle', (bundle) => truncate(bundle, 0)],
  ['a bundle that has grown', (bundle) => writeFile(bundle, 'x', { flag: 'a' })],
  ['a record that is not JSON', (_, record) => writeFile(record, '{')],
  [
    'a record of another URL',
    (_, record) =>
      writeFile(record, JSON.stringify({ url: 'http://h/b', etag: '"1"', sizeBytes: body.length })),
  ],
  ...[
    null,
    [],
    'x',
    { etag: 1 },
    { etag: 'a\r\nb: c' },
    { etag: '\u0151' },
    { sizeBytes: '900' },
  ].map(
    (part) =>
      [
        `a record with ${JSON.stringify(part)}`,
        async (_: string, record: string) => {
          const isObject = typeof part === 'object' && part !== null && !Array.isArray(part);
          const old = JSON.parse(await readFile(record, 'utf8'));
          await writeFile(record, JSON.stringify(isObject ? { ...old, ...part } : part));
        },
      ] as const,
  ),
];

for (const [what, damage] of damages) {
  test(`${what} is downloaded anew`, async (t) => {
    assert.deepEqual(await askTwice(t, damage), [undefined, undefined]);
  });
}

test('a bundle to whose contents the server gives no name is downloaded each time', async (t) => {
  assert.deepEqual(await askTwice(t, async () => {}, {}), [undefined, undefined]);
});
