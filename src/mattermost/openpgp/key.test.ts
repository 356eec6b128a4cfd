import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as openpgp from 'openpgp';
import { holdsPrivateKey, readServerKeys, type ServerKey } from './key.ts';
import { readPackets, TAG } from './openpgp-packets.ts';

const CREATED = new Date('2024-01-01T00:00:00Z');

type Options = Partial<openpgp.KeyOptions> & { readonly type: 'ecc' | 'rsa' | 'curve25519' };

/** A key; one for signing alone where no subkeys are given. */
async function makeKey(options: Options) {
  const made = await openpgp.generateKey({
    userIDs: [{ name: 'Plugin signer' }],
    date: CREATED,
    subkeys: [],
    format: 'object',
    ...options,
  } as openpgp.KeyOptions & { format: 'object' });
  return made;
}

const p256 = await makeKey({ type: 'ecc', curve: 'nistP256' });
const p384 = await makeKey({ type: 'ecc', curve: 'nistP384' });
const edwards = await makeKey({ type: 'ecc', curve: 'ed25519Legacy' });
const write = ({ publicKey }: { readonly publicKey: openpgp.PublicKey }) =>
  Buffer.from(publicKey.write());
const armor = ({ publicKey }: { readonly publicKey: openpgp.PublicKey }) =>
  Buffer.from(publicKey.armor());
const packetsOf = (bytes: Uint8Array) => [...readPackets(bytes)].flatMap((one) => one ?? []);
const [good, other, ed] = [write(p256), write(p384), write(edwards)];

/** A key with one byte of its first packet of a kind changed. */
function change(bytes: Buffer, tag: number, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  const packet = packetsOf(changed).find((one) => one.tag === tag);
  assert.ok(packet);
  packet.body[at] = value;
  return changed;
}

/** The key with another curve by its object identifier; its point is not looked at. */
function withCurve(oid: string): Buffer {
  const [{ body } = { body: good }, ...others] = packetsOf(good);
  const name = Buffer.from(oid, 'hex');
  const point = body.subarray(7 + (body[6] as number));
  const changed = Buffer.concat([body.subarray(0, 6), Buffer.from([name.length]), name, point]);
  const header = Buffer.from([0xc0 | TAG.publicKey, changed.length]);
  return Buffer.concat([header, changed, ...others.map(({ bytes }) => bytes)]);
}

const report = ({ refusal }: ServerKey) => refusal ?? 'taken';

async function revoke() {
  const { publicKey, revocationCertificate } = p256;
  const options = { key: publicKey, revocationCertificate, format: 'object' } as const;
  return write({ publicKey: (await openpgp.revokeKey(options)).publicKey });
}

async function certifiedBy(signer: Awaited<ReturnType<typeof makeKey>>) {
  return write({ publicKey: await p256.publicKey.signPrimaryUser([signer.privateKey], CREATED) });
}

