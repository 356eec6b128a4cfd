import { decryptKey, type PrivateKey, readPrivateKeys } from 'openpgp';
import { UserError } from '../lib/errors.ts';
import { readServerKeys } from '../mattermost/openpgp/key.ts';
import { unarmorAll } from '../mattermost/openpgp/unarmor.ts';
import { MAKE_A_KEY } from './read-keys.ts';

export interface SigningKeyOptions {
  /** How errors name its file. */
  readonly name: string;
  /** Returns the passphrase; called only if the key has one. Null: not available. */
  readonly passphrase: () => Promise<string | null>;
}

/**
 * Reads a private key to sign bundles with, armored or binary, and makes sure that servers can use its public one.
 *
 * @throws {UserError} if it is not a private key, servers cannot use it, or the passphrase is wrong
 */
export async function readSigningKey(
  bytes: Uint8Array,
  { name, passphrase }: SigningKeyOptions,
): Promise<PrivateKey> {
  const key = await parseOne(bytes, name);
  const [found] = readServerKeys(key.toPublic().write());
  if (found === undefined || found.refusal !== null) {
    throw new UserError(
      `no server can use the key of ${name}: it ${found?.refusal ?? 'cannot be read'} — ${MAKE_A_KEY}`,
    );
  }
  return await unlock(key, name, passphrase);
}

async function parseOne(bytes: Uint8Array, name: string): Promise<PrivateKey> {
  const keys = await parse(bytes).catch(() => []);
  const [key, ...others] = keys;
  if (key === undefined) {
    throw new UserError(
      `${name} holds no OpenPGP private key: export it with: gpg --export-secret-keys NAME`,
    );
  }
  if (others.length > 0) {
    throw new UserError(
      `${name} holds ${keys.length} private keys: export the one to sign with alone, with gpg --export-secret-keys NAME`,
    );
  }
  return key;
}

async function parse(bytes: Uint8Array): Promise<PrivateKey[]> {
  const [block] = unarmorAll(bytes);
  return await readPrivateKeys({ binaryKeys: block?.bytes ?? bytes });
}

async function unlock(
  key: PrivateKey,
  name: string,
  passphrase: SigningKeyOptions['passphrase'],
): Promise<PrivateKey> {
  if (key.isDecrypted()) return key;
  const given = await passphrase();
  if (given === null) {
    throw new UserError(
      `${name} is locked: give its passphrase in MARKETPLACE_SIGNING_PASSPHRASE, or run the command where it can ask`,
    );
  }
  return await decryptKey({ privateKey: key, passphrase: given }).catch(() => {
    throw new UserError(`the passphrase does not open ${name}`);
  });
}
