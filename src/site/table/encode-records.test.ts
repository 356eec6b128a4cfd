import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWithStore } from '../../../test/engines/edge-function.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import { alwaysPublished } from '../../../test/sites/always-published.ts';
import { ask, GENEROUS, plannedSite, readReleases } from '../../../test/sites/planned-site.ts';
import type { Release } from '../../catalog/release.ts';
import { bundleCloudFrontFunction } from '../../hosts/bundle-router.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import type { Filter } from '../../router/request/parse-filter.ts';
import { parseFilter } from '../../router/request/parse-filter.ts';
import { encodeRecords } from './encode-records.ts';

/** A catalog with its plugins in a store. */
async function stored(releases: readonly Release[]) {
  const site = await plannedSite(releases, { ...GENEROUS, hosts: ['nginx'] });
  const { space, table, answers } = site.plan;
  const bare = { ...table, allLists: false, onlyIds: true };
  const { table: own, values } = encodeRecords(space, bare, (each) => answers.locate(each));
  return { read: site.read, code: await bundleCloudFrontFunction(own), values };
}

/** Whether a Mattermost server may send it: one plugin, a list of newest versions, or an id as a filter. */
function isOfServer({ perPage, text, pluginId, allVersions }: Filter, ids: Set<string>): boolean {
  if (perPage !== 100 && perPage !== -1) return false;
  if (text !== '') return ids.has(text) && pluginId === '' && !allVersions;
  return pluginId !== '' || !allVersions;
}

for (const seed of seeds(10)) {
  test(`a function with a store answers as the evaluator, or refuses what no server sends (SEED=${seed})`, async () => {
    const random = seededRandom(seed);
    const releases = [...randomCatalog(random), ...randomCatalog(random)];
    const index = indexCatalog(releases);
    const ids = new Set(releases.map(({ manifest }) => manifest.id));
    const { code, values, read } = await stored(releases);
    const exact = [...ids].flatMap((id) =>
      ['filter', 'plugin_id'].flatMap((key) =>
        ['5.19.0', '9.5.0', ''].map(
          (version) => `${key}=${encodeURIComponent(id)}&server_version=${version}`,
        ),
      ),
    );
    const random1 = Array.from({ length: 400 }, () => randomQuery(random, releases));
    const queries = [...exact, ...random1];
    const results = await runWithStore(code, values, queries.map(ask));
    let answered = 0;
    for (const [i, query] of queries.entries()) {
      const result = results[i];
      assert.ok(result);
      const expected = evaluatedAnswer(index, query);
      if ('path' in result) {
        answered++;
        assert.equal(read(result.path), expected, `invariant 1: ?${query} lies in ${result.path}`);
        continue;
      }
      assert.equal(result.statusCode, 400, `?${query}`);
      const filter = parseFilter(query);
      if (expected === null || 'error' in filter) continue;
      assert.ok(!isOfServer(filter, ids), `invariant 2: ?${query} got ${result.body}`);
      assert.match(result.body, /is not published/, `?${query}`);
    }
    assert.ok(answered > exact.length, `${answered}`);
  });
}

const many = readReleases(
  Array.from({ length: 230 }, (_, i) =>
    ['1.0.0', ...(i % 7 === 0 ? ['2.0.0'] : [])].map((version) => ({
      manifest: {
        id: `com.example.plugin-${i}`,
        name: `Plugin ${i % 50}`,
        version,
        min_server_version: version === '2.0.0' ? '9.5.0' : i % 3 ? '' : '6.0.0',
      },
    })),
  ).flat(),
);

test('lists of more than 100 plugins are answered in pages of 100, one after the other', async () => {
  const index = indexCatalog(many);
  const { code, values, read } = await stored(many);
  const queries = ['', '5.0.0', '6.0.0', '9.9.9'].flatMap((version) =>
    [0, 1, 2, 3].map((page) => `page=${page}&per_page=100&server_version=${version}`),
  );
  for (const [i, result] of (await runWithStore(code, values, queries.map(ask))).entries()) {
    assert.ok('path' in result, queries[i]);
    assert.equal(read(result.path), evaluatedAnswer(index, queries[i] as string), queries[i]);
  }
});

