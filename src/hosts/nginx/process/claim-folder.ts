import { readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { explainWriteError, makeFolders } from '../../../lib/files/explain-file-error.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';

/** Stands in a folder that `npm run nginx` may write and remove in. */
export const MARKER = 'marketplace-nginx.json';

/**
 * Makes a folder that of `npm run nginx`, where it is empty, missing or that already.
 *
 * @returns the folder, through all links
 * @throws {UserError} where it holds what somebody else put there, or cannot be made
 */
export async function claimFolder(folder: string): Promise<string> {
  const names = await makeFolders(folder)
    .then(() => readdir(folder))
    .catch((error: unknown) => {
      throw explainWriteError(error, folder);
    });
  if (names.length > 0 && !names.includes(MARKER)) {
    throw new UserError(
      `${folder} is no folder of npm run nginx: it holds ${names[0]}, and no ${MARKER}; name another one with --root, or empty it`,
    );
  }
  if (names.length === 0) await replaceFile(path.join(folder, MARKER), '{}\n');
  return await realpath(folder);
}
