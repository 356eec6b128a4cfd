import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { explainWriteError, makeFolders } from '../../../lib/files/explain-file-error.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';

/** Marks a folder in which `npm run nginx` may write and remove files. */
export const MARKER = 'marketplace-nginx.json';

/**
 * Claims a folder for `npm run nginx`, if it is empty, missing or claimed already.
 *
 * @returns the folder, past links
 * @throws {UserError} if it contains foreign files, or cannot be made
 */
export async function claimFolder(folder: string): Promise<string> {
  const names = await makeFolders(folder)
    .then(() => readdir(folder))
    .catch((error: unknown) => {
      throw explainWriteError(error, folder);
    });
  if (names.length > 0 && !names.includes(MARKER)) {
    throw new UserError(
      `${folder} is not a folder of npm run nginx: it holds ${names[0]} but no ${MARKER}; name another one with --root, or empty it`,
    );
  }
  if (names.length === 0) await replaceFile(path.join(folder, MARKER), '{}\n');
  return await realpath(folder);
}
