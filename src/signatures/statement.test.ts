import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seeds } from '../../test/random.ts';
import { UserError } from '../lib/errors.ts';
import {
  EXPIRED,
  inDays,
  NOW,
  PUBLISHER,
  pinned,
  STRANGER,
  signText,
  statementOf,
} from './fixture-statement.ts';
import { checkStatement, readStatement } from './statement.ts';

const statement = statementOf('[]\n');
const good = await signText(statement);
const other = JSON.parse(await signText(statementOf('[]\n', { counter: 6 })));
const { signed, signature } = JSON.parse(good);
const [key] = pinned(PUBLISHER);
const options = { keys: pinned(PUBLISHER), now: NOW, flag: '--upstream-key' } as const;
const site = 'https://marketplace.example.com/';
const SITES = [
  site,
  'https://user:secret@marketplace.example.com',
  'HTTPS://Marketplace.example.com:443',
];

test('a statement that the publisher signed is taken, by whatever spelling of the address', async () => {
  assert.deepEqual(readStatement(good), statement);
  for (const each of SITES) {
    assert.deepEqual(await checkStatement(good, 'signed.json', { ...options, site: each }), {
      ...statement,
      key: key?.key.fingerprint,
    });
  }
});

test('one of several keys is enough, and one that has expired counts where only its counter matters', async () => {
  const keys = [...pinned(STRANGER), ...pinned(PUBLISHER)];
  assert.equal((await checkStatement(good, 'signed.json', { ...options, keys })).counter, 5);
  const late = { ...options, now: inDays(40) };
  await assert.rejects(checkStatement(good, 'signed.json', late), /expired on 2026-06-15/);
  const { counter } = await checkStatement(good, 'a', { ...late, mayBeExpired: true });
  assert.equal(counter, 5);
});

const envelope = (part: object) => JSON.stringify({ signed, signature, ...part });
const pack = JSON.stringify({ format: 1, baseUrl: 'https://h', files: [] });

// What somebody hands out instead, its text, the reason.
const attacks: readonly (readonly [string, string | Promise<string>, RegExp])[] = [
  [
    'nothing signed',
    '{"signed":null}\n',
    /says that the marketplace is not signed — .*leave --upstream-key out/,
  ],
  ['no JSON', '<html>', /signed\.json/],
  ['nothing', '', /signed\.json/],
  ['no signature', JSON.stringify({ signed }), /signed\.json/],
  ['an empty signature', envelope({ signature: '' }), /signed\.json/],
  [
    'the signature of another statement',
    envelope({ signature: other.signature }),
    /is not what was signed/,
  ],
  [
    'another statement under the signature',
    envelope({ signed: other.signed }),
    /is not what was signed/,
  ],
  [
    'a later expiry',
    envelope({ signed: signed.replace('2026-06', '2036-06') }),
    /is not what was signed/,
  ],
  ['a higher counter', envelope({ signed: signed.replace('5,', '50,') }), /is not what was signed/],
  [
    'a statement of somebody else',
    signText(statement, STRANGER),
    /which is not one of the given keys/,
  ],
  ['a statement by a key that has expired', signText(statement, EXPIRED), /expired on 2026-05-07/],
  [
    'an expired statement',
    signText({ ...statement, expires: inDays(0).toISOString() }),
    /expired on 2026-05-17T12.*hands out an old state/,
  ],
  [
    'a statement about another marketplace',
    signText({ ...statement, site: 'https://staging.example.com' }),
    /is about https:\/\/staging\.example\.com, not about https:\/\/marketplace\.example\.com/,
  ],
  [
    'a statement about another path',
    signText({ ...statement, site: `${site}staging` }),
    /is about .*staging/,
  ],
  ['a pack that the publisher signed', signPack(), /signed\.json/],
  ['another field', signText({ ...statement, more: 1 } as typeof statement), /more/],
];

async function signPack() {
  const own = await PUBLISHER.sign(Buffer.from(pack), inDays(-50));
  return JSON.stringify({ signed: pack, signature: own.toString('base64') });
}

for (const [what, given, reason] of attacks) {
  test(`${what} is refused, with the file and what to do`, async () => {
    const keys = [...pinned(PUBLISHER), ...pinned(EXPIRED)];
    await assert.rejects(
      checkStatement(await given, 'signed.json', { ...options, keys, site }),
      (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, reason);
        assert.ok(error.problems.every(({ file }) => file === 'signed.json'));
        return true;
      },
    );
  });
}

test('a statement by a key that was revoked is refused', async () => {
  const keys = pinned({ publicKey: await PUBLISHER.revoke() });
  await assert.rejects(
    checkStatement(good, 'signed.json', { ...options, keys }),
    /has been revoked/,
  );
});

for (const seed of seeds(2)) {
  test(`a statement that was damaged is refused or the same, never a bug (SEED=${seed})`, async () => {
    const random = seededRandom(seed);
    for (let i = 0; i < 100; i++) {
      const bytes = Buffer.from(good);
      bytes[random.below(bytes.length)] = random.below(256);
      const text = bytes.subarray(0, random.chance(0.2) ? random.below(bytes.length) : undefined);
      const checked = await checkStatement(text.toString(), 'signed.json', options).catch(
        (error) => {
          assert.ok(error instanceof UserError, String(error));
          return null;
        },
      );
      if (checked) assert.deepEqual(checked, { ...statement, key: key?.key.fingerprint });
    }
  });
}
