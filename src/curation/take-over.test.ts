import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../catalog/schema.ts';
import { findTakeOver } from './take-over.ts';

const entry = (version: string, more: Partial<Entry>, id = 'abc'): Entry => ({
  manifest: { id, version },
  ...more,
});
const ofGithub = (repo: string, version = '0.9.0') =>
  entry(version, {
    download_url: `https://github.com/${repo}/releases/download/v${version}/a.tar.gz`,
  });
const named = (repo_name: string, home = '') =>
  entry('0.9.0', { repo_name, homepage_url: home && `https://github.com/${home}` });

// The catalog's entry for a plugin from example/plugin-abc, ids of --take-over, the other owner if there is one.
const owners: readonly (readonly [readonly Entry[], readonly string[], string | null])[] = [
  [[], [], null],
  [[named('plugin-abc')], [], null],
  [[ofGithub('example/plugin-abc')], [], null],
  [[ofGithub('Example/Plugin-ABC')], [], null],
  [[named('plugin-abc', 'example/plugin-abc')], [], null],
  [[named('plugin-abc', 'example/docs')], [], null],
  [[named('')], [], null],
  [[named('other')], [], 'other'],
  [[ofGithub('other/plugin-abc')], [], 'other/plugin-abc'],
  [[ofGithub('other/plugin-abc', '9.0.0')], [], 'other/plugin-abc'],
  [[named('', 'other/plugin-abc')], [], 'other/plugin-abc'],
  [[named('plugin-abc', 'other/plugin-abc')], [], 'other/plugin-abc'],
  [[entry('0.9.0', { repo_name: 'other' }, 'ABC')], [], 'other'],
  // Plugins move: the newest release that names its repository counts.
  [[ofGithub('other/abc', '0.8.0'), ofGithub('example/plugin-abc')], [], null],
  [[ofGithub('example/plugin-abc', '0.8.0'), ofGithub('other/abc')], [], 'other/abc'],
  [[ofGithub('other/abc', '0.8.0'), named('')], [], 'other/abc'],
  [[named('other')], ['abc'], null],
  [[named('other')], ['ABC'], null],
  [[named('other')], ['abd'], 'other'],
];

for (const [entries, takeOver, owner] of owners) {
  test(`a release for ${JSON.stringify(entries)} is ${owner ? 'a take-over' : 'none'} ${takeOver}`, () => {
    const newcomer = { entry: entry('1.0.0', {}), repositories: ['example/plugin-abc'] };
    const found = findTakeOver(entries, newcomer, takeOver);
    if (owner === null) return assert.equal(found, null);
    assert.ok(
      found?.startsWith(`belongs to the plugin abc, which the catalog has from ${owner} (`),
    );
    assert.match(found ?? '', /not from example\/plugin-abc — .*--take-over abc$/);
  });
}

test('one of the names of a repository is enough, for repositories are renamed', () => {
  const newcomer = { entry: entry('1.0.0', {}), repositories: ['old/plugin', 'new/plugin-xyz'] };
  assert.equal(findTakeOver([ofGithub('new/plugin-xyz')], newcomer, []), null);
});

// The id that the catalog has, and one that servers install instead.
const SAME_ID: readonly (readonly [string, string])[] = [
  ['com.acme.hi', 'com.acme.h\u0130'],
  ['com.acme.h\u0130', 'com.acme.HI'],
  ['com.acme.link', 'com.acme.lin\u212a'],
  ['com.acme.\u0130\u0130', 'com.acme.iI'],
];

for (const [known, id] of SAME_ID) {
  test(`${JSON.stringify(id)} takes ${JSON.stringify(known)} over, for servers install both alike`, () => {
    const entries = [entry('1.0.0', { repo_name: 'ours' }, known)];
    const newcomer = { entry: entry('1.0.0', {}, id), repositories: ['theirs'] };
    assert.match(findTakeOver(entries, newcomer, []) ?? '', /from ours .*not from theirs/);
    assert.equal(findTakeOver(entries, newcomer, [known]), null);
  });
}