test('an id that more than 100 plugins have in their texts finds them in pages of 100, too', async () => {
  const all = [...many, ...readReleases([{ manifest: { id: 'plugin', version: '1.0.0' } }])];
  const index = indexCatalog(all);
  const { code, values, read } = await stored(all);
  const queries = ['', '6.0.0', '9.9.9'].flatMap((version) =>
    ['', '&page=1', '&page=2', '&page=3', '&per_page=-1', '&cloud=true'].map(
      (more) => `filter=plugin&server_version=${version}${more}`,
    ),
  );
  for (const [i, result] of (await runWithStore(code, values, queries.map(ask))).entries()) {
    assert.ok('path' in result, `invariant 2: ${queries[i]}`);
    assert.equal(read(result.path), evaluatedAnswer(index, queries[i] as string), queries[i]);
  }
});

test('a request takes few reads of the store, whatever it asks for', async () => {
  const { values } = await stored(many);
  const pieces = Object.keys(values).map((key) => Number(key.split('.')[1] ?? 0) + 1);
  assert.ok(Math.max(...pieces) <= 4, `${Math.max(...pieces)}`);
});

test('without a piece of its block a request gets 503, and no other answer', async () => {
  const { code, values } = await stored(many);
  for (const missing of Object.keys(values)) {
    const { [missing]: _, ...others } = values;
    const queries = ['plugin_id=com.example.plugin-7', 'page=1', 'plugin_id=unknown'];
    const whole = await runWithStore(code, values, queries.map(ask));
    const results = await runWithStore(code, others, queries.map(ask));
    for (const [i, result] of results.entries()) {
      if ('statusCode' in result) {
        assert.equal(result.statusCode, 503);
        assert.match(result.body, /not here yet/);
      } else assert.deepEqual(result, whole[i]);
    }
  }
});

const single = (count: number, min: (i: number) => string) =>
  readReleases(
    Array.from({ length: count }, (_, i) => ({
      manifest: { id: `plugin-${i}`, name: `P${i}`, version: '1.0.0', min_server_version: min(i) },
    })),
  );

// Lists that are named otherwise than lists: of one plugin, and of all versions where each plugin has one.
const ODD: readonly [string, readonly Release[]][] = [
  ['each plugin has one release', single(120, () => '')],
  ['one plugin is offered to old servers', single(90, (i) => (i === 7 ? '' : '6.0.0'))],
];

for (const [what, releases] of ODD) {
  test(`where ${what}, everything that is always published is answered`, async () => {
    const { code, values, read } = await stored(releases);
    const requests = [...alwaysPublished(releases, 1)];
    const asked = requests.map(({ target }) => {
      const [path = '', query = ''] = target.split('?');
      return { method: 'GET', path, query };
    });
    for (const [i, result] of (await runWithStore(code, values, asked)).entries()) {
      const { target, body } = requests[i] as (typeof requests)[number];
      assert.ok('path' in result, `invariant 2: ${target}`);
      assert.equal(read(result.path), body, `invariant 1: ${target}`);
    }
  });
}

test('what the table answers needs no store', async () => {
  const { code } = await stored(many);
  const api = { method: 'GET', path: '/api/v1/plugins' };
  const requests = [
    { method: 'GET', path: '/api/v1/labels', query: '' },
    { method: 'GET', path: '/', query: '' },
    { method: 'GET', path: '/about/', query: 'a=b' },
    { ...api, query: 'per_page=-1&server_version=9.9.9' },
    { ...api, query: 'per_page=x&plugin_id=com.example.plugin-7' },
    { ...api, query: 'return_all_versions=true' },
  ];
  const results = await runWithStore(code, {}, requests);
  assert.deepEqual(
    results.map((result) => ('path' in result ? 200 : result.statusCode)),
    [200, 200, 200, 200, 400, 400],
  );
});

test('every value and key fits in a KeyValueStore', async () => {
  const { values } = await stored(many);
  for (const [key, value] of Object.entries(values)) {
    assert.match(key, /^\d+(\.\d+)?$/);
    assert.ok(Buffer.byteLength(value) <= 1000, `${key}: ${Buffer.byteLength(value)}`);
  }
});
