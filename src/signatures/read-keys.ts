import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Problem, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import { holdsPrivateKey, readServerKeys, type ServerKey } from '../mattermost/openpgp/key.ts';

/** A public key that bundles may be signed with. */
export interface VerificationKey {
  readonly key: ServerKey;
  /** The file it was read from. */
  readonly file: string;
}

/**
 * Reads OpenPGP public keys, armored or binary, one or more in a file. Includes those that servers ignore, to report bundles
 * signed with one of them; refuses a file that has no others.
 *
 * @throws {UserError} with every file without a key that a server can use
 */
export async function readKeys(files: readonly string[], cwd: string): Promise<VerificationKey[]> {
  const problems: Problem[] = [];
  const keys: VerificationKey[] = [];
  for (const file of files) {
    try {
      const bytes = await readFile(path.resolve(cwd, file));
      const found = readServerKeys(bytes);
      keys.push(...found.map((key) => ({ key, file })));
      const reason = holdsPrivateKey(bytes) ? PRIVATE : explainUseless(found);
      if (reason !== null) problems.push({ level: 'error', file, ...reason });
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error;
      problems.push({ level: 'error', file, ...explainFileError(error) });
    }
  }
  if (problems.length > 0) throw new UserError('the public keys cannot be used', problems);
  return keys;
}

const NO_KEY = {
  message: 'holds no OpenPGP public key',
  remedy: 'export it with: gpg --export NAME',
};
const PRIVATE = {
  message: 'holds a private key',
  remedy: 'keep that to yourself: export the public one with gpg --export NAME',
};

/** Why no server could verify anything with the keys of a file; null where it could. */
function explainUseless(keys: readonly ServerKey[]): Pick<Problem, 'message' | 'remedy'> | null {
  const [first] = keys;
  if (first === undefined) return NO_KEY;
  if (keys.some(({ refusal }) => refusal === null)) return null;
  return {
    message: `holds a key that no server can use: the key ${first.id} ${first.refusal}`,
    remedy: MAKE_A_KEY,
  };
}

/** How to come by a key that servers can use. */
export const MAKE_A_KEY =
  'make one with: gpg --quick-generate-key "NAME <MAIL>" rsa3072 sign never';
