import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { makeSigningKey, type SigningKey } from '../../test/samples/signing-keys.ts';
import { readServerKeys } from '../mattermost/openpgp/key.ts';
import { readPackets, TAG } from '../mattermost/openpgp/openpgp-packets.ts';
import { unarmorAll } from '../mattermost/openpgp/unarmor.ts';
import { checkSignature } from './check-signature.ts';

const NOW = new Date('2024-05-17T12:00:00Z');
const createdAt = new Date(NOW.getTime() - 1e9);
const [one, other, third] = (await Promise.all(
  Array.from({ length: 3 }, () => makeSigningKey({ createdAt })),
)) as [SigningKey, SigningKey, SigningKey];
const content = Buffer.from('a bundle');
const sign = (key: SigningKey, what = content) => key.sign(what, NOW);
const good = { one: await sign(one), other: await sign(other), third: await sign(third) };
const stale = {
  one: await sign(one, Buffer.from('x')),
  other: await sign(other, Buffer.from('x')),
};
const keysOf = (...keys: readonly SigningKey[]) =>
  keys.flatMap(({ publicKey }, i) =>
    readServerKeys(Buffer.from(publicKey)).map((key) => ({ key, file: `${i}.asc` })),
  );

// The signatures of the file, the keys given, whether it is signed.
const CASES: readonly (readonly [string, readonly Buffer[], readonly SigningKey[], boolean])[] = [
  ['both, both keys', [good.one, good.other], [one, other], true],
  ['both, both keys the other way', [good.one, good.other], [other, one], true],
  ['both, the first key', [good.one, good.other], [one], true],
  ['both, the second key', [good.one, good.other], [other], true],
  ['both, a third key', [good.one, good.other], [third], false],
  ['one, both keys', [good.other], [one, other], true],
  ['a stale one before a good one', [stale.one, good.other], [one, other], true],
  ['a good one before a stale one', [good.one, stale.other], [one, other], true],
  ['a stale one before a good one, its key alone', [stale.one, good.other], [one], false],
  ['both stale', [stale.one, stale.other], [one, other], false],
  ['one of a key that is not given, before', [good.third, good.one], [one, other], true],
  // Of several signatures by one key the first counts, as on servers.
  ['a stale one and a good one by the same key', [stale.one, good.one], [one], false],
  ['a good one and a stale one by the same key', [good.one, stale.one], [one], true],
];

for (const [what, signatures, keys, isSigned] of CASES) {
  test(`of a file with signatures by ${what}: ${isSigned ? 'signed' : 'not signed'}`, async (t) => {
    const file = path.join(await makeFolder(t), 'a');
    await writeFile(file, content);
    const base64 = Buffer.concat(signatures).toString('base64');
    const { failure } = await checkSignature(file, base64, keysOf(...keys), NOW);
    assert.equal(failure === null, isSigned, String(failure));
  });
}

for (const seed of seeds(3)) {
  test(`a signature that was damaged is a failure, never a bug (SEED=${seed})`, async (t) => {
    const random = seededRandom(seed);
    const file = path.join(await makeFolder(t), 'a');
    await writeFile(file, content);
    for (let i = 0; i < 100; i++) {
      const bytes = Buffer.concat([good.one, good.other].slice(random.below(2)));
      for (let changes = 1 + random.below(3); changes > 0; changes--) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      const cut = bytes.subarray(0, random.chance(0.3) ? random.below(bytes.length) : undefined);
      const checked = await checkSignature(file, cut.toString('base64'), keysOf(one), NOW);
      assert.ok(checked.failure === null || checked.failure.length > 0);
    }
  });
}

/** The packets of a public key, in two parts: the key itself, and its subkeys. */
function splitKey({ publicKey }: SigningKey): [Buffer, Buffer] {
  const [block] = unarmorAll(Buffer.from(publicKey));
  assert.ok(block);
  const packets = [...readPackets(block.bytes)].flatMap((packet) => packet ?? []);
  const at = packets.findIndex(({ tag }) => tag === TAG.publicSubkey);
  assert.ok(at > 0);
  const join = (some: typeof packets) => Buffer.concat(some.map(({ bytes }) => bytes));
  return [join(packets.slice(0, at)), join(packets.slice(at))];
}

test('a subkey signs for the key that has signed it, and for no other', async () => {
  const [own, stranger] = (await Promise.all(
    [1, 2].map(() => makeSigningKey({ createdAt, subkey: 'nistP256' })),
  )) as [SigningKey, SigningKey];
  const [primary, subkeys] = splitKey(own);
  const [, others] = splitKey(stranger);
  // A file with a fingerprint that everybody knows, whoever made the subkey in it.
  const check = async (file: Buffer, signer: SigningKey) => {
    const keys = readServerKeys(file).map((key) => ({ key, file: 'own.asc' }));
    assert.deepEqual(
      keys.map(({ key }) => key.fingerprint),
      readServerKeys(Buffer.from(own.publicKey)).map(({ fingerprint }) => fingerprint),
    );
    const signature = (await sign(signer)).toString('base64');
    return (await checkSignature(content, signature, keys, NOW)).failure;
  };
  assert.equal(await check(Buffer.concat([primary, subkeys]), own), null);
  assert.match(
    (await check(Buffer.concat([primary, others]), stranger)) ?? '',
    /^has a signature that does not hold: its subkey [0-9A-F]{16} is not one that the key [0-9A-F]{16} has signed$/,
  );
});

test('a subkey that has expired is told, though its key has not', async () => {
  const key = await makeSigningKey({
    createdAt,
    subkey: 'nistP256',
    subkeyValidSeconds: 1e6 + 60,
  });
  const signature = (await sign(key)).toString('base64');
  const expiredAt = async (now: Date) =>
    (await checkSignature(content, signature, keysOf(key), now)).expired;
  assert.deepEqual(await expiredAt(NOW), []);
  assert.match(
    String(await expiredAt(new Date(NOW.getTime() + 120_000))),
    /^is signed with the subkey [0-9A-F]{16} of the key [0-9A-F]{16} \(0\.asc\), which expired on 2024-05-17$/,
  );
});
