import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';

/** For a million files. */
const MOST_BYTES = 2 ** 28;

/**
 * Reads a file that says what a build is, such as `snapshot.json`.
 *
 * @throws {UserError} where it is missing, a device or a pipe, has more than 256 MiB, or cannot be read
 */
export async function readBuilt(dir: string, file: string): Promise<Buffer> {
  const place = path.join(dir, file);
  try {
    const found = await stat(place);
    if (found.size > MOST_BYTES) throw new UserError(`${place} has more than ${MOST_BYTES} bytes`);
    if (!found.isFile() && !found.isDirectory()) throw new UserError(`${place} is no file`);
    return await readFile(place);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') {
      throw new UserError(
        `${path.join(dir, '/')} holds no ${file}: run npm run build first, or name the folder of a build`,
      );
    }
    const { message, remedy } = explainFileError(error);
    throw new UserError(`${place} ${message}: ${remedy}`);
  }
}
