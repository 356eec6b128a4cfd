import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { MOST_ID_LENGTH } from '../mattermost/install/manifest-rules.ts';
import { bundlePath } from './bundle-path.ts';

const DIGEST = '0f3a'.repeat(16);

function pathOf(id: string, version: string, platform = '', sha256 = DIGEST): string {
  const entries = [{ manifest: { id, name: id, version } }];
  const [release] = parseCatalog(JSON.stringify(entries), 'test.json').releases;
  assert.ok(release);
  return bundlePath({ release, platform, url: 'http://h/', signature: '' }, sha256);
}

test('no id, version or platform makes a name longer than file systems allow', () => {
  const long = 'x'.repeat(1000);
  const version = `1.0.0-${'x'.repeat(200)}`;
  const id = long.slice(0, MOST_ID_LENGTH);
  const name = pathOf(id, version, `${long}-amd64`).slice('bundles/'.length);
  // While it is written, it has the id of a process behind it.
  assert.ok(name.length <= 255 - '.making-4194304'.length, `${name.length} characters`);
});

test('another content has another name', () => {
  assert.notEqual(
    pathOf('a', '1.0.0', '', 'a'.repeat(64)),
    pathOf('a', '1.0.0', '', 'b'.repeat(64)),
  );
});
