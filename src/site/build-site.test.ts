import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { type CatalogIndex, type IndexedRelease, indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { type Filter, parseFilter, trim } from '../query/parse-filter.ts';
import { renderAnswer, renderRelease } from '../query/render.ts';
import { versionKey } from '../query/version-key.ts';
import { compareWithRecorded, readCorpus } from '../testing/corpus.ts';
import { runInNjs, runInNode, skipWithoutNjs } from '../testing/edge-function.ts';
import { seededRandom, seeds } from '../testing/random.ts';
import { randomCatalog, randomQuery } from '../testing/random-catalog.ts';
import { REAL_CORPORA, SHARED_FOLDER, skipWithoutShared } from '../testing/shared-folder.ts';
import { buildSite } from './build-site.ts';

const FIXTURES = path.join(import.meta.dirname, '../testing/fixtures');
const PAGE_SIZES = [10, 20, 25, 50, 100];

/** Everything is published, whatever it costs. */
const GENEROUS = {
  pageSizes: PAGE_SIZES,
  search: true,
  everyPageSize: true,
  maxFiles: 1e6,
  maxBytes: 1e12,
  routerBytes: 10_000,
  buildTag: '',
  buildHash: '',
};

const folder = mkdtempSync(path.join(tmpdir(), 'marketplace-build-'));
after(() => rmSync(folder, { recursive: true }));

async function build(releases: readonly Release[], name: string, settings = {}) {
  const out = path.join(folder, name);
  const result = await buildSite({ ...GENEROUS, ...settings, releases, out });
  const code = readFileSync(path.join(out, 'edge/cloudfront-function.js'), 'utf8');
  const read = (file: string) => readFileSync(path.join(out, file), 'utf8');
  return { out, result, code, read, discard: () => rmSync(out, { recursive: true }) };
}

const readReleases = (file: string) => parseCatalog(readFileSync(file, 'utf8'), file).releases;

/**
 * Whether an answer may be refused: pages of other sizes of all versions and of search results, and searches of all versions
 * that find more or less than the whole of a plugin.
 */
function isRefusable(index: CatalogIndex, filter: Filter): boolean {
  const whole = evaluate(index, { ...filter, page: 0, perPage: -1 }) ?? [];
  const isCut =
    filter.perPage > 0 &&
    filter.page * filter.perPage < whole.length &&
    (filter.page > 0 || filter.perPage < whole.length);
  if (isCut && !PAGE_SIZES.includes(filter.perPage)) {
    return filter.allVersions || trim(filter.text) !== '';
  }
  if (!filter.allVersions || trim(filter.text) === '') return false;
  const plugins = new Set(whole.map(({ id }) => id));
  const unfiltered = evaluate(index, { ...filter, text: '', page: 0, perPage: -1 }) ?? [];
  return plugins.size > 1 || unfiltered.some(isPartlyIn(whole));
}

/** Whether a release is left out of an answer that has others of its plugin. */
const isPartlyIn = (answer: readonly IndexedRelease[]) => (release: IndexedRelease) =>
  !answer.includes(release) && answer.some(({ id }) => id === release.id);

describe('Random catalogs and requests', () => {
  for (const seed of seeds(60)) {
    test(`get the evaluator's answer, byte for byte, or a refusal (SEED=${seed})`, async () => {
      const random = seededRandom(seed);
      const releases = randomCatalog(random);
      const index = indexCatalog(releases);
      const { code, read, result, discard } = await build(releases, `random-${seed}`);
      const queries = Array.from({ length: 300 }, () => randomQuery(random, releases));
      const requests = queries.map((query) => ({ method: 'GET', path: '/api/v1/plugins', query }));
      const answers = runInNode(code, requests);
      queries.forEach((query, i) => {
        const answer = answers[i];
        const filter = parseFilter(query);
        const expected = 'error' in filter ? null : evaluate(index, filter);
        if (answer === undefined || 'error' in filter || expected === null) {
          assert.equal(answer && 'statusCode' in answer && answer.statusCode, 400, query);
          return;
        }
        if ('statusCode' in answer) {
          assert.ok(isRefusable(index, filter), `invariant 2: ?${query} got ${answer.body}`);
          assert.match(answer.body, /is not published/, query);
          return;
        }
        const body = read(answer.path);
        const pieces = expected.map(({ release }) => renderRelease(release, filter.platform));
        assert.equal(body, renderAnswer(pieces), `invariants 1 and 3: ?${query}`);
        assertNeverNewer(body, filter.serverVersion, query);
      });
      const contents = result.files / result.distinctContents;
      assert.ok(contents >= 1 && contents < 1.2, `invariant 4: ${contents} files a content`);
      discard();
    });
  }
});

function assertNeverNewer(body: string, serverVersion: string, query: string) {
  const server = versionKey(serverVersion);
  if (server === null) return;
  for (const { manifest } of JSON.parse(body)) {
    const least = versionKey(manifest.min_server_version ?? '') ?? '';
    assert.ok(least <= server, `invariant 5: ?${query} got ${manifest.min_server_version}`);
  }
}

describe('The recorded answers of the reference service', () => {
  const random = Array.from({ length: 8 }, (_, i) => ({
    name: `random/${i + 1}`,
    catalog: path.join(FIXTURES, `catalogs/${i + 1}.json`),
    corpus: path.join(FIXTURES, `parity/${i + 1}.jsonl`),
    skip: false as string | false,
    settings: {},
  }));
  const real = REAL_CORPORA.map((name) => ({
    name,
    catalog: path.join(SHARED_FOLDER, `catalogs/${name}.json`),
    corpus: path.join(SHARED_FOLDER, `parity/${name}.jsonl`),
    skip: skipWithoutShared,
    settings: { everyPageSize: false },
  }));
  for (const { name, catalog, corpus, skip, settings } of [...random, ...real]) {
    test(`of ${name} are ours, in Node and in njs`, { skip: skip || skipWithoutNjs }, async () => {
      const { code, read, result, discard } = await build(readReleases(catalog), name, settings);
      const recorded = readCorpus(corpus);
      const requests = recorded.map(({ q }) => ({
        method: 'GET',
        path: '/api/v1/plugins',
        query: q,
      }));
      const inNode = runInNode(code, requests);
      assert.deepEqual(
        runInNjs(code, requests),
        JSON.parse(JSON.stringify(inNode)),
        'njs and Node',
      );
      let answered = 0;
      recorded.forEach((expected, i) => {
        const answer = inNode[i];
        if (answer === undefined || 'statusCode' in answer) {
          const isRight = expected.status === 400 || expected.kind === 'unpublished';
          assert.ok(isRight, `refused ?${expected.q}`);
          return;
        }
        assert.equal(expected.status, 200, `answered ?${expected.q}`);
        assert.equal(compareWithRecorded(read(answer.path), expected), '', `?${expected.q}`);
        answered++;
      });
      assert.ok(answered > recorded.length / 2, `only ${answered} requests were answered`);
      assert.ok(result.routerBytes <= 10_000, `invariant 8: ${result.routerBytes} bytes`);
      const contents = result.files / result.distinctContents;
      assert.ok(contents <= 1.05, `invariant 4: ${contents} files a content`);
      discard();
    });
  }
});

describe('A build', () => {
  const releases = readReleases(path.join(FIXTURES, 'catalogs/7.json'));

  test('lists every file with its digest, size and content type', async () => {
    const { out, result, discard } = await build(releases, 'listed');
    const { files } = result.snapshot;
    assert.ok(files.length > 100);
    for (const { path: file, sha256, size, contentType } of files) {
      const content = readFileSync(path.join(out, file));
      assert.equal(createHash('sha256').update(content).digest('hex'), sha256, file);
      assert.equal(content.length, size, file);
      assert.match(
        contentType,
        /^(application\/(health\+)?json|text\/html; charset=utf-8|application\/javascript)$/,
      );
    }
    assert.deepEqual(
      JSON.parse(readFileSync(path.join(out, 'snapshot.json'), 'utf8')),
      result.snapshot,
    );
    discard();
  });

  test('is refused, and leaves the old one, where the router is too large', async () => {
    const { out, result, discard } = await build(releases, 'too-large');
    const options = { ...GENEROUS, releases: [], out, routerBytes: 100 };
    await assert.rejects(buildSite(options), /more than the 100 allowed/);
    assert.ok(existsSync(path.join(out, `snapshots/${result.snapshot.id}/api/empty.json`)));
    discard();
  });
});
