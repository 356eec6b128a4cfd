import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { HOSTILE_BUNDLES } from '../../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest, makeTarGz } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { verify } from './verify.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);

const manifest = makeManifest('abc', '1.2.0');
const bundle = await makeBundle(manifest);
const linux = await makeBundle(manifest, ['linux-amd64']);
const key = await makeSigningKey({ createdAt: daysAgo(100) });
const other = await makeSigningKey({ createdAt: daysAgo(100) });
const expired = await makeSigningKey({ createdAt: daysAgo(100), validSeconds: 90 * 24 * 60 * 60 });
const edwards = await makeSigningKey({ createdAt: daysAgo(100), curve: 'ed25519Legacy' });
const mixed = await makeSigningKey({ createdAt: daysAgo(100), subkey: 'ed25519Legacy' });
const at = daysAgo(50);
const signed = async (content: Buffer, by = key) => (await by.sign(content, at)).toString('base64');
const signature = await signed(bundle);
const armored = Buffer.from(
  `-----BEGIN PGP SIGNATURE-----\n\n${signature.replace(/.{64}/g, '$&\n')}\n-----END PGP SIGNATURE-----\n`,
).toString('base64');

/** A catalog of one release, and the server that its bundles lie on. */
async function makeCatalog(
  t: TestContext,
  files: Readonly<Record<string, Buffer>>,
  entry: object = {},
  keys: Readonly<Record<string, string>> = {},
) {
  const server = await startLoopback(t, serveFiles(files));
  const cwd = await makeProject(t, {
    'plugins.json': [{ download_url: `${server.url}/abc.tar.gz`, signature, manifest, ...entry }],
    'key.asc': key.publicKey,
    ...keys,
  });
  return { server, cwd };
}

test('a release that is what it says is verified, with the bundles of its platforms', async (t) => {
  const files = { '/abc.tar.gz': bundle, '/linux.tar.gz': linux };
  const server = await startLoopback(t, serveFiles(files));
  const platforms = {
    'linux-amd64': { download_url: `${server.url}/linux.tar.gz`, signature: await signed(linux) },
    // Without a signature it is not offered, so it is not asked for.
    'darwin-arm64': { download_url: `${server.url}/missing.tar.gz` },
  };
  const entry = { download_url: `${server.url}/abc.tar.gz`, signature, manifest, platforms };
  const { code, stdout, stderr } = await runCatalog(verify, ['--key', 'key.asc'], {
    cwd: await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey }),
  });
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stdout, 'ok      abc@1.2.0\nok      abc@1.2.0 linux-amd64\n');
  assert.equal(stderr, '2 bundles checked, 0 failed\n');
});

// What a signature or a key is like, the signature, the keys.
const accepted: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  ['armored', armored, {}],
  ['by one of several keys', signature, { 'other.asc': other.publicKey }],
  [
    'by the first key in a file of several',
    signature,
    { 'key.asc': key.publicKey + other.publicKey },
  ],
];

for (const [what, given, keys] of accepted) {
  test(`a signature ${what} is accepted`, async (t) => {
    const { cwd } = await makeCatalog(t, { '/abc.tar.gz': bundle }, { signature: given }, keys);
    const names = ['key.asc', ...Object.keys(keys)].flatMap((name) => ['--key', name]);
    const { code, stdout } = await runCatalog(verify, names, { cwd });
    assert.equal(code, 0, stdout);
  });
}

interface Failure {
  readonly entry?: object;
  readonly file?: Buffer;
  readonly keys?: Readonly<Record<string, string>>;
  readonly stdout: RegExp;
}

const strange = await makeBundle(makeManifest('abc', '1.3.0', { min_server_version: '9.5.0' }));
const empty = await makeBundle(manifest, []);
const nothing = await makeTarGz([['a', 'x']]);

