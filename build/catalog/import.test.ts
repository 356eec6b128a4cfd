import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { indexCatalog } from '../../src/query/catalog-index.ts';
import { evaluate } from '../../src/query/evaluate.ts';
import { parseFilter } from '../../src/query/parse-filter.ts';
import { renderRelease } from '../../src/query/render.ts';
import { startServer } from '../../src/server/start-server.ts';
import { buildSite } from '../../src/site/build-site.ts';
import { readCorpus } from '../../src/testing/corpus.ts';
import { startLoopback } from '../../src/testing/loopback-server.ts';
import { GENEROUS } from '../../src/testing/planned-site.ts';
import { seededRandom, seeds } from '../../src/testing/random.ts';
import { randomCatalog, randomQuery } from '../../src/testing/random-catalog.ts';
import { REAL_CORPORA, SHARED_FOLDER, skipWithoutShared } from '../../src/testing/shared-folder.ts';
import { makeFolder } from '../fixture-command.ts';
import { makeProject, runCatalog } from './fixture-catalog-command.ts';
import { importCatalog } from './import.ts';

/** What a site needs to publish for every real client, and nothing besides. */
const LEAN = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };

/** Serves releases by our own server, and imports them from there. */
async function importFromOurs(t: TestContext, releases: readonly Release[]): Promise<Release[]> {
  const cwd = await makeFolder(t);
  const out = path.join(cwd, 'dist');
  await buildSite({ ...LEAN, compress: 'gzip', releases, buildTag: '', buildHash: '', out });
  const server = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  const args = [server.url, '--out', 'upstream.json'];
  const { code, stderr } = await runCatalog(importCatalog, args, { cwd });
  assert.equal(code, 0, stderr);
  const text = await readFile(path.join(cwd, 'upstream.json'), 'utf8');
  const { releases: imported, problems } = parseCatalog(text, 'upstream.json');
  assert.deepEqual(problems, []);
  return imported;
}

/** What a catalog answers to a query, as the API renders it. */
function answer(releases: readonly Release[], query: string): string {
  const filter = parseFilter(query);
  if ('error' in filter) return filter.error;
  const answer = evaluate(indexCatalog(releases), filter);
  return (answer ?? []).map(({ release }) => renderRelease(release, filter.platform)).join('\n');
}

function assertSameAnswers(
  a: readonly Release[],
  b: readonly Release[],
  queries: readonly string[],
) {
  assert.equal(a.length, b.length);
  for (const query of queries) assert.equal(answer(b, query), answer(a, query), query);
}

const readReleases = (file: string) => {
  const { releases, problems } = parseCatalog(readFileSync(file, 'utf8'), file);
  assert.deepEqual(problems, []);
  return releases;
};

const queriesOf = (file: string) => readCorpus(file).map(({ q }) => q);

for (const name of ['1', '2', '3', '4', '5', '6', '7', '8']) {
  test(`what our server serves of fixture ${name} is imported with the same answers`, async (t) => {
    const fixtures = path.join(import.meta.dirname, '../../src/testing/fixtures');
    const releases = readReleases(path.join(fixtures, `catalogs/${name}.json`));
    const imported = await importFromOurs(t, releases);
    assertSameAnswers(releases, imported, queriesOf(path.join(fixtures, `parity/${name}.jsonl`)));
  });
}

for (const name of REAL_CORPORA) {
  test(`what our server serves of ${name} is imported with the same answers`, {
    skip: skipWithoutShared,
  }, async (t) => {
    const releases = readReleases(path.join(SHARED_FOLDER, `catalogs/${name}.json`));
    const imported = await importFromOurs(t, releases);
    const queries = queriesOf(path.join(SHARED_FOLDER, `parity/${name}.jsonl`));
    assertSameAnswers(releases, imported, queries);
  });
}

