import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Key, readKeys as parseKeys } from 'openpgp';
import { explainFileError } from '../../catalog/explain-file-error.ts';
import { type Problem, UserError } from '../../errors.ts';

/** A public key that bundles may be signed with. */
export interface VerificationKey {
  readonly key: Key;
  /** Where it was read. */
  readonly file: string;
}

/**
 * Reads OpenPGP public keys, armored or binary, several in a file where there are.
 *
 * @throws {UserError} with every file that holds none
 */
export async function readKeys(files: readonly string[], cwd: string): Promise<VerificationKey[]> {
  const problems: Problem[] = [];
  const keys: VerificationKey[] = [];
  for (const file of files) {
    try {
      const bytes = await readFile(path.resolve(cwd, file));
      const found = await parseKeyFile(bytes);
      keys.push(...found.map((key) => ({ key, file })));
      if (found.some((key) => key.isPrivate())) problems.push({ level: 'error', file, ...PRIVATE });
    } catch (error) {
      const isOfFile = error instanceof Error && 'syscall' in error;
      const reason = isOfFile ? explainFileError(error) : NO_KEY;
      problems.push({ level: 'error', file, ...reason });
    }
  }
  if (problems.length > 0) throw new UserError('the public keys cannot be used', problems);
  return keys;
}

const NO_KEY = {
  message: 'holds no OpenPGP public key',
  remedy: 'export it with: gpg --armor --export NAME',
};
const PRIVATE = {
  message: 'holds a private key',
  remedy: 'keep that to yourself: export the public one with gpg --armor --export NAME',
};

/** Of an armored text, the library reads the first block only. */
const BLOCK = /-----BEGIN PGP [A-Z ]+-----.*?-----END PGP [A-Z ]+-----/gs;

async function parseKeyFile(bytes: Buffer): Promise<Key[]> {
  const blocks = bytes.toString('latin1').match(BLOCK);
  if (blocks === null) return await parseKeys({ binaryKeys: bytes });
  return (await Promise.all(blocks.map((armoredKeys) => parseKeys({ armoredKeys })))).flat();
}
