import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';

/** For a million files. */
const MOST_BYTES = 2 ** 28;

/**
 * Reads a file that says what a build is, such as `snapshot.json`.
 *
 * @throws {UserError} where it is missing, or cannot be read: with EFBIG for more than 256 MiB, ENOTSUP for a device or a pipe
 */
export async function readBuilt(dir: string, file: string): Promise<Buffer> {
  const place = path.join(dir, file);
  try {
    const found = await stat(place);
    if (found.size > MOST_BYTES) throw withCode('EFBIG');
    if (!found.isFile() && !found.isDirectory()) throw withCode('ENOTSUP');
    return await readFile(place);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UserError(
      code === 'ENOENT'
        ? `${path.join(dir, '/')} holds no ${file}: run npm run build first, or name the folder of a build`
        : `${place} cannot be read: ${code}`,
    );
  }
}

const withCode = (code: string) => Object.assign(new Error(code), { code });
