import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from './synthetic-catalog.ts';

const { releases } = parseCatalog(
  JSON.stringify(syntheticCatalog(LIKE_PRODUCTION)),
  'synthetic.json',
);

test('a synthetic catalog is valid, and has as many plugins, releases and thresholds as asked for', () => {
  const count = (values: readonly unknown[]) => new Set(values).size;
  assert.equal(releases.length, 210);
  assert.equal(count(releases.map(({ manifest }) => manifest.id)), 40);
  assert.equal(count(releases.map(({ manifest }) => manifest.min_server_version)), 26);
  assert.equal(count(releases.map(({ manifest }) => `${manifest.id} ${manifest.version}`)), 210);
});

test('a newer release never allows older servers', () => {
  const newest = new Map<string, number>();
  for (const { manifest } of releases) {
    const [major = 0, minor = 0] = (manifest.min_server_version ?? '').split('.').map(Number);
    const threshold = major * 12 + minor;
    assert.ok(threshold >= (newest.get(manifest.id) ?? 0), manifest.id);
    newest.set(manifest.id, threshold);
  }
});

test('the same options make the same catalog, another seed another one', () => {
  const json = (seed: number) => JSON.stringify(syntheticCatalog({ ...LIKE_PRODUCTION, seed }));
  assert.equal(json(1), json(1));
  assert.notEqual(json(1), json(2));
});

test('a release has the bytes of a real one, or with no bulk as few as may be', () => {
  // bulk, the least and the most bytes that a release has on average
  for (const [bulk, least, most] of [
    [1, 8000, 12_000],
    [0, 500, 1000],
  ] as const) {
    const bytes = JSON.stringify(syntheticCatalog({ ...LIKE_PRODUCTION, bulk })).length / 210;
    assert.ok(bytes > least && bytes < most, `${bytes}`);
  }
});
