import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createMessage, readSignature, type Signature, verify } from 'openpgp';
import type { VerificationKey } from './read-keys.ts';

/**
 * Whether a file is signed with one of the keys: a detached signature in Base64 as the catalog has it, binary or armored
 * inside, and a key that is neither revoked nor expired now, as a Mattermost server demands it.
 *
 * @returns what is wrong, to follow the name of the file; null where nothing is
 */
export async function checkSignature(
  file: string,
  base64: string,
  keys: readonly VerificationKey[],
  now: Date,
): Promise<string | null> {
  if (base64 === '') return 'has no signature';
  const signature = await parseSignature(base64);
  if (signature === null) return 'has a signature that is no OpenPGP signature in Base64';
  const ids = signature.getSigningKeyIDs().map((id) => id.toHex());
  const used = keys.find(({ key }) =>
    key.getKeys().some((one) => ids.includes(one.getKeyID().toHex())),
  );
  if (used === undefined) {
    return `is signed with the key ${ids.join(', ').toUpperCase()}, which is none of the keys given`;
  }
  const distrusted = await explainDistrust(used, now);
  if (distrusted !== null) return distrusted;
  try {
    const message = await createMessage({
      // The web stream of Node and that of the types differ in name only.
      binary: Readable.toWeb(createReadStream(file)) as globalThis.ReadableStream<Uint8Array>,
    });
    const { data, signatures } = await verify({
      message,
      signature,
      verificationKeys: [used.key],
      format: 'binary',
      date: now,
    });
    // The signature is known when all of the data has gone by.
    const reader = data.getReader();
    while (!(await reader.read()).done);
    await signatures[0]?.verified;
    return null;
  } catch (error) {
    return explainMismatch(error);
  }
}

async function parseSignature(base64: string): Promise<Signature | null> {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (!isBase64.test(base64)) return null;
  const bytes = Buffer.from(base64, 'base64');
  const text = bytes.toString('latin1');
  try {
    return text.includes('-----BEGIN PGP')
      ? await readSignature({ armoredSignature: text })
      : await readSignature({ binarySignature: bytes });
  } catch {
    return null;
  }
}

async function explainDistrust({ key, file }: VerificationKey, now: Date): Promise<string | null> {
  const name = `the key ${key.getKeyID().toHex().toUpperCase()} (${file})`;
  if (await key.isRevoked(undefined, undefined, now)) {
    return `is signed with ${name}, which has been revoked`;
  }
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && expires <= now) {
    return `is signed with ${name}, which expired on ${expires.toISOString().slice(0, 10)}`;
  }
  return null;
}

function explainMismatch(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/digest did not match/i.test(message))
    return 'is not what was signed: its signature is of other contents';
  return `has a signature that does not hold: ${message}`;
}
