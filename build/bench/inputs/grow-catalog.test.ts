import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { compare } from 'semver';
import { groupBy } from '../../../src/catalog/located-release.ts';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import type { Entry } from '../../../src/catalog/schema.ts';
import { FOUR_RELEASES, growCatalog, historyOf, unionOf } from './grow-catalog.ts';

const SHIPPED: Entry[] = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../plugins.json'), 'utf8'),
);
const OPTIONS = { ...historyOf(SHIPPED), years: 10, seed: 1 };
const idOf = ({ manifest }: Entry) => manifest.id;
const minimumOf = ({ manifest }: Entry) => manifest.min_server_version || '0.0.0';
const added = (entries: readonly Entry[]) => entries.slice(SHIPPED.length);
const count = (values: readonly unknown[]) => new Set(values).size;

const release = (id: string, version: string, updated_at: string, min_server_version = '') => ({
  updated_at,
  manifest: { id, version, min_server_version },
});

test('a grown catalog is valid', () => {
  const grown = growCatalog(SHIPPED, { ...OPTIONS, newPlugins: 5 });
  const { releases, problems } = parseCatalog(JSON.stringify(grown), 'grown.json');
  assert.deepEqual(problems, []);
  assert.equal(releases.length, grown.length);
});

test('four releases of each plugin a year make ten years of 13 plugins 520 releases, for 50 server versions', () => {
  const grown = growCatalog(SHIPPED, { ...FOUR_RELEASES, years: 10, seed: 1 });
  assert.deepEqual(grown.slice(0, SHIPPED.length), SHIPPED);
  assert.equal(added(grown).length, 13 * 4 * 10);
  assert.equal(count(grown.map(idOf)), 13);
  assert.equal(count(added(grown).map(minimumOf)), 50);
});

test('each release is newer than all of its plugin before it, and needs a newer server than they do', () => {
  const grown = growCatalog(SHIPPED, { ...FOUR_RELEASES, newPlugins: 1.5, years: 10, seed: 1 });
  const known = Math.max(...SHIPPED.map((entry) => Number.parseInt(minimumOf(entry), 10)));
  for (const releases of groupBy(added(grown), idOf).values()) {
    const before = SHIPPED.filter((entry) => idOf(entry) === idOf(releases[0] as Entry));
    releases.forEach((entry, at) => {
      const { id, version } = entry.manifest;
      for (const older of [...before, ...releases.slice(0, at)]) {
        assert.ok(compare(version, older.manifest.version) > 0, `${id}@${version}: version`);
        assert.ok(compare(minimumOf(entry), minimumOf(older)) > 0, `${id}@${version}: server`);
      }
      assert.ok(Number.parseInt(minimumOf(entry), 10) > known, `${id}@${version}`);
      assert.ok(!entry.download_url?.includes(before[0]?.manifest.version ?? 'none'), id);
    });
  }
});

test('rates are kept over the years, in fractions too', () => {
  const rates = { releasesPerPlugin: 0.5, newPlugins: 0.3, serverVersions: 2.5 };
  const grown = growCatalog(SHIPPED, { ...rates, years: 10, seed: 1 });
  const [old, fresh] = [13 * 5, 3];
  assert.equal(count(grown.map(idOf)), 13 + fresh);
  const ofOld = added(grown).filter((entry) => !idOf(entry).startsWith('com.example.'));
  assert.equal(ofOld.length, old);
  assert.ok(count(added(grown).map(minimumOf)) <= 25);
});

test('the history of a catalog is read from its dates', () => {
  const entries = [
    // a is there for four years and has two more releases, b for two years and has one
    release('a', '1.0.0', '2020-01-01T00:00:00Z', '5.0.0'),
    release('a', '1.1.0', '2021-01-01T00:00:00Z', '5.0.0'),
    release('a', '1.2.0', '2024-01-01T00:00:00Z', '6.0.0'),
    release('b', '1.0.0', '2022-01-01T00:00:00Z'),
    release('b', '1.1.0', '0001-01-01T00:00:00Z'),
  ];
  const { releasesPerPlugin, newPlugins, serverVersions } = historyOf(entries);
  assert.deepEqual(
    [releasesPerPlugin, newPlugins, serverVersions].map((rate) => rate.toFixed(2)),
    ['0.50', '0.50', '0.50'],
  );
});

test('icons and signatures are as long as those that they follow, and only new plugins have other icons', () => {
  const signed = SHIPPED.map((entry) => ({ ...entry, signature: 'c2ln'.repeat(189) }));
  const icons = new Set(signed.map(({ icon_data }) => icon_data));
  const lengths = new Set([...icons].map((icon) => icon?.length));
  for (const entry of added(growCatalog(signed, { ...OPTIONS, newPlugins: 5 }))) {
    assert.equal(entry.signature?.length, 756);
    assert.notEqual(entry.signature, signed[0]?.signature);
    assert.ok(lengths.has(entry.icon_data?.length), idOf(entry));
    const isNew = idOf(entry).startsWith('com.example.');
    assert.equal(icons.has(entry.icon_data), !isNew || !entry.icon_data, idOf(entry));
  }
});

test('the same options grow the same catalog, another seed another one', () => {
  const json = (seed: number) => JSON.stringify(growCatalog(SHIPPED, { ...OPTIONS, seed }));
  assert.equal(json(1), json(1));
  assert.notEqual(json(1), json(2));
});

test('a union has each release once, as the last catalog has it', () => {
  const union = unionOf([
    [release('a', '1.0.0', 'old'), release('a', '2.0.0', 'old')],
    [release('b', '1.0.0', 'new'), release('a', '1.0.0', 'new')],
  ]);
  assert.deepEqual(union, [
    release('a', '1.0.0', 'new'),
    release('a', '2.0.0', 'old'),
    release('b', '1.0.0', 'new'),
  ]);
});
