import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OfferedBundle } from '../curation/verify/bundles-of.ts';
import { bundlePath } from './bundle-path.ts';

// id, version, platform, the path.
const CASES: readonly (readonly [string, string, string, string])[] = [
  ['abc', '1.0.0', '', 'bundles/abc-1.0.0-0123456789abcdef.tar.gz'],
  ['abc', '1.0.0+b', 'linux-amd64', 'bundles/abc-1.0.0_b-linux-amd64-0123456789abcdef.tar.gz'],
  ['ünï/x', '1.0.0', '', 'bundles/_n__x-1.0.0-0123456789abcdef.tar.gz'],
  ['../a', '1.0.0', '', 'bundles/.._a-1.0.0-0123456789abcdef.tar.gz'],
  ['a'.repeat(190), '1.0.0', '', `bundles/${'a'.repeat(80)}-1.0.0-0123456789abcdef.tar.gz`],
];

for (const [id, version, platform, path] of CASES) {
  test(`the bundle of ${id}@${version} ${platform} lies where every file system can have it`, () => {
    const release = { manifest: { id, version } } as OfferedBundle['release'];
    const bundle = { release, platform, url: '', signature: '' };
    assert.equal(bundlePath(bundle, '0123456789abcdef'.repeat(4)), path);
  });
}