test('labels of a catalog of its own stay, also beside computed ones of the same name', async (t) => {
  const label = (name: string) => ({ name, description: 'd', url: '', color: '#fff' });
  const manifest = (id: string) => ({ id, version: '1.0.0' });
  const text = JSON.stringify([
    { manifest: manifest('a'), labels: [label('New')], author_type: 'community' },
    { manifest: manifest('b'), labels: [label('Beta')], release_stage: 'beta' },
    { manifest: manifest('c'), labels: [label('Beta'), label('Community')] },
  ]);
  const { releases } = parseCatalog(text, 'a.json');
  assert.deepEqual(await importFromOurs(t, releases), releases);
});

/** A marketplace that evaluates each request, as the reference does. */
function marketplace(releases: readonly Release[], mayServeAll: boolean): RequestListener {
  return (request, response) => {
    const query = (request.url ?? '').split('?')[1] ?? '';
    if (!request.url?.startsWith('/api/v1/plugins?')) response.writeHead(404).end();
    else if (!mayServeAll && query.includes('per_page=-1')) response.writeHead(400).end();
    else response.end(`[${answer(releases, query).split('\n').join(',')}]`);
  };
}

for (const seed of seeds(20)) {
  test(`a marketplace with look-alikes is imported, whole or in pages (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const given = [...randomCatalog(random), ...randomCatalog(random)];
    const releases = [...given, ...given.slice(0, 3)];
    for (const mayServeAll of [true, false]) {
      const { url } = await startLoopback(t, marketplace(releases, mayServeAll));
      const cwd = await makeProject(t, {});
      const { code, stdout, stderr } = await runCatalog(importCatalog, [`${url}/`], { cwd });
      assert.equal(code, 0, stderr);
      const imported = parseCatalog(stdout, 'stdout').releases;
      const queries = Array.from({ length: 100 }, () => randomQuery(random, releases));
      assertSameAnswers(releases, imported, queries);
    }
  });
}

test('more than a page is read in pages where everything at once is refused', async (t) => {
  const entries = Array.from({ length: 250 }, (_, i) => ({
    manifest: { id: `p${i}`, version: '1.0.0' },
  }));
  const { releases } = parseCatalog(JSON.stringify(entries), 'a.json');
  const { url, asked } = await startLoopback(t, marketplace(releases, false));
  const { stderr } = await runCatalog(importCatalog, [url], { cwd: await makeProject(t, {}) });
  assert.equal(stderr, `250 releases of ${url}\n`);
  assert.equal(asked.length, 2 * 4);
});

const one = [{ manifest: { id: 'a', version: '1.0.0' } }];
const json =
  (body: string): RequestListener =>
  (_, response) =>
    response.end(body);
let calls = 0;

// What the marketplace does, how, what is told.
const failures: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['is none', (_, response) => response.writeHead(404).end(), /answers 404/],
  ['fails', (_, response) => response.writeHead(503).end(), /answers 503/],
  ['refuses pages too', (_, response) => response.writeHead(400).end(), /answers 400/],
  [
    'cuts its answer',
    (_, response) =>
      response.writeHead(200, { 'content-length': 9 }).write('[', () => response.destroy()),
    /cut the connection/,
  ],
  ['answers with a page for people', json('<html>'), /does not answer with a catalog\n/],
  ['answers with an object', json('{}'), /does not answer with a catalog\n.*is not an array/],
  [
    'answers with what is no catalog',
    json('[{"manifest":{"id":"a","version":"1"}}]'),
    /"1" is not a semantic version/,
  ],
  [
    'changes meanwhile',
    (_, response) => response.end(JSON.stringify(calls++ % 2 === 0 ? one : [])),
    /changed while it was read: try again/,
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

// Arguments, exit code, what is told.
const refusals: readonly (readonly [string[], RegExp])[] = [
  [[], /name one marketplace/],
  [['http://a', 'http://b'], /name one marketplace/],
  [['plugins.json'], /"plugins\.json" is no web address/],
  [['http://a/?x'], /is no web address/],
  [['http://a', '--out', ''], /--out takes a file/],
];

for (const [args, stderr] of refusals) {
  test(`import ${args.join(' ')} is wrong usage`, async (t) => {
    const ran = await runCatalog(importCatalog, args, { cwd: await makeProject(t, {}) });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, 2);
  });
}
