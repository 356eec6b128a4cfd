import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey, verify as verifyWithNode } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import * as openpgp from 'openpgp';
import { makeFolder } from '../../../test/make-folder.ts';
import { makeBundle, makeManifest, makeTarGz } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { add } from '../releases/add.ts';
import { sign } from './sign.ts';

const createdAt = new Date(NOW.getTime() - 24 * 60 * 60 * 1000);
const bundle = await makeBundle(makeManifest('abc', '1.2.0'));
const key = await makeSigningKey({ createdAt });
const other = await makeSigningKey({ createdAt });
const usual = ['abc.tar.gz', '--key', 'private.asc'];

/** A folder with a bundle and a private key, and what else is given. */
const makeSigner = (t: TestContext, more: Readonly<Record<string, string | Buffer>> = {}) =>
  makeProject(t, { 'abc.tar.gz': bundle, 'private.asc': key.privateKey, ...more });

const keyText = async (options: object) => {
  const { privateKey } = await openpgp.generateKey({
    userIDs: [{ name: 'Plugin signer' }],
    date: createdAt,
    format: 'object',
    ...options,
  } as openpgp.KeyOptions & { format: 'object' });
  return privateKey.armor();
};

/** Whether an RSA signature is valid, without any OpenPGP library: RFC 4880, section 5.2.4. */
async function isSignedWithRsa(content: Buffer, signature: Buffer, publicKey: string) {
  const { keyPacket } = await openpgp.readKey({ armoredKey: publicKey });
  const { n, e } = keyPacket.publicParams as { n: Uint8Array; e: Uint8Array };
  const jwk = { kty: 'RSA', n: toText(n), e: toText(e) };
  // An old or a new header with a length of one or two bytes.
  const first = signature[1] as number;
  const isOld = (signature[0] as number) < 0xc0;
  const body = signature.subarray(
    isOld ? 1 + 2 ** ((signature[0] as number) & 3) : first < 192 ? 2 : 3,
  );
  assert.equal(body[0], 4, 'version 4');
  assert.equal(body[1], 0, 'of a binary file');
  assert.equal(body[2], 1, 'RSA');
  const hash = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }[body[3] as number];
  assert.ok(hash, 'SHA-2');
  const hashedEnd = 6 + body.readUInt16BE(4);
  const unhashedEnd = hashedEnd + 2 + body.readUInt16BE(hashedEnd);
  const number = body.subarray(unhashedEnd + 4);
  const trailer = Buffer.from([4, 0xff, 0, 0, hashedEnd >> 8, hashedEnd & 0xff]);
  const signed = Buffer.concat([content, body.subarray(0, hashedEnd), trailer]);
  const left = createHash(hash).update(signed).digest().subarray(0, 2);
  assert.deepEqual(left, body.subarray(unhashedEnd, unhashedEnd + 2));
  return verifyWithNode(hash, signed, createPublicKey({ key: jwk, format: 'jwk' }), number);
}

const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

