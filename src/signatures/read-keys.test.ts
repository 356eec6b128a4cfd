import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { unarmorAll } from '../mattermost/openpgp/unarmor.ts';
import { readKeys } from './read-keys.ts';

const key = await makeSigningKey();
const edwards = await makeSigningKey({ curve: 'ed25519Legacy' });
const mixed = await makeSigningKey({ subkey: 'ed25519Legacy' });
const bytesOf = (armored: string) => Buffer.from(unarmorAll(Buffer.from(armored))[0]?.bytes ?? []);

// Description of a key file, its content, how many keys are read, or the problem.
const cases: readonly (readonly [string, string | Buffer, number | RegExp])[] = [
  ['a key that servers use', key.publicKey, 1],
  [
    'a binary key that servers use, and one of Ed25519',
    Buffer.concat([bytesOf(key.publicKey), bytesOf(edwards.publicKey)]),
    2,
  ],
  [
    'a key of Ed25519',
    edwards.publicKey,
    /: holds a key that no server can use: the key \w{16} is of EdDSA \(Ed25519\).*gpg --quick-generate-key/,
  ],
  [
    'a key with a subkey of Ed25519',
    mixed.publicKey,
    /: .* has a subkey that is of EdDSA \(Ed25519\), and servers refuse the whole key/,
  ],
  ['a revoked key', await key.revoke(), /: .* has been revoked/],
  ['a private key', key.privateKey, /: holds a private key/],
  ['no key', 'no key', /: holds no OpenPGP public key/],
  ['nothing', '', /: holds no OpenPGP public key/],
];

for (const [what, content, expected] of cases) {
  test(`a file with ${what} ${typeof expected === 'number' ? 'is read' : 'is refused'}`, async (t) => {
    const cwd = await makeFolder(t);
    await writeFile(path.join(cwd, 'k.asc'), content);
    const reading = readKeys(['k.asc'], cwd);
    if (typeof expected === 'number') return assert.equal((await reading).length, expected);
    const message = new RegExp(`k\\.asc${expected.source}`);
    await assert.rejects(reading, { name: 'UserError', message });
  });
}

test('every file that is of no use is a problem', async (t) => {
  const cwd = await makeFolder(t);
  await writeFile(path.join(cwd, 'a.asc'), '');
  const message = /a\.asc: holds no.*\n.*no\.asc: does not exist/;
  await assert.rejects(readKeys(['a.asc', 'no.asc'], cwd), { name: 'UserError', message });
});
