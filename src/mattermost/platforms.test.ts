import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declaredPlatforms, platformOfName, type RunsOn, runsOn } from './platforms.ts';

const executables = (...platforms: string[]) =>
  Object.fromEntries(platforms.map((platform) => [platform, `plugin-${platform}`]));
const LINUX = { executables: executables('linux-amd64') };

test('the platforms that a manifest has programs for', () => {
  // [manifest, platforms]
  const cases: [object, string[] | null][] = [
    [{ server: LINUX }, ['linux-amd64']],
    [{ backend: LINUX }, ['linux-amd64']],
    [{ server: { ...LINUX, executable: 'plugin' } }, null],
    [{ server: { executables: { 'linux-amd64': 'p', 'windows-amd64': '' } } }, ['linux-amd64']],
    [{ server: { executables: null } }, []],
    [{ server: {} }, []],
    [{ server: null }, null],
    [{ server: null, backend: null }, null],
    [{ webapp: { bundle_path: 'main.js' } }, null],
    [{}, null],
  ];
  for (const [manifest, expected] of cases) {
    const declared = declaredPlatforms({ id: 'a', version: '1.0.0', ...manifest });
    assert.deepEqual(declared, expected, JSON.stringify(manifest));
  }
});

test('the platform that the name of a bundle ends with', () => {
  // [name, platform]
  const cases: [string, string][] = [
    ['jira-4.1.0.tar.gz', ''],
    ['mattermost-plugin-jira-v4.1.0-linux-amd64.tar.gz', 'linux-amd64'],
    ['https://a.example/x-v1.0.0-osx-amd64.tar.gz', 'darwin-amd64'],
    ['x-v1.0.0-darwin-arm64.tar.gz', 'darwin-arm64'],
    ['x-v2.9.4%2B39a72fa-fips-linux-amd64.tar.gz', 'linux-amd64'],
    ['x-linux-amd64-1.0.0.tar.gz', ''],
    ['', ''],
  ];
  for (const [name, expected] of cases) assert.equal(platformOfName(name), expected, name);
});

test('where a release runs', () => {
  const server = { executables: executables('linux-amd64', 'linux-arm64', 'darwin-amd64') };
  const [all, own] = ['https://a.example/a.tar.gz', 'https://a.example/a-linux-amd64.tar.gz'];
  const has = { download_url: own, signature: 'c2ln' };
  const three = Object.keys(server.executables);
  // [manifest, download_url, bundles of single platforms (undefined: an answer), where it runs]
  const cases: [object, string, object | undefined, RunsOn][] = [
    [{ server }, all, {}, three],
    [{ server }, all, { 'linux-amd64': has }, three],
    [{ server }, own, {}, ['linux-amd64']],
    [{ server }, own, { 'linux-arm64': has }, ['linux-amd64', 'linux-arm64']],
    [{ server }, '', { 'darwin-amd64': has, 'windows-amd64': has }, ['darwin-amd64']],
    [{ server }, '', { 'darwin-amd64': {} }, []],
    [{ server }, own, { 'darwin-amd64': { download_url: own } }, ['linux-amd64']],
    [{ server }, '', { 'darwin-amd64': { ...has, signature: '' } }, []],
    [{ server }, own, undefined, three],
    [{ server: LINUX, webapp: {} }, all, {}, ['linux-amd64']],
    [{ server: { executable: 'plugin' } }, all, {}, 'unstated'],
    [{ backend: { executable: 'plugin' } }, all, {}, 'unstated'],
    [{ server: {} }, all, {}, []],
    [{ server: null, webapp: {} }, all, {}, 'any'],
    [{ webapp: {} }, own, {}, 'any'],
    [{}, all, {}, 'any'],
  ];
  for (const [manifest, download_url, platforms, expected] of cases) {
    const release = {
      manifest: { id: 'a', version: '1.0.0', ...manifest },
      download_url,
      ...(platforms ? { platforms: platforms as Record<string, object> } : {}),
    };
    assert.deepEqual(runsOn(release), expected, JSON.stringify(release));
  }
});
