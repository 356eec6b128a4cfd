import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameBundle } from '../../catalog/bundles/bundles-of.ts';
import { nameRelease } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import { changedBundles } from './changed-bundles.ts';

const release = (version: string, more: object = {}, manifest: object = {}) =>
  ({
    download_url: `https://h/abc-${version}.tar.gz`,
    signature: 'c2ln',
    manifest: { id: 'abc', version, ...manifest },
    platforms: {},
    ...more,
  }) as unknown as Release;
const mac = (signature: string) => ({
  platforms: { 'darwin-arm64': { download_url: 'https://h/mac.tar.gz', signature } },
});
const before = [release('1.0.0'), release('1.1.0', mac('c2ln'))];

// What changed since, the catalog now, the bundles that changed.
const cases: readonly (readonly [string, readonly Release[], string])[] = [
  ['nothing', before, ''],
  ['a release was removed', before.slice(1), ''],
  ['the order', before.toReversed(), ''],
  ['what bundles have nothing to do with', [release('1.0.0', { release_stage: 'beta' })], ''],
  ['a release was added', [...before, release('1.2.0')], 'abc@1.2.0'],
  ['an address', [release('1.0.0', { download_url: 'https://h/x' })], 'abc@1.0.0'],
  ['a signature', [release('1.0.0', { signature: 'bmV3' })], 'abc@1.0.0'],
  ['a manifest', [release('1.0.0', {}, { name: 'New' })], 'abc@1.0.0'],
  ['a platform was added', [release('1.0.0', mac('c2ln'))], 'abc@1.0.0 darwin-arm64'],
  ['the signature of a platform', [release('1.1.0', mac('bmV3'))], 'abc@1.1.0 darwin-arm64'],
  ['a second entry', [...before, release('1.0.0', { signature: 'bmV3' })], 'abc@1.0.0'],
];

for (const [what, now, expected] of cases) {
  test(`where this changed: ${what}, ${expected || 'no bundle'} changed`, () => {
    const changed = changedBundles(now, before);
    assert.equal(
      changed.map((one) => nameBundle(nameRelease(one.release), one.platform)).join(),
      expected,
    );
  });
}
