import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatReleases } from '../../src/catalog/format-catalog.ts';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { renderAnswer, renderRelease } from '../../src/query/render.ts';
import { startLoopback } from '../../test/engines/loopback-server.ts';
import { makeProject, runCatalog } from './fixture-catalog-command.ts';
import { importCatalog } from './import.ts';

const entries = [
  { manifest: { id: 'b', version: '1.0.0' }, release_stage: 'beta' },
  { manifest: { id: 'a', version: '1.0.0' }, labels: [{ name: 'New' }] },
  { manifest: { id: 'a', version: '2.0.0' }, note: 'kept' },
];
const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');

/** A marketplace with these releases, and no `/catalog.json`. */
const startMarketplace = (t: TestContext) =>
  startLoopback(t, ({ url }, response) => {
    if (url === '/catalog.json') response.writeHead(404).end();
    else response.end(renderAnswer(releases.map((release) => renderRelease(release, ''))));
  });

test('a marketplace is written as a catalog in its usual order, without computed labels', async (t) => {
  const { url } = await startMarketplace(t);
  const cwd = await makeProject(t, {});
  const { code, stdout, stderr } = await runCatalog(importCatalog, [url], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, `3 releases of ${url}\n`);
  const written = JSON.parse(stdout) as { manifest: { id: string; version: string } }[];
  assert.deepEqual(
    written.map(({ manifest: { id, version } }) => `${id}@${version}`),
    ['a@2.0.0', 'a@1.0.0', 'b@1.0.0'],
  );
  assert.deepEqual(
    written.map((entry) => 'labels' in entry),
    [false, true, false],
    'catalogs have no empty lists of labels',
  );
  assert.deepEqual(
    parseCatalog(stdout, 'stdout').releases,
    [2, 1, 0].map((i) => releases[i]),
  );
});

test('a marketplace with /catalog.json is imported by one request', async (t) => {
  const { url, asked } = await startLoopback(t, (_, response) => {
    response.end(formatReleases(releases));
  });
  const cwd = await makeProject(t, {});
  const { code, stdout, stderr } = await runCatalog(importCatalog, [url], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, formatReleases(releases));
  assert.deepEqual(asked, ['GET /catalog.json']);
});

test('--out replaces a file', async (t) => {
  const { url } = await startMarketplace(t);
  const cwd = await makeProject(t, { 'upstream.json': 'as it was' });
  const printed = await runCatalog(importCatalog, [url], { cwd });
  const args = [url, '--out', 'upstream.json'];
  const { code, stdout } = await runCatalog(importCatalog, args, { cwd });
  assert.deepEqual([code, stdout], [0, '']);
  assert.equal(await readFile(path.join(cwd, 'upstream.json'), 'utf8'), printed.stdout);
});

// What the marketplace does, how, the error message.
const failures: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['fails', (_, response) => response.writeHead(503).end(), /answers 503/],
  [
    'answers with a page for people',
    (_, response) => response.end('<html>'),
    /not a list of plugins in JSON: .* answered 200, no content type, it begins with "<html>" — check/,
  ],
  [
    'changes meanwhile',
    ({ url = '' }, response) => {
      const shown = url.includes('cloud=true') ? [] : entries;
      response.end(url === '/catalog.json' ? '' : JSON.stringify(shown));
    },
    /changed while it was read — try again/,
  ],
];

for (const [what, listener, expected] of failures) {
  test(`a marketplace that ${what} is not imported, and the file stays`, async (t) => {
    const { url } = await startLoopback(t, listener);
    const cwd = await makeProject(t, {});
    await writeFile(path.join(cwd, 'a.json'), 'as it was');
    const { code, stderr } = await runCatalog(importCatalog, [url, '--out', 'a.json'], { cwd });
    assert.match(stderr, expected);
    assert.equal(code, 1);
    assert.equal(await readFile(path.join(cwd, 'a.json'), 'utf8'), 'as it was');
  });
}

// Arguments, the error message.
const refusals: readonly (readonly [string[], RegExp])[] = [
  [[], /name one marketplace/],
  [['http://a', 'http://b'], /name one marketplace/],
  [['plugins.json'], /"plugins\.json" is not the web address of a marketplace/],
  [['http://a/?x'], /is not the web address of a marketplace/],
  [['http://a', '--out', ''], /--out takes a file/],
];

for (const [args, stderr] of refusals) {
  test(`import ${args.join(' ')} is wrong usage`, async (t) => {
    const ran = await runCatalog(importCatalog, args, { cwd: await makeProject(t, {}) });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, 2);
  });
}