/** Runs gpg with a home of its own. */
async function makeGpg(t: TestContext) {
  const home = path.join(await makeFolder(t), 'gpg');
  await mkdir(home, { mode: 0o700 });
  t.after(() => spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']));
  return (cwd: string, ...args: string[]) => {
    const usualFlags = ['--homedir', home, '--batch', '--quiet', '--yes', '--no-tty'];
    const pin = ['--pinentry-mode', 'loopback', '--passphrase', ''];
    const ran = spawnSync('gpg', [...usualFlags, ...pin, ...args], { cwd });
    return { code: ran.status, stdout: ran.stdout, stderr: String(ran.stderr) };
  };
}

test('a bundle is signed, the key is written, and add takes both', async (t) => {
  const cwd = await makeSigner(t, { 'plugins.json': '[]\n' });
  const signed = await runCatalog(sign, [...usual, '--public-key', 'public.asc'], { cwd });
  assert.equal(signed.code, 0, signed.stderr);
  assert.equal(signed.stderr, 'public.asc is written\nabc.tar.gz.sig is written\n');
  const url = 'https://files.example.com/abc.tar.gz';
  const args = ['abc', 'v1.2.0', '--community', '--bundle', 'abc.tar.gz', '--download-url', url];
  const added = await runCatalog(add, [...args, '--key', 'public.asc'], { cwd });
  assert.equal(added.code, 0, added.stderr);
  assert.equal(added.stderr, '');
  const [entry] = JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
  const signature = await readFile(path.join(cwd, 'abc.tar.gz.sig'));
  assert.equal(entry.signature, signature.toString('base64'));
});

suite('what is signed is verified by others, and what others sign is known', () => {
  // the kind of key, what gpg calls it
  const kinds = ['rsa2048', 'dsa2048', 'nistp256', 'nistp384', 'nistp521'];
  for (const kind of kinds) {
    test(`gpg verifies what sign signs with its ${kind} key, and sign knows gpg's`, async (t) => {
      const gpg = await makeGpg(t);
      const cwd = await makeProject(t, { 'abc.tar.gz': bundle });
      const made = gpg(cwd, '--quick-generate-key', 'me@example.com', kind, 'sign', 'never');
      assert.equal(made.code, 0, made.stderr);
      const exported = gpg(cwd, '--export-secret-keys', 'me@example.com').stdout;
      await writeFile(path.join(cwd, 'private.gpg'), exported);
      const args = ['abc.tar.gz', '--key', 'private.gpg', '--public-key', 'public.asc'];
      const now = { cwd, now: new Date(Date.now() + 5000) };
      const signed = await runCatalog(sign, args, now);
      assert.equal(signed.code, 0, signed.stderr);
      const verified = gpg(
        cwd,
        '--verify',
        '--ignore-time-conflict',
        'abc.tar.gz.sig',
        'abc.tar.gz',
      );
      assert.equal(verified.code, 0, verified.stderr);
      if (kind.startsWith('rsa')) {
        const publicKey = await readFile(path.join(cwd, 'public.asc'), 'utf8');
        const signature = await readFile(path.join(cwd, 'abc.tar.gz.sig'));
        assert.ok(await isSignedWithRsa(bundle, signature, publicKey));
        assert.ok(
          !(await isSignedWithRsa(Buffer.from('other'), signature, publicKey).catch(() => false)),
        );
      }

      const detached = ['--detach-sign', '--output', 'abc.tar.gz.sig', 'abc.tar.gz'];
      assert.equal(gpg(cwd, '--personal-digest-preferences', 'SHA256', ...detached).code, 0);
      const again = await runCatalog(sign, args, now);
      assert.equal(again.code, 0, again.stderr);
      assert.equal(again.stderr, 'public.asc is there already\nabc.tar.gz.sig is there already\n');
    });
  }
});

suite('a locked key is opened with a passphrase that is never shown', () => {
  const locked = keyText({ type: 'ecc', curve: 'nistP256', passphrase: 'a secret ü' });
  // the variable, the input typed, whether it unlocks the key, the message
  const CASES: readonly (readonly [string | undefined, string | undefined, boolean, RegExp])[] = [
    ['a secret ü', undefined, true, /sig is written/],
    [undefined, 'a secret ü', true, /sig is written/],
    ['a secret ü', 'another', true, /sig is written/],
    ['another', undefined, false, /the passphrase does not open private\.asc/],
    [undefined, 'another', false, /the passphrase does not open private\.asc/],
    ['', undefined, false, /the passphrase does not open private\.asc/],
    [undefined, undefined, false, /private\.asc is locked: .*MARKETPLACE_SIGNING_PASSPHRASE/],
  ];
  for (const [variable, secret, opens, stderr] of CASES) {
    test(`variable ${variable}, typed ${secret}: ${opens ? 'opens' : 'does not open'}`, async (t) => {
      const cwd = await makeSigner(t, { 'private.asc': await locked });
      const environment =
        variable === undefined ? {} : { MARKETPLACE_SIGNING_PASSPHRASE: variable };
      const typed = secret === undefined ? {} : { secret };
      const ran = await runCatalog(sign, usual, { cwd, environment, ...typed });
      assert.match(ran.stderr, stderr);
      assert.equal(ran.code, opens ? 0 : 1);
      assert.doesNotMatch(ran.stderr + ran.stdout, /secret ü|another/);
      const files = await readdir(cwd);
      assert.equal(files.includes('abc.tar.gz.sig'), opens);
    });
  }
});

test('the public key never overwrites an input or another output', async (t) => {
  const cwd = await makeSigner(t);
  await symlink('private.asc', path.join(cwd, 'link.asc'));
  const before = await readdir(cwd);
  for (const [name, other] of [
    ['private.asc', 'private.asc'],
    ['./private.asc', 'private.asc'],
    ['link.asc', 'private.asc'],
    ['abc.tar.gz', 'abc.tar.gz'],
    ['abc.tar.gz.sig', 'abc.tar.gz.sig'],
  ] as const) {
    const signed = await runCatalog(sign, [...usual, '--public-key', name, '--replace'], { cwd });
    assert.equal(signed.code, 1, name);
    const expected = `--public-key ${name} would overwrite ${other}: name a file of its own`;
    assert.ok(signed.stderr.includes(expected), signed.stderr);
  }
  assert.deepEqual(await readdir(cwd), before);
  assert.equal(await readFile(path.join(cwd, 'private.asc'), 'utf8'), key.privateKey);
  assert.deepEqual(await readFile(path.join(cwd, 'abc.tar.gz')), bundle);
});

test('a file that differs is not overwritten, except with --replace', async (t) => {
  const foreign = await other.sign(bundle, NOW);
  const cwd = await makeSigner(t, { 'abc.tar.gz.sig': foreign });
  const refused = await runCatalog(sign, [...usual, '--public-key', 'p.asc'], { cwd });
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /abc\.tar\.gz\.sig is not a signature of this bundle by this key: use --replace/,
  );
  assert.deepEqual(await readFile(path.join(cwd, 'abc.tar.gz.sig')), foreign);
  assert.ok(!(await readdir(cwd)).includes('p.asc'), 'nothing else is written either');
  const replaced = await runCatalog(sign, [...usual, '--replace'], { cwd });
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.notDeepEqual(await readFile(path.join(cwd, 'abc.tar.gz.sig')), foreign);
  await writeFile(path.join(cwd, 'p.asc'), 'something else');
  const known = await runCatalog(sign, [...usual, '--public-key', 'p.asc'], { cwd });
  assert.match(known.stderr, /p\.asc holds something else: use --replace/);
  assert.equal(await readFile(path.join(cwd, 'p.asc'), 'utf8'), 'something else');
});

