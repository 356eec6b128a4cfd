import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runWithStore } from '../../../test/engines/edge-function.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import {
  ask,
  expectedBody,
  GENEROUS,
  plannedSite,
  readReleases,
} from '../../../test/sites/planned-site.ts';
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
      const expected = expectedBody(index, query);
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
    assert.equal(read(result.path), expectedBody(index, queries[i] as string), queries[i]);
  }
});

test('without a piece of its bucket a request gets 503, and no other answer', async () => {
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

test('every value and key fits in a KeyValueStore', async () => {
  const { values } = await stored(many);
  for (const [key, value] of Object.entries(values)) {
    assert.match(key, /^\d+(\.\d+)?$/);
    assert.ok(Buffer.byteLength(value) <= 1000, `${key}: ${Buffer.byteLength(value)}`);
  }
});
