import * as openpgp from 'openpgp';

/** A key that signs bundles, as tests make it. */
export interface SigningKey {
  /** Armored, as a key file has it. */
  readonly publicKey: string;
  readonly privateKey: string;
  /** A detached signature, as a `.sig` file has it. */
  readonly sign: (content: Buffer, at?: Date) => Promise<Buffer>;
  /** The public key with the word that it must not be trusted any more. */
  readonly revoke: () => Promise<string>;
}

export interface SigningKeyOptions {
  /** Default: one that servers take, and that is made faster than RSA. */
  readonly curve?: 'nistP256' | 'ed25519Legacy';
  /** The curve of a subkey for signing, where there is to be one. */
  readonly subkey?: 'nistP256' | 'ed25519Legacy';
  readonly createdAt?: Date;
  readonly validSeconds?: number;
  readonly subkeyValidSeconds?: number;
}

/** Makes a key; a new one each time. */
export async function makeSigningKey(options: SigningKeyOptions = {}): Promise<SigningKey> {
  const { createdAt, validSeconds, subkeyValidSeconds, curve = 'nistP256', subkey } = options;
  const { privateKey, publicKey, revocationCertificate } = await openpgp.generateKey({
    type: 'ecc',
    curve,
    // The one for encryption that the library adds by itself would be of no use.
    subkeys: subkey
      ? [
          {
            ...{ sign: true, curve: subkey },
            ...(subkeyValidSeconds ? { keyExpirationTime: subkeyValidSeconds } : {}),
          },
        ]
      : [],
    userIDs: [{ name: 'Plugin signer', email: 'signer@example.com' }],
    format: 'object',
    ...(createdAt ? { date: createdAt } : {}),
    ...(validSeconds ? { keyExpirationTime: validSeconds } : {}),
  });
  return {
    publicKey: publicKey.armor(),
    privateKey: privateKey.armor(),
    sign: async (content, at) => {
      const message = await openpgp.createMessage({ binary: content });
      const signature = await openpgp.sign({
        message,
        signingKeys: privateKey,
        detached: true,
        format: 'binary',
        ...(at ? { date: at } : {}),
      });
      return Buffer.from(signature as Uint8Array);
    },
    revoke: async () => {
      const revoked = await openpgp.revokeKey({
        key: publicKey,
        revocationCertificate,
        format: 'object',
      });
      return revoked.publicKey.armor();
    },
  };
}