// By what is wrong.
const failures: Readonly<Record<string, Failure>> = {
  'no signature': {
    entry: { signature: '' },
    stdout: /has no signature, and no server installs a plugin without one$/m,
  },
  'a signature that is not in Base64': {
    entry: { signature: '-----' },
    stdout: /has a signature that is no Base64 as servers read it/,
  },
  'a signature of random bytes': {
    entry: { signature: Buffer.from('random bytes').toString('base64') },
    stdout: /has a signature that is no OpenPGP signature, and no server/,
  },
  'a signature that is cut': {
    entry: { signature: Buffer.from(signature, 'base64').subarray(0, 40).toString('base64') },
    stdout: /has a signature that is no OpenPGP signature, and no server/,
  },
  'a signature of another bundle': {
    entry: { signature: await signed(linux) },
    stdout: /is not what was signed: its signature is of other contents$/m,
  },
  'a bundle that was changed': {
    file: Buffer.concat([bundle, Buffer.from('x')]),
    stdout: /is not what was signed/,
  },
  'a signature by another key': {
    entry: { signature: await signed(bundle, other) },
    stdout: /is signed with the key [0-9A-F]{16}, which is none of the keys given$/m,
  },
  'a signature of Ed25519': {
    entry: { signature: await signed(bundle, edwards) },
    stdout: /has a signature that is made with EdDSA \(Ed25519\), and no server/,
  },
  'a key after the first block of its file': {
    keys: { 'key.asc': other.publicKey + key.publicKey },
    stdout: /is signed with the key [0-9A-F]{16} \(key\.asc\), which stands after the first block/,
  },
  'another version inside': {
    file: strange,
    entry: { signature: await signed(strange) },
    stdout:
      /says version "1\.3\.0" where the catalog says "1\.2\.0"\n +says min_server_version "9\.5\.0" where the catalog says "9\.0\.0"$/m,
  },
  'another id in the catalog': {
    entry: { manifest: { ...manifest, id: 'abd' } },
    stdout: /FAILED {2}abd@1\.2\.0 .*\n +says id "abc" where the catalog says "abd"$/m,
  },
  'no programs inside': {
    file: empty,
    entry: { signature: await signed(empty) },
    stdout: /lacks its program "server\/dist\/plugin-linux-amd64"\n.*darwin-arm64"$/m,
  },
  'no plugin inside': {
    file: nothing,
    entry: { signature: await signed(nothing) },
    stdout: /has no plugin\.json/,
  },
  'an empty bundle': {
    file: Buffer.alloc(0),
    stdout: /is not what was signed.*\n.*ends too early$/m,
  },
  'a bundle that is gone': {
    entry: { download_url: 'http://127.0.0.1:2/abc.tar.gz' },
    stdout: /http:\/\/127\.0\.0\.1:2\/abc\.tar\.gz refuses the connection$/m,
  },
};

for (const [what, { entry = {}, file = bundle, keys = {}, stdout }] of Object.entries(failures)) {
  test(`${what} fails`, async (t) => {
    const { cwd } = await makeCatalog(t, { '/abc.tar.gz': file }, entry, keys);
    const ran = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
    assert.match(ran.stdout, stdout);
    assert.match(ran.stdout, /^FAILED {2}ab[cd]@1\.2\.0 http/);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^error: 1 bundle checked, 1 failed$/m);
  });
}

for (const [what, hostile] of Object.entries(HOSTILE_BUNDLES)) {
  test(`a bundle with ${what} fails, and the others are told of`, async (t) => {
    const { cwd, server } = await makeCatalog(t, { '/abc.tar.gz': bundle, '/bad.tar.gz': hostile });
    const bad = { download_url: `${server.url}/bad.tar.gz`, signature: await signed(hostile) };
    const good = { download_url: `${server.url}/abc.tar.gz`, signature, manifest };
    const entries = [{ ...bad, manifest: { ...manifest, version: '1.1.0' } }, good];
    await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify(entries));
    const { code, stdout, stderr } = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
    assert.equal(code, 1);
    assert.match(stdout, /^FAILED {2}abc@1\.1\.0 .*\n +the bundle http.*\nok {6}abc@1\.2\.0\n$/);
    assert.equal(stderr, 'error: 2 bundles checked, 1 failed\n');
  });
}

test('an expired key is no failure, but a note, as servers do not look at it', async (t) => {
  const entry = { signature: await signed(bundle, expired) };
  const keys = { 'key.asc': expired.publicKey };
  const { cwd } = await makeCatalog(t, { '/abc.tar.gz': bundle }, entry, keys);
  const { code, stdout } = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
  assert.equal(code, 0, stdout);
  assert.match(
    stdout,
    /^ok .*\n +note: is signed with the key \w{16} \(key\.asc\), which expired on 2024-05-07: servers accept it$/m,
  );
});

// Versions of the entry and of the bundle, whether that is accepted.
const minimums: readonly (readonly [string, string, boolean])[] = [
  ['9.5.0', '9.0.0', true],
  ['9.5.0', '9.5.0-rc1', true],
  ['9.5.0', '', true],
  ['9.0.0', '9.5.0', false],
  ['', '9.0.0', false],
  ['9.0.0', 'soon', false],
];

