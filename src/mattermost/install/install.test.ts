import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { ServerError } from '../client.ts';
import { type ConfiguredServer, type InstallConnections, installPlugin } from './install.ts';

const PROGRAM = 'server/dist/plugin-linux-amd64';
const MANIFEST = {
  id: 'com.example.a',
  version: '1.0.0',
  server: { executables: { 'linux-amd64': PROGRAM } },
};
const BUNDLE = gzipSync('a bundle');
const SIGNATURE = (await (await makeSigningKey()).sign(BUNDLE)).toString('base64');
const ENTRY = {
  download_url: 'https://a.example/a.tar.gz',
  signature: SIGNATURE,
  manifest: MANIFEST,
};
const SERVER: ConfiguredServer = {
  version: '9.5.0',
  platform: 'linux-amd64',
  isEnterpriseBuild: true,
  hasEnterprisePlugins: false,
  isCloud: false,
  settings: [],
};

interface Situation {
  readonly server?: Partial<ConfiguredServer>;
  readonly entry?: object;
  /** The manifest inside the bundle, where it differs. */
  readonly inside?: object;
  readonly mode?: number;
  readonly download?: Partial<Awaited<ReturnType<InstallConnections['download']>>>;
}

function install({ server, entry, inside, mode = 0o755, download }: Situation) {
  const connections: InstallConnections = {
    ask: async () => ({ status: 200, body: JSON.stringify([{ ...ENTRY, ...entry }]) }),
    download: async () => ({ status: 200, contentEncoding: '', body: BUNDLE, ...download }),
    findMismatch: async (bundle) =>
      BUNDLE.equals(bundle) ? null : 'is not what was signed: its signature is of other contents',
    unpack: async () => ({
      manifest: { ...MANIFEST, ...inside },
      files: new Map([[PROGRAM, { mode, sizeBytes: 1 }]]),
    }),
  };
  const clicked = { id: MANIFEST.id, version: MANIFEST.version };
  return installPlugin({ ...SERVER, ...server }, clicked, connections);
}

const HTTP = { download_url: 'http://a.example/a.tar.gz' };

// what is so, the situation, what is installed or why not
const cases: readonly (readonly [string, Situation, string | RegExp])[] = [
  ['all is well', {}, 'com.example.a@1.0.0'],
  ['the server is old', { server: { version: '5.18.0' } }, 'com.example.a@1.0.0'],
  ['there is no signature', { entry: { signature: '' } }, /^signature is empty/],
  ['there is no address', { entry: { download_url: '' } }, /^download_url names no bundle/],
  ['the address is http', { entry: HTTP }, /^download_url is not encrypted/],
  [
    'the address is http, and the server allows that',
    { entry: HTTP, server: { settings: ['PluginSettings.AllowInsecureDownloadURL'] } },
    'com.example.a@1.0.0',
  ],
  ['the bundle is gone', { download: { status: 404 } }, /status 404/],
  [
    'an old server gets the page of an error',
    { download: { status: 404, body: Buffer.from('no') }, server: { version: '5.23.0' } },
    /^the bundle is not what was signed/,
  ],
  ['the answer has no content', { download: { status: 304 } }, /status 304/],
  [
    'the host declares the bundle encoded',
    { download: { contentEncoding: 'gzip' } },
    /^the bundle is not what was signed/,
  ],
  [
    'the host encodes it once more',
    { download: { contentEncoding: 'gzip', body: gzipSync(BUNDLE) } },
    'com.example.a@1.0.0',
  ],
  [
    'it declares so wrongly',
    { download: { contentEncoding: 'gzip', body: Buffer.from('no') } },
    /not as its Content-Encoding says/,
  ],
  ['x-gzip is left alone', { download: { contentEncoding: 'x-gzip' } }, 'com.example.a@1.0.0'],
  [
    'the bundle needs a newer server than its entry',
    { inside: { min_server_version: '10.0.0' } },
    /^the bundle needs a server of "10\.0\.0": one of 9\.5\.0 installs it and cannot start it/,
  ],
  [
    'the bundle has an id with capitals',
    { inside: { id: 'com.Example.A' } },
    'com.example.a@1.0.0',
  ],
  ['the bundle is older than its entry', { inside: { version: '0.9.0' } }, 'com.example.a@0.9.0'],
  ['the program cannot be run', { mode: 0o644 }, /^the bundle has a program that is not exec/],
  [
    'it is for another platform',
    { server: { platform: 'darwin-arm64' } },
    /declares no program for darwin-arm64/,
  ],
  [
    'only its entry is for the platform',
    { inside: { server: { executables: { 'windows-amd64': 'a.exe' } } } },
    /^the bundle declares no program for linux-amd64/,
  ],
];

for (const [about, situation, expected] of cases) {
  test(`what a server installs where ${about}`, async () => {
    const installing = install(situation);
    if (typeof expected === 'string') {
      const { id, version } = await installing;
      assert.equal(`${id}@${version}`, expected);
    } else {
      await assert.rejects(installing, (error) => {
        assert.ok(error instanceof ServerError);
        assert.match(error.message, expected);
        return true;
      });
    }
  });
}
