import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { HOSTILE_BUNDLES } from '../../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest, makeTarGz } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import type { Release } from '../../catalog/release.ts';
import { WebError } from '../../lib/http/web-error.ts';
import { readServerKeys } from '../../mattermost/openpgp/key.ts';
import { verifyBundles } from './verify-bundles.ts';

const NOW = new Date('2024-05-17T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const createdAt = new Date(NOW.getTime() - 100 * DAY_MS);
const manifest = makeManifest('abc', '1.2.0');
const bundle = await makeBundle(manifest);
const linux = await makeBundle(manifest, ['linux-amd64']);
const key = await makeSigningKey({ createdAt });
const other = await makeSigningKey({ createdAt });
const expired = await makeSigningKey({ createdAt, validSeconds: 90 * 24 * 60 * 60 });
const edwards = await makeSigningKey({ createdAt, curve: 'ed25519Legacy' });
const sign = async (content: Buffer, by = key) =>
  (await by.sign(content, new Date(NOW.getTime() - 50 * DAY_MS))).toString('base64');
const signature = await sign(bundle);
const armored = Buffer.from(
  `-----BEGIN PGP SIGNATURE-----\n\n${signature.replace(/.{64}/g, '$&\n')}\n-----END PGP SIGNATURE-----\n`,
).toString('base64');

interface Given {
  /** The content at the URL. */
  readonly content?: Buffer;
  /** Default: by `key`, of what the URL gives. */
  readonly signature?: string;
  /** What differs in the manifest of the entry. */
  readonly entry?: object;
  readonly platform?: string;
  readonly url?: string;
  /** The text of a key file each. */
  readonly keys?: readonly string[];
}

/** The result for a bundle. */
async function verify(t: TestContext, given: Given = {}) {
  const { content = bundle, entry = {}, platform = '', url = 'https://h/abc.tar.gz' } = given;
  const file = path.join(await makeFolder(t), 'a.tar.gz');
  await writeFile(file, content);
  const release = { manifest: { ...manifest, ...entry } } as unknown as Release;
  const keys = (given.keys ?? [key.publicKey]).flatMap((text, i) =>
    readServerKeys(Buffer.from(text)).map((one) => ({ key: one, file: `${i}.asc` })),
  );
  const offered = { release, platform, url, signature: given.signature ?? (await sign(content)) };
  const fetch = async () => file;
  const [verified] = await verifyBundles([offered], {
    keys,
    now: NOW,
    fetch,
    onProgress: () => {},
  });
  return verified ?? assert.fail();
}

const strange = makeManifest('abc', '1.3.0', { min_server_version: '9.5.0' });
const withMinimum = (min_server_version: string) =>
  makeBundle(makeManifest('abc', '1.2.0', { min_server_version }));

// Description of the bundle, the input, the failures.
const failing: readonly (readonly [string, Given, RegExp])[] = [
  ['no signature', { signature: '' }, /^has no signature, and no server installs a plugin without/],
  ['a signature not in Base64', { signature: '-----' }, /signature that is not Base64 as servers/],
  [
    'a signature of random bytes',
    { signature: 'cmFuZG9tIGJ5dGVz' },
    /is not an OpenPGP signature, and/,
  ],
  [
    'a signature that is cut',
    { signature: Buffer.from(signature, 'base64').subarray(0, 40).toString('base64') },
    /^has a signature that is not an OpenPGP signature, and no server/,
  ],
  [
    'a signature of another bundle',
    { signature: await sign(linux) },
    /^is not what was signed: its signature is of other contents$/,
  ],
  [
    'another byte at its end',
    { content: Buffer.concat([bundle, Buffer.from('x')]), signature },
    /^is not what was signed/,
  ],
  [
    'a signature by another key',
    { signature: await sign(bundle, other) },
    /^is signed with the key [0-9A-F]{16}, which is not one of the given keys$/,
  ],
  [
    'a signature of Ed25519',
    { signature: await sign(bundle, edwards) },
    /^has a signature that is made with EdDSA \(Ed25519\), and no server/,
  ],
  [
    'a key after the first block of its file',
    { keys: [other.publicKey + key.publicKey] },
    /^is signed with the key [0-9A-F]{16} \(0\.asc\), which is after the first block/,
  ],
  [
    'another version inside',
    { content: await makeBundle(strange) },
    /^has version "1\.3\.0" where the catalog has "1\.2\.0"\nhas min_server_version "9\.5\.0" where the catalog has "9\.0\.0"$/,
  ],
  ['another id in the catalog', { entry: { id: 'abd' } }, /^has id "abc" where .* has "abd"$/],
  [
    'no programs inside',
    { content: await makeBundle(manifest, []) },
    /^lacks its program "server\/dist\/plugin-linux-amd64"\n.*darwin-arm64"$/,
  ],
  ['no plugin inside', { content: await makeTarGz([['a', 'x']]) }, /has no plugin\.json/],
  [
    'no contents',
    { content: Buffer.alloc(0), signature },
    /^is not what was signed.*\n.*too early$/,
  ],
  ['a platform that it lacks', { content: linux, platform: 'darwin-arm64' }, /^lacks its program/],
  [
    'a platform that it does not declare',
    { platform: 'windows-amd64' },
    /^declares no program for w/,
  ],
  ['a minimum that the catalog lowers', { content: await withMinimum('9.5.0') }, /^has min_ser/],
  ['a minimum that the catalog drops', { entry: { min_server_version: '' } }, /^has min_server_v/],
  ['a minimum that is not a version', { content: await withMinimum('soon') }, /^has min_server_v/],
  ...Object.entries(HOSTILE_BUNDLES).map(
    ([what, content]) => [what, { content }, /^the bundle http/] as const,
  ),
];

for (const [what, given, expected] of failing) {
  test(`a bundle with ${what} fails`, async (t) => {
    assert.match((await verify(t, given)).failures.join('\n'), expected);
  });
}

const raised = { min_server_version: '9.5.0' };

// Description of the bundle, the input, the notes.
const sound: readonly (readonly [string, Given, RegExp])[] = [
  ['the content of its entry', {}, /^$/],
  ['an armored signature', { signature: armored }, /^$/],
  ['a signature by one of several keys', { keys: [other.publicKey, key.publicKey] }, /^$/],
  ['a signature by the first key of a file', { keys: [key.publicKey + other.publicKey] }, /^$/],
  ['no keys to check it with', { signature: await sign(linux), keys: [] }, /^$/],
  ['the program of its platform', { content: linux, platform: 'linux-amd64' }, /^$/],
  [
    'the program of the platform in its name',
    { content: linux, url: 'https://h/abc-v1.2.0%2B39a72fa-fips-linux-amd64.tar.gz' },
    /^is for linux-amd64 by its name, and servers of every platform are offered it$/,
  ],
  [
    'a signature by an expired key, which servers do not mind',
    { signature: await sign(bundle, expired), keys: [expired.publicKey] },
    /^is signed with the key \w{16} \(0\.asc\), which expired on 2024-05-07: servers accept it$/,
  ],
  [
    'a minimum that the catalog raises',
    { entry: raised },
    /^has min_server_version "9\.0\.0" where the catalog has "9\.5\.0": so fewer servers get it$/,
  ],
  [
    'a pre-release for a minimum',
    { entry: raised, content: await withMinimum('9.5.0-rc1') },
    /fewer/,
  ],
  ['no minimum', { entry: raised, content: await withMinimum('') }, /^has min_server_version ""/],
];

for (const [what, given, expected] of sound) {
  test(`a bundle with ${what} is sound`, async (t) => {
    const { failures, notes } = await verify(t, given);
    assert.deepEqual(failures, []);
    assert.match(notes.join('\n'), expected);
  });
}

test('a URL is asked once for all its bundles; one that fails keeps the others from nothing', async (t) => {
  const file = path.join(await makeFolder(t), 'a.tar.gz');
  await writeFile(file, bundle);
  const asked: string[] = [];
  const soundOnes: string[] = [];
  const release = { manifest } as unknown as Release;
  const offered = ['https://h/gone', 'https://h/a', 'https://h/a'].map((url, i) => {
    return { release, platform: i === 2 ? 'linux-amd64' : '', url, signature };
  });
  const verified = await verifyBundles(offered, {
    keys: [],
    now: NOW,
    fetch: async ({ url }) => {
      asked.push(url);
      if (url.endsWith('gone')) throw new WebError(url, 'answers 404');
      return file;
    },
    onSound: async ({ platform }) => {
      soundOnes.push(platform);
      return undefined;
    },
    onProgress: () => {},
  });
  assert.deepEqual(
    verified.map(({ platform, failures }) => [platform, failures]),
    [
      ['', ['https://h/gone answers 404']],
      ['', []],
      ['linux-amd64', []],
    ],
  );
  assert.deepEqual(asked, ['https://h/gone', 'https://h/a']);
  assert.deepEqual(soundOnes.sort(), ['', 'linux-amd64']);
});