const edwards = await makeSigningKey({ createdAt, curve: 'ed25519Legacy' });
const mixed = await makeSigningKey({ createdAt, subkey: 'ed25519Legacy' });
const manifest = JSON.stringify({ id: 'abc', version: '1.0.0', webapp: { bundle_path: 'a.js' } });

// Flags, files, exit code, the message.
const refusals: readonly (readonly [
  string[],
  Readonly<Record<string, string | Buffer>>,
  1 | 2,
  RegExp,
])[] = [
  [[], {}, 2, /name one bundle/],
  [['a', 'b', '--key', 'k'], {}, 2, /name one bundle/],
  [['abc.tar.gz'], {}, 2, /name the private key with --key/],
  [[...usual, '--passphrase', 'x'], {}, 2, /--passphrase/],
  [['no.tar.gz', '--key', 'private.asc'], {}, 1, /no\.tar\.gz: does not exist/],
  [['abc.tar.gz', '--key', 'no.asc'], {}, 1, /no\.asc: does not exist/],
  [usual, { 'private.asc': key.publicKey }, 1, /private\.asc holds no OpenPGP private key/],
  [usual, { 'private.asc': '' }, 1, /private\.asc holds no OpenPGP private key/],
  [usual, { 'private.asc': 'no key' }, 1, /private\.asc holds no OpenPGP private key/],
  [
    usual,
    { 'private.asc': edwards.privateKey },
    1,
    /no server can use the key of private\.asc: it is of EdDSA \(Ed25519\).* gpg --quick-generate-key "NAME <MAIL>" rsa3072 sign never/,
  ],
  [
    usual,
    { 'private.asc': mixed.privateKey },
    1,
    /it has a subkey that is of EdDSA \(Ed25519\), and servers refuse the whole key/,
  ],
  [
    usual,
    { 'private.asc': await keyText({ type: 'curve25519' }) },
    1,
    /no server can use the key of private\.asc: it is of Ed25519/,
  ],
  [
    usual,
    { 'private.asc': (await makeSigningKey({ createdAt, validSeconds: 60 })).privateKey },
    1,
    /the key does not sign: .*expired/,
  ],
  [usual, { 'abc.tar.gz': 'no archive' }, 1, /abc\.tar\.gz is damaged, or is not a \.tar\.gz/],
  [
    usual,
    { 'abc.tar.gz': await makeTarGz([['abc/plugin.json', manifest]]) },
    1,
    /no server can install abc\.tar\.gz and start it\n {2}lacks its webapp "a\.js"/,
  ],
];

for (const [args, files, code, stderr] of refusals) {
  test(`sign ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const cwd = await makeSigner(t, files);
    const ran = await runCatalog(sign, args, { cwd });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
    assert.deepEqual((await readdir(cwd)).sort(), ['abc.tar.gz', 'private.asc']);
  });
}