for (const [inCatalog, inBundle, isAccepted] of minimums) {
  const did = isAccepted ? 'is accepted with a note' : 'fails';
  test(`a minimum of ${inCatalog || 'none'} for a bundle of ${inBundle || 'none'} ${did}`, async (t) => {
    const content = await makeBundle(
      makeManifest('abc', '1.2.0', { min_server_version: inBundle }),
    );
    const entry = {
      signature: await signed(content),
      manifest: { ...manifest, min_server_version: inCatalog },
    };
    const { cwd } = await makeCatalog(t, { '/abc.tar.gz': content }, entry);
    const { code, stdout } = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
    assert.equal(code, isAccepted ? 0 : 1, stdout);
    const said = `says min_server_version "${inBundle}" where the catalog says "${inCatalog}"`;
    assert.ok(stdout.includes(`${isAccepted ? 'note: ' : '  '}${said}`), stdout);
  });
}

test('a bundle whose name says one platform is asked for the program of that one only', async (t) => {
  const name = '/plugin-abc-v1.2.0%2B39a72fa-fips-linux-amd64.tar.gz';
  const server = await startLoopback(t, (_, response) => {
    response.writeHead(200).end(linux);
  });
  const entry = {
    download_url: `${server.url}${name}`,
    signature: await signed(linux),
    manifest,
  };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const { code, stdout } = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
  assert.equal(code, 0, stdout);
  assert.match(stdout, /note: is for linux-amd64 by its name, and servers of every platform/);
});

test('a bundle for a platform must declare and have the program of that platform', async (t) => {
  const server = await startLoopback(t, serveFiles({ '/abc.tar.gz': bundle, '/l.tar.gz': linux }));
  const own = { download_url: `${server.url}/l.tar.gz`, signature: await signed(linux) };
  const platforms = { 'linux-amd64': own, 'darwin-arm64': own, 'windows-amd64': own };
  const entry = { download_url: `${server.url}/abc.tar.gz`, signature, manifest, platforms };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const { stdout } = await runCatalog(verify, ['--key', 'key.asc', '--json'], { cwd });
  const { bundles } = JSON.parse(stdout);
  assert.deepEqual(
    bundles.map(({ platform, failures }: Record<string, unknown>) => [platform, failures]),
    [
      ['', []],
      ['linux-amd64', []],
      ['darwin-arm64', ['lacks its program "server/dist/plugin-darwin-arm64"']],
      ['windows-amd64', ['declares no program for windows-amd64']],
    ],
  );
  assert.equal(server.asked.length, 2, 'each URL is asked once');
});

test('bundles are downloaded again only where they changed', async (t) => {
  let tag = '"1"';
  const server = await startLoopback(t, (request, response) => {
    if (request.headers['if-none-match'] === tag) response.writeHead(304, { etag: tag }).end();
    else response.writeHead(200, { etag: tag }).end(bundle);
  });
  const entry = { download_url: `${server.url}/abc.tar.gz`, signature, manifest };
  const cwd = await makeProject(t, { 'plugins.json': [entry], 'key.asc': key.publicKey });
  const ask = async () => {
    const { code, stdout } = await runCatalog(verify, ['--key', 'key.asc'], { cwd });
    assert.equal(code, 0, stdout);
    return server.requests.at(-1)?.headers['if-none-match'];
  };
  assert.equal(await ask(), undefined);
  assert.equal(await ask(), '"1"');
  tag = '"2"';
  assert.equal(await ask(), '"1"');
  assert.equal(await ask(), '"2"');
});

