import assert from 'node:assert/strict';
import { test } from 'node:test';
import { impatientWeb, serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { findPlatformBundles, readSignature, storePlatforms } from './plugin-store.ts';

// The answer of a store for a missing file: one on S3 answers 403 to clients that may not list it.
for (const status of [403, 404, 410]) {
  test(`a store that answers ${status} has no signature and no bundle`, async (t) => {
    const server = await startLoopback(t, (_, response) => response.writeHead(status).end());
    const web = impatientWeb();
    assert.equal(await readSignature(web, `${server.url}/a.tar.gz`), null);
    const release = { store: server.url, repo: 'a', tag: 'v1.0.0' };
    assert.deepEqual(await findPlatformBundles(web, release, ['linux-amd64']), {});
  });
}

for (const status of [401, 500]) {
  test(`a store that answers ${status} does not reveal what it has`, async (t) => {
    const server = await startLoopback(t, (_, response) => response.writeHead(status).end());
    const web = impatientWeb();
    const expected = new RegExp(`answers ${status}`);
    await assert.rejects(readSignature(web, `${server.url}/a.tar.gz`), expected);
    const release = { store: server.url, repo: 'a', tag: 'v1.0.0' };
    await assert.rejects(findPlatformBundles(web, release, ['linux-amd64']), expected);
  });
}

test('a sign-in page instead of a signature is an error', async (t) => {
  const { url } = await startLoopback(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>');
  });
  const message = /\/a\.sig gives a web page and not a signature: .*"<html>sign in/;
  await assert.rejects(readSignature(impatientWeb(), `${url}/a.sig`), { message });
});

// What the store has, signed and not, the programs of the manifest, the bundles found: macOS was `osx` until 2024.
const cases: readonly (readonly [string[], string[], string[], object])[] = [
  [['osx-amd64'], [], [], { 'darwin-amd64': 'osx-amd64' }],
  [['darwin-amd64'], [], [], { 'darwin-amd64': 'darwin-amd64' }],
  [
    ['darwin-arm64', 'linux-arm64'],
    [],
    [],
    { 'darwin-arm64': 'darwin-arm64', 'linux-arm64': 'linux-arm64' },
  ],
  [['osx-amd64', 'darwin-amd64'], [], [], { 'darwin-amd64': 'darwin-amd64' }],
  [['osx-amd64'], ['darwin-amd64'], [], { 'darwin-amd64': 'osx-amd64' }],
  [[], ['windows-amd64'], [], {}],
  [['freebsd-amd64'], [], [], {}],
  [['freebsd-amd64'], [], ['freebsd-amd64'], { 'freebsd-amd64': 'freebsd-amd64' }],
  [['openbsd-arm64'], [], ['openbsd-arm64', 'Not one'], { 'openbsd-arm64': 'openbsd-arm64' }],
];

for (const [signed, unsigned, programs, expected] of cases) {
  test(`of ${signed}, not signed ${unsigned || 'none'}, programs ${programs || 'none'}: ${JSON.stringify(expected)}`, async (t) => {
    const fileOf = (platform: string) => `/plugin-abc-v1.2.0%2Bb-${platform}.tar.gz`;
    const { url } = await startLoopback(
      t,
      serveFiles({
        ...Object.fromEntries([...signed, ...unsigned].map((one) => [fileOf(one), 'a bundle'])),
        ...Object.fromEntries(signed.map((one) => [`${fileOf(one)}.sig`, 'signed'])),
      }),
    );
    const executables = Object.fromEntries(programs.map((name) => [name, `dist/${name}`]));
    const platforms = storePlatforms({ server: { executables } });
    const release = { store: `${url}/`, repo: 'plugin-abc', tag: 'v1.2.0+b' };
    const found = await findPlatformBundles(impatientWeb(), release, platforms);
    const signature = Buffer.from('signed').toString('base64');
    const wanted = Object.entries(expected).map(([platform, name]) => {
      return [platform, { download_url: `${url}${fileOf(name)}`, signature }];
    });
    assert.deepEqual(found, Object.fromEntries(wanted));
  });
}
