import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SigningKey } from '../../../test/samples/signing-keys.ts';
import { UserError } from '../../lib/errors.ts';
import { readServerKeys } from '../../mattermost/openpgp/key.ts';
import { KEY, NOW, STRANGER, startMirror } from '../fixture-pack.ts';
import { requireSigned } from './pack-signature.ts';

const keysOf = (key: SigningKey) =>
  readServerKeys(Buffer.from(key.publicKey)).map((one) => ({ key: one, file: 'own.asc' }));

/** A pack that is signed with `KEY`. */
async function startSigned(t: TestContext) {
  const started = await startMirror(t);
  await started.mirror({}, [2]);
  const file = path.join(started.folder, 'pack.json');
  const signature = `${file}.sig`;
  await writeFile(signature, await KEY.sign(await readFile(file), NOW));
  const require = (key = KEY) => requireSigned(started.folder, keysOf(key), NOW);
  return { ...started, file, signature, require };
}

test('a pack that is signed is taken, and a mirror that changes nothing leaves the signature', async (t) => {
  const { folder, mirror, require } = await startSigned(t);
  assert.deepEqual(await require(), []);
  await mirror({}, [2]);
  assert.deepEqual(await require(), []);
  assert.ok((await readdir(folder)).includes('pack.json.sig'));
});

test('a mirror that changes the pack removes the signature', async (t) => {
  const { folder, mirror } = await startSigned(t);
  await mirror({}, [3]);
  assert.deepEqual((await readdir(folder)).sort(), ['bundles', 'pack.json', 'plugins.json']);
});

// A change to a signed pack, by its list and signature; the refusal.
const refused: readonly (readonly [
  string,
  (file: string, signature: string) => Promise<unknown>,
  RegExp,
])[] = [
  ['the signature is missing', (_, signature) => rm(signature), /is not signed: .*-- sign PACK/],
  ['the signature is empty', (_, signature) => writeFile(signature, ''), /has no signature/],
  ['the signature is text', (_, signature) => writeFile(signature, 'yes'), /is not an OpenPGP/],
  ['another key signed', signWith(STRANGER), /is not one of the given keys.*--pack-key/],
  ['the list grew by a blank', (file) => appendFile(file, ' '), /is not what was signed.*sign it/],
  ['a digest is another', replaceDigest, /is not what was signed.*copy it again/],
  ['the list is gone', (file) => rm(file), /is not a pack: it has no pack\.json/],
];

for (const [what, change, expected] of refused) {
  test(`a pack is refused where ${what}, with what to do`, async (t) => {
    const { file, signature, require } = await startSigned(t);
    await change(file, signature);
    await assert.rejects(require(), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('a signature by a key that the bundles are signed with is none by the key of the pack', async (t) => {
  const { require } = await startSigned(t);
  await assert.rejects(require(STRANGER), /not to be trusted/);
});

function signWith(key: SigningKey) {
  return async (file: string, signature: string) =>
    await writeFile(signature, await key.sign(await readFile(file), NOW));
}

async function replaceDigest(file: string) {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"sha256": "../, '"sha256": "00'));
}
