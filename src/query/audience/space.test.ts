import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { indexCatalog } from '../catalog-index.ts';
import { findPlatforms, findSteps } from './space.ts';

function catalogOf(...releases: { min?: string; enterprise?: boolean; platforms?: object }[]) {
  const entries = releases.map(({ min = '', enterprise = false, platforms = {} }, i) => ({
    manifest: { id: `plugin${i}`, version: '1.0.0', min_server_version: min },
    enterprise,
    platforms,
  }));
  return indexCatalog(parseCatalog(JSON.stringify(entries), 'test.json').releases);
}

const stepsOf = (...releases: Parameters<typeof catalogOf>) =>
  findSteps(catalogOf(...releases)).map(({ name }) => name);

test('Steps are the versions at which some answer changes, and no others', () => {
  assert.deepEqual(stepsOf(), ['any', 'unspecified']);
  assert.deepEqual(stepsOf({ min: '' }), ['any', 'unspecified']);
  assert.deepEqual(stepsOf({ min: '9.5.0' }, { min: '10.0.0' }, { min: '9.10.0' }), [
    ...['any', '9.5.0', '9.10.0', '10.0.0', 'unspecified'],
  ]);
});

test('The version from which servers tell their edition is a step only where a plugin needs one', () => {
  assert.deepEqual(stepsOf({ min: '', enterprise: true }), ['any', '5.25.0', 'unspecified']);
  assert.deepEqual(stepsOf({ min: '6.0.0', enterprise: true }), ['any', '6.0.0', 'unspecified']);
});

test('Versions of equal precedence are one step, named without build metadata', () => {
  assert.deepEqual(stepsOf({ min: '9.9.9+a' }, { min: '9.9.9+b' }), [
    'any',
    '9.9.9',
    'unspecified',
  ]);
});

test('The names of steps fit into the names of files, also where case does not count there', () => {
  const long = `9.5.0-${'a.'.repeat(120)}a`;
  assert.deepEqual(stepsOf({ min: '9.4.0-RC1' }, { min: '9.4.0-rc1' }, { min: long }), [
    ...['any', '9.4.0-rc1(1)', '9.4.0-rc1', `${long.slice(0, 40)}(3)`, 'unspecified'],
  ]);
});

test('Platforms are those with a bundle that can be used: a URL and a signature', () => {
  const bundle = { download_url: 'https://example.com/x', signature: 'c2ln' };
  const catalog = catalogOf(
    { platforms: { 'linux-arm64': bundle, 'linux-amd64': {} } },
    { platforms: { 'darwin-amd64': { download_url: 'https://example.com/x' } } },
    { platforms: { 'aix-ppc64': bundle } },
  );
  assert.deepEqual(findPlatforms(catalog), ['aix-ppc64', 'linux-arm64']);
});
