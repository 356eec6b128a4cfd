import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OfferedBundle } from '../catalog/bundles/bundles-of.ts';
import { MOST_ID_LENGTH } from '../mattermost/install/manifest-rules.ts';
import { bundlePath } from './rewrite-release.ts';

function pathOf(id: string, version: string, platform: string, sha256: string): string {
  const release = { manifest: { id, version } } as OfferedBundle['release'];
  return bundlePath({ release, platform, url: '', signature: '' }, sha256);
}

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
    assert.equal(pathOf(id, version, platform, '0123456789abcdef'.repeat(4)), path);
  });
}

test('no id, version or platform makes a name longer than file systems allow', () => {
  const long = 'x'.repeat(1000);
  const version = `1.0.0-${'x'.repeat(200)}`;
  const made = pathOf(long.slice(0, MOST_ID_LENGTH), version, `${long}-amd64`, '0f3a'.repeat(16));
  const name = made.slice('bundles/'.length);
  // While it is written, it has the id of a process behind it.
  assert.ok(name.length <= 255 - '.making-4194304'.length, `${name.length} characters`);
});

test('another content has another name', () => {
  const [one, other] = ['a', 'b'].map((digit) => pathOf('a', '1.0.0', '', digit.repeat(64)));
  assert.notEqual(one, other);
});
