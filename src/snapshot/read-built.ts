import { readFile, stat } from 'node:fs/promises';

/** For a million files. */
const MOST_BYTES = 2 ** 28;

/**
 * Reads a file that says what a build is, such as `snapshot.json`.
 *
 * @throws {Error} with a code as those of `node:fs`: EFBIG for more than 256 MiB, ENOTSUP for a device or a pipe
 */
export async function readBuilt(place: string): Promise<Buffer> {
  const found = await stat(place);
  if (found.size > MOST_BYTES) throw withCode('EFBIG');
  if (!found.isFile() && !found.isDirectory()) throw withCode('ENOTSUP');
  return await readFile(place);
}

const withCode = (code: string) => Object.assign(new Error(code), { code });
