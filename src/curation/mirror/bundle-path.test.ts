import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { bundlePath } from './bundle-path.ts';

const DIGEST = '0f3a'.repeat(16);

function pathOf(id: string, version: string, platform = '', sha256 = DIGEST): string {
  const entries = [{ manifest: { id, name: id, version } }];
  const [release] = parseCatalog(JSON.stringify(entries), 'test.json').releases;
  assert.ok(release);
  return bundlePath({ release, platform, url: 'http://h/', signature: '' }, sha256);
}

// Id, version, platform, path.
const cases: readonly (readonly [string, string, string, string])[] = [
  ['jira', '4.1.0', '', 'bundles/jira-4.1.0-0f3a0f3a0f3a0f3a.tar.gz'],
  ['jira', '4.1.0', 'linux-amd64', 'bundles/jira-4.1.0-linux-amd64-0f3a0f3a0f3a0f3a.tar.gz'],
  ['a/../b', '1.0.0+x', '', 'bundles/a_.._b-1.0.0_x-0f3a0f3a0f3a0f3a.tar.gz'],
  ['a b\\c?d#e%f', '1.0.0', '', 'bundles/a_b_c_d_e_f-1.0.0-0f3a0f3a0f3a0f3a.tar.gz'],
  ['ünï', '1.0.0', '../x', 'bundles/_n_-1.0.0-.._x-0f3a0f3a0f3a0f3a.tar.gz'],
];

for (const [id, version, platform, expected] of cases) {
  test(`a bundle of ${id} ${version} ${platform} lies at ${expected}`, () => {
    assert.equal(pathOf(id, version, platform), expected);
  });
}

test('no id, version or platform makes a name longer than file systems allow', () => {
  const long = 'x'.repeat(1000);
  const version = `1.0.0-${'x'.repeat(200)}`;
  const name = pathOf(long, version, `${long}-amd64`).slice('bundles/'.length);
  // While it is written, it has the id of a process behind it.
  assert.ok(name.length <= 255 - '.making-4194304'.length, `${name.length} characters`);
});

test('another content has another name', () => {
  assert.notEqual(
    pathOf('a', '1.0.0', '', 'a'.repeat(64)),
    pathOf('a', '1.0.0', '', 'b'.repeat(64)),
  );
});