suite('the keys of a file are those that a server makes of them', () => {
  // Description, file, expected refusal of each key.
  const CASES: readonly (readonly [string, Buffer | Promise<Buffer>, readonly RegExp[]])[] = [
    ['ECDSA on P-256', good, [/^taken$/]],
    ['ECDSA on P-384', other, [/^taken$/]],
    ['ECDSA on P-521', makeKey({ type: 'ecc', curve: 'nistP521' }).then(write), [/^taken$/]],
    ['RSA', makeKey({ type: 'rsa', rsaBits: 2048 }).then(write), [/^taken$/]],
    [
      'a subkey for signing',
      makeKey({ type: 'ecc', curve: 'nistP256', subkeys: [{ sign: true }] }).then(write),
      [/^taken$/],
    ],
    [
      'a subkey for encryption on a NIST curve',
      makeKey({ type: 'ecc', curve: 'nistP256', subkeys: [{}] }).then(write),
      [/^taken$/],
    ],
    ['armored', armor(p256), [/^taken$/]],
    [
      'armored, with text before',
      Buffer.concat([Buffer.from('My key:\n\n'), armor(p256)]),
      [/^taken$/],
    ],
    ['two binary ones', Buffer.concat([good, other]), [/^taken$/, /^taken$/]],
    [
      'expired',
      makeKey({ type: 'ecc', curve: 'nistP256', keyExpirationTime: 60 }).then(write),
      [/^taken$/],
    ],
    ['certified by a key that servers know', certifiedBy(p384), [/^taken$/]],

    ['Ed25519 of old', ed, [/^is of EdDSA \(Ed25519\), which servers do not know$/]],
    ['Ed25519', makeKey({ type: 'curve25519' }).then(write), [/^is of Ed25519/]],
    ['secp256k1', withCurve('2b8104000a'), [/^is of ECDSA on secp256k1/]],
    ['Brainpool', withCurve('2b2403030208010107'), [/^is of ECDSA on brainpoolP256r1/]],
    ['a curve to come', withCurve('2b'), [/^is of ECDSA on an unknown curve/]],
    [
      'a subkey of Ed25519',
      makeKey({
        type: 'ecc',
        curve: 'nistP256',
        subkeys: [{ sign: true, curve: 'ed25519Legacy' }],
      }).then(write),
      [/^has a subkey that is of EdDSA \(Ed25519\), and servers refuse the whole key$/],
    ],
    [
      'a subkey of Curve25519',
      makeKey({ type: 'ecc', curve: 'nistP256', subkeys: [{ curve: 'curve25519Legacy' }] }).then(
        write,
      ),
      [/^has a subkey that is of ECDH on Curve25519/],
    ],
    [
      'certified by a key of Ed25519',
      certifiedBy(edwards),
      [
        /^carries a signature that is made with EdDSA \(Ed25519\), and servers refuse the whole key$/,
      ],
    ],
    ['revoked', revoke(), [/^has been revoked$/]],
    ['version 3', change(good, TAG.publicKey, 0, 3), [/^is a key of version 3/]],
    ['version 6', change(good, TAG.publicKey, 0, 6), [/^is a key of version 6/]],
    [
      'a primary key for encryption',
      change(good, TAG.publicKey, 5, 16),
      [/primary key that cannot sign/],
    ],
    [
      'no own signature',
      Buffer.concat(
        packetsOf(good)
          .slice(0, 2)
          .map(({ bytes }) => bytes),
      ),
      [/carries no name/],
    ],
    ['a good binary one after a bad one', Buffer.concat([ed, good]), [/Ed25519/, /^taken$/]],
    [
      'a second armored one',
      Buffer.concat([armor(p256), armor(p384)]),
      [/^taken$/, /after the first block/],
    ],
    [
      'a good armored one after a bad one',
      Buffer.concat([armor(edwards), armor(p256)]),
      [/Ed25519/, /after the first/],
    ],

    ['nothing', Buffer.alloc(0), []],
    ['text', Buffer.from('no key'), []],
    ['one that is cut off', good.subarray(0, 20), []],
    ['a damaged armor', Buffer.from(armor(p256).toString().replace('\n\n', '\n\n!')), []],
  ];
  for (const [what, file, expected] of CASES) {
    test(`${what}: ${expected.map(({ source }) => source).join(', ') || 'no key'}`, async () => {
      const reported = readServerKeys(await file).map(report);
      assert.equal(reported.length, expected.length, reported.join('\n'));
      for (const [index, pattern] of expected.entries())
        assert.match(reported[index] ?? '', pattern);
    });
  }
});

test('the ids of a key are those that OpenPGP gives it', async () => {
  const made = await makeKey({ type: 'ecc', curve: 'nistP256', subkeys: [{ sign: true }, {}] });
  const [found] = readServerKeys(write(made));
  const ids = made.publicKey.getKeys().map((one) => one.getKeyID().toHex().toUpperCase());
  assert.deepEqual(found?.ids, ids);
  assert.equal(found?.id, ids[0]);
  assert.deepEqual(found?.signerIds, ids.slice(0, 2), 'the last one is for encryption');
});

test('the expiry of a key is reported', async () => {
  const made = await makeKey({ type: 'ecc', curve: 'nistP256', keyExpirationTime: 3600 });
  const [found] = readServerKeys(write(made));
  assert.deepEqual(found?.expiresAt, new Date(CREATED.getTime() + 3_600_000));
  assert.equal(readServerKeys(good)[0]?.expiresAt, null);
});

test('a private key is known, armored or binary', () => {
  assert.ok(holdsPrivateKey(Buffer.from(p256.privateKey.armor())));
  assert.ok(holdsPrivateKey(p256.privateKey.write()));
  for (const file of [good, armor(p256), Buffer.alloc(0)]) assert.ok(!holdsPrivateKey(file));
});

test('arbitrary bytes are read without an error', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 48271) % 2147483647;
    return seed;
  };
  for (let round = 0; round < 2000; round++) {
    const bytes = Buffer.from(good);
    for (let at = 0; at <= round % 4; at++) bytes[random() % bytes.length] = random() % 256;
    for (const key of readServerKeys(bytes.subarray(0, random() % bytes.length))) report(key);
  }
});
