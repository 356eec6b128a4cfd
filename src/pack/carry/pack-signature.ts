import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { readIfThere } from '../../lib/files/explain-file-error.ts';
import { checkSignature } from '../../signatures/check-signature.ts';
import type { VerificationKey } from '../../signatures/read-keys.ts';
import { openPack, PACK_FILE, PACK_SIGNATURE_FILE } from '../format/pack.ts';

/**
 * Makes sure that a pack is signed with one of the keys.
 *
 * @returns what people should know of the signature
 * @throws {UserError} if the folder is not a pack, or is not signed with any of the keys
 */
export async function requireSigned(
  folder: string,
  keys: readonly VerificationKey[],
  now: Date,
): Promise<readonly string[]> {
  await openPack(folder);
  const signature = await readIfThere(path.join(folder, PACK_SIGNATURE_FILE));
  const file = path.join(folder, PACK_FILE);
  if (signature === null) {
    throw new UserError(
      `${folder} is not signed: it has no ${PACK_SIGNATURE_FILE} — ${SIGN_IT}, and copy ${PACK_SIGNATURE_FILE} too`,
    );
  }
  const { failure, notes } = await checkSignature(file, signature.toString('base64'), keys, now);
  if (failure === null) return notes.map((note) => `${PACK_FILE} ${note}`);
  throw new UserError(
    `${folder} is not to be trusted: ${file} ${failure} — use none of it: copy it again from where it was made and signed, and name the public key of that with --pack-key; if it was changed there on purpose, ${SIGN_IT}`,
  );
}

const SIGN_IT = 'sign it where it was made, with npm run catalog -- sign PACK --key FILE';
