import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { versionKey } from '../router/request/version-key.ts';
import { groupByPlugin, indexCatalog } from './catalog-index.ts';

/** Releases from `id@version`. */
function releasesOf(...names: string[]): Release[] {
  const entries = names.map((name) => {
    const [id, version] = name.split('@');
    return { manifest: { id, version } };
  });
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  return releases;
}

const withManifest = (release: Release, fields: object): Release => ({
  ...release,
  manifest: { ...release.manifest, ...fields },
});

// In no order; the rows of the index are to be [id@version, position, rank].
const CATALOG = releasesOf(
  'b@1.0.0',
  'a@1.0.0+x',
  'a@2.0.0-rc.10',
  'B@1.0.0',
  'a@1.0.0',
  'a@10.0.0',
  'a@2.0.0-rc.9',
  'a@1.0.0+y',
  'a@2.0.0',
  'c@1.0.0',
);

test('an index has the plugins by id, highest version first, equal ones as in the catalog', () => {
  const rows = indexCatalog(CATALOG).map(({ release: { manifest }, position, versionRank }) => [
    `${manifest.id}@${manifest.version}`,
    position,
    versionRank,
  ]);
  assert.deepEqual(rows, [
    ['B@1.0.0', 3, 0],
    ['a@10.0.0', 5, 1],
    ['a@2.0.0', 8, 2],
    ['a@2.0.0-rc.10', 2, 3],
    ['a@2.0.0-rc.9', 6, 4],
    ['a@1.0.0+x', 1, 5],
    ['a@1.0.0', 4, 5],
    ['a@1.0.0+y', 7, 5],
    ['b@1.0.0', 0, 6],
    ['c@1.0.0', 9, 7],
  ]);
  assert.deepEqual(indexCatalog([]), []);
});

test('an index leaves the releases as they are', () => {
  const before = JSON.stringify(CATALOG);
  for (const { release, position, id } of indexCatalog(CATALOG)) {
    assert.equal(release, CATALOG[position]);
    assert.equal(id, release.manifest.id);
  }
  assert.equal(JSON.stringify(CATALOG), before);
});

test('what filters compare is computed for every release, absent or not', () => {
  const [plain] = releasesOf('Com.Example.İ@1.0.0') as [Release];
  const named = { name: 'ΟΔΟΣ', description: 'K', min_server_version: '5.2.0' };
  // [fields of the manifest, lower-cased name and description, key of the minimum server version]
  const cases: [object, string, string, string | null][] = [
    [{}, '', '', ''],
    [{ name: null, description: null, min_server_version: null }, '', '', ''],
    [{ name: '', description: '', min_server_version: '' }, '', '', ''],
    [named, 'οδοσ', 'k', versionKey('5.2.0')],
  ];
  for (const [fields, name, description, minServerKey] of cases) {
    const [indexed] = indexCatalog([withManifest(plain, fields)]);
    assert.equal(indexed?.lowerId, 'com.example.i', 'docs/api.md, filter: lower-cased id');
    assert.equal(indexed?.lowerName, name, 'docs/api.md, filter: lower-cased name');
    assert.equal(indexed?.lowerDescription, description, 'docs/api.md, filter: description');
    assert.equal(indexed?.minServerKey, minServerKey, 'docs/api.md, server_version: the minimum');
  }
});

test('releases that were not validated are not indexed', () => {
  const [valid] = releasesOf('a@1.0.0') as [Release];
  // [fields of the manifest]
  const invalid: object[] = [
    { version: '' },
    { version: '1.0' },
    { version: '01.0.0' },
    { version: 'latest' },
    { min_server_version: '5' },
    { min_server_version: 'v5.2.0' },
    { min_server_version: ' ' },
    { min_server_version: '5.2.0\n' },
  ];
  for (const fields of invalid) {
    const releases = [valid, withManifest(valid, fields)];
    const expected = { name: 'RangeError', message: /^release 1 \(a / };
    assert.throws(() => indexCatalog(releases), expected, JSON.stringify(fields));
  }
});

test('releases are grouped by plugin, in the order of the index', () => {
  const catalog = indexCatalog(CATALOG);
  const groups = groupByPlugin(catalog);
  assert.deepEqual(
    groups.map((plugin) => [plugin[0]?.id, plugin.length]),
    [
      ['B', 1],
      ['a', 7],
      ['b', 1],
      ['c', 1],
    ],
  );
  assert.deepEqual(groups.flat(), catalog);
  assert.deepEqual(groupByPlugin([]), []);
});