// Flags, files, exit code, what is told.
const refusals: readonly (readonly [string[], Readonly<Record<string, string>>, 1 | 2, RegExp])[] =
  [
    [[], {}, 2, /name the public keys with --key/],
    [['--key', 'no.asc'], {}, 1, /no\.asc: does not exist/],
    [['--key', 'a.asc'], { 'a.asc': 'no key' }, 1, /a\.asc: holds no OpenPGP public key/],
    [['--key', 'a.asc'], { 'a.asc': '' }, 1, /a\.asc: holds no OpenPGP public key/],
    [['--key', 'a.asc'], { 'a.asc': key.privateKey }, 1, /a\.asc: holds a private key/],
    [
      ['--key', 'a.asc'],
      { 'a.asc': edwards.publicKey },
      1,
      /a\.asc: holds a key that no server can use: the key \w{16} is of EdDSA \(Ed25519\).*gpg --quick-generate-key/,
    ],
    [
      ['--key', 'a.asc'],
      { 'a.asc': mixed.publicKey },
      1,
      /a\.asc: .* has a subkey that is of EdDSA \(Ed25519\), and servers refuse the whole key/,
    ],
    [['--key', 'a.asc'], { 'a.asc': await key.revoke() }, 1, /a\.asc: .* has been revoked/],
    [['--key', 'key.asc', '--plugin', 'ABC'], {}, 1, /the catalog has no plugin ABC/],
    [['--key', 'key.asc', '--catalog', 'no.json'], {}, 1, /no\.json: does not exist/],
  ];

for (const [args, files, code, stderr] of refusals) {
  test(`verify ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { cwd, server } = await makeCatalog(t, { '/abc.tar.gz': bundle }, {}, files);
    const ran = await runCatalog(verify, args, { cwd });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
    assert.deepEqual(server.asked, []);
  });
}

const release = (version: string, more: object = {}) => ({
  download_url: `${GONE}/abc-${version}.tar.gz`,
  signature,
  manifest: makeManifest('abc', version),
  ...more,
});

/** Nothing answers there: what is asked for fails, and is told. */
const GONE = 'http://127.0.0.1:1';
const mac = { 'darwin-arm64': { download_url: `${GONE}/mac.tar.gz`, signature } };
const before = [release('1.0.0'), release('1.1.0', { platforms: mac })];

// What changed since, the catalog now, the bundles that are verified then.
const changes: readonly (readonly [string, readonly object[], readonly string[]])[] = [
  ['nothing', before, []],
  ['a release was removed', before.slice(1), []],
  ['they stand in another order', [...before].reverse(), []],
  [
    'what no bundle has to do with',
    [{ ...before[0], release_stage: 'beta' }, before[1] as object],
    [],
  ],
  ['a release was added', [...before, release('1.2.0')], ['abc@1.2.0']],
  ['an address', [release('1.0.0', { download_url: `${GONE}/x.tar.gz` })], ['abc@1.0.0']],
  ['a signature', [release('1.0.0', { signature: 'bmV3' })], ['abc@1.0.0']],
  [
    'a manifest',
    [release('1.0.0', { manifest: makeManifest('abc', '1.0.0', { name: 'New' }) })],
    ['abc@1.0.0'],
  ],
  ['a platform was added', [release('1.0.0', { platforms: mac })], ['abc@1.0.0 darwin-arm64']],
  [
    'the signature of a platform',
    [
      release('1.1.0', {
        platforms: { 'darwin-arm64': { ...mac['darwin-arm64'], signature: 'bmV3' } },
      }),
    ],
    ['abc@1.1.0 darwin-arm64'],
  ],
  [
    'a release was repeated with another signature',
    [...before, release('1.0.0', { signature: 'bmV3' })],
    ['abc@1.0.0'],
  ],
];

for (const [what, now, expected] of changes) {
  test(`where ${what} changed, ${expected.length} bundles are verified`, async (t) => {
    const cwd = await makeProject(t, {
      'plugins.json': now,
      'before.json': before,
      'key.asc': key.publicKey,
    });
    const args = ['--key', 'key.asc', '--changed-since', 'before.json', '--json'];
    const { code, stdout, stderr } = await runCatalog(verify, args, { cwd });
    const { bundles } = JSON.parse(stdout);
    assert.deepEqual(
      bundles.map(({ release, platform }: { release: string; platform: string }) =>
        `${release} ${platform}`.trim(),
      ),
      expected,
      stderr,
    );
    assert.equal(code, expected.length > 0 ? 1 : 0);
  });
}

test('--changed-since takes a git revision, and says what is none', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': before, 'key.asc': key.publicKey });
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd });
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    ['commit', '-qm', 'a'],
  ])
    git(...args);
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([...before, release('2.0.0')]));
  const since = (revision: string) =>
    runCatalog(verify, ['--key', 'key.asc', '--changed-since', revision], { cwd });
  assert.match((await since('HEAD')).stderr, /1 bundle checked, 1 failed/);
  assert.match(
    (await since('nothing')).stderr,
    /"nothing" is neither a catalog, nor a build, nor a git/,
  );
});
