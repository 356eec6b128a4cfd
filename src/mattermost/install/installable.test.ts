import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../answers/undecodable.ts';
import { findBundleObstacles, findManifestObstacles } from './installable.ts';

const LINUX = { executables: { 'linux-amd64': 'server/dist/plugin-linux-amd64' } };
const MANIFEST = { id: 'com.example.a', version: '1.0.0', server: LINUX };

test('what the manifest of an entry keeps a server from', () => {
  // [what differs in the manifest, server, platform, checks]
  const cases: [object, string, string, string[]][] = [
    [{}, '11.0.0', 'linux-amd64', []],
    [{}, '5.18.0', 'linux-amd64', []],
    // ids
    [{ id: 'ab' }, '11.0.0', 'linux-amd64', ['refused-id']],
    [{ id: 'Com.Example.A' }, '11.0.0', 'linux-amd64', []],
    [{ id: 'a b c' }, '11.0.0', 'linux-amd64', ['refused-id']],
    [{ id: 'ä.example' }, '11.0.0', 'linux-amd64', ['refused-id']],
    [{ id: 'a'.repeat(190) }, '11.0.0', 'linux-amd64', []],
    [{ id: 'a'.repeat(191) }, '11.0.0', 'linux-amd64', ['refused-id']],
    // Go makes a k and an i of these.
    [{ id: 'com.acme.\u212a\u0130' }, '11.0.0', 'linux-amd64', []],
    [{ id: 'com.acme.\u0131' }, '11.0.0', 'linux-amd64', ['refused-id']],
    // versions
    [{ version: '0.0.0' }, '11.0.0', 'linux-amd64', ['zero-version']],
    [{ version: '0.0.0-rc1' }, '6.5.0', 'linux-amd64', ['zero-version']],
    [{ version: '0.0.0+1' }, '6.5.0', 'linux-amd64', ['zero-version']],
    [{ version: '0.0.0' }, '6.4.0', 'linux-amd64', []],
    [{ version: '0.0.1-rc1' }, '11.0.0', 'linux-amd64', []],
    // programs
    [{}, '11.0.0', 'linux-arm64', ['no-program']],
    [{ server: { executable: 'plugin' } }, '11.0.0', 'linux-arm64', []],
    [{ server: { executable: 'plugin' } }, '5.31.0', 'linux-arm64', []],
    [{ server: { executable: '', executables: {} } }, '11.0.0', 'linux-amd64', ['no-program']],
    [{ server: {} }, '11.0.0', 'linux-amd64', ['no-program']],
    [{ server: { executables: { 'linux-arm64': 'p' } } }, '5.31.0', 'linux-arm64', ['no-program']],
    [{ server: { executables: { 'linux-arm64': 'p' } } }, '5.32.0', 'linux-arm64', []],
    [{ server: { executables: { 'linux-amd64': null } } }, '5.32.0', 'linux-amd64', ['no-program']],
    [{ server: null, backend: LINUX }, '5.39.0', 'linux-amd64', []],
    [{ server: null, backend: LINUX }, '6.0.0', 'linux-amd64', ['empty-plugin']],
    // web apps
    [{ server: null, webapp: { bundle_path: 'main.js' } }, '11.0.0', 'plan9-arm', []],
    [{ webapp: null }, '11.0.0', 'linux-amd64', []],
    [{ webapp: {} }, '11.0.0', 'linux-amd64', ['refused-webapp']],
    [{ webapp: { bundle_path: '' } }, '11.0.0', 'linux-amd64', ['refused-webapp']],
    [{ webapp: { bundle_path: '../main.js' } }, '11.0.0', 'linux-amd64', ['refused-webapp']],
    [{ webapp: { bundle_path: 'a/../../b' } }, '11.0.0', 'linux-amd64', ['refused-webapp']],
    [{ webapp: { bundle_path: 'a/../b' } }, '11.0.0', 'linux-amd64', []],
    [{ server: null }, '11.0.0', 'linux-amd64', ['empty-plugin']],
  ];
  for (const [differing, version, platform, expected] of cases) {
    const manifest = decodeManifest(version, { ...MANIFEST, ...differing });
    const found = findManifestObstacles(manifest, { version, platform });
    const about = `${JSON.stringify(differing)} on ${platform}, server ${version}`;
    assert.deepEqual(
      found.map(({ check }) => check),
      expected,
      about,
    );
  }
});

test('what the address of a bundle keeps a server from', () => {
  // [download_url, checks besides `unsigned`]
  const cases: [string, string[]][] = [
    ['https://a.example/b.tar.gz', []],
    ['', ['missing-download']],
    ['http://a.example/b.tar.gz', ['http-download']],
    ['HTTPS://a.example/b.tar.gz', ['odd-download']],
    ['Http://a.example/b.tar.gz', ['odd-download']],
    ['ftp://a.example/b.tar.gz', ['odd-download']],
  ];
  for (const [url, expected] of cases) {
    const found = findBundleObstacles(url, '');
    assert.deepEqual(
      found.map(({ check }) => check),
      [...expected, 'unsigned'],
      url,
    );
    const needed = found.flatMap(({ unlessSetting }) => unlessSetting ?? []);
    const isInsecure = expected.includes('http-download');
    assert.deepEqual(needed, isInsecure ? ['PluginSettings.AllowInsecureDownloadURL'] : [], url);
  }
});
