import { lstat, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import { MOST_STATEMENT_BYTES } from '../lib/json/read-text.ts';
import { parseSnapshot, type Snapshot, signedFile } from './parse-snapshot.ts';

/** The name of the manifest in a build. */
export const MANIFEST = 'snapshot.json';

/** For a million files. */
const MOST_BYTES = 2 ** 28;

/** A manifest, and its bytes. */
export interface ReadSnapshot {
  readonly snapshot: Snapshot;
  readonly manifest: Buffer;
}

/**
 * Reads the manifest of a build.
 *
 * @throws {UserError} if there is no build, or its manifest is invalid
 */
export async function readSnapshot(dir: string): Promise<ReadSnapshot> {
  const manifest = await readBuilt(dir, MANIFEST);
  return { snapshot: parseSnapshot(manifest.toString(), path.join(dir, MANIFEST)), manifest };
}

/**
 * Reads a file that describes a build, such as `snapshot.json`.
 *
 * @throws {UserError} if it is missing, a device or a pipe, larger than 256 MiB, or unreadable
 */
export async function readBuilt(dir: string, name: string): Promise<Buffer> {
  const file = path.join(dir, name);
  try {
    const found = await stat(file);
    if (found.size > MOST_BYTES) throw new UserError(`${file} has more than ${MOST_BYTES} bytes`);
    if (!found.isFile() && !found.isDirectory()) throw new UserError(`${file} is not a file`);
    return await readFile(file);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') {
      throw new UserError(
        `${path.join(dir, '/')} holds no ${name}: run npm run build first, or name the folder of a build`,
      );
    }
    const { message, remedy } = explainFileError(error);
    throw new UserError(`${file} ${message}: ${remedy}`);
  }
}

/**
 * What is signed about a build, which no manifest lists, so that no digest shows what it is; undefined in builds of earlier versions.
 *
 * @throws {UserError} if it is a link or a device, or too large
 */
export async function readSignedFile(dir: string, id: string): Promise<Buffer | undefined> {
  const name = signedFile(id);
  const found = await lstat(path.join(dir, name)).catch(() => undefined);
  if (found === undefined) return undefined;
  if (found.isFile() && found.size <= MOST_STATEMENT_BYTES) return await readBuilt(dir, name);
  throw new UserError(
    `${path.join(dir, name)} is not a file of at most ${MOST_STATEMENT_BYTES} bytes: build again`,
  );
}
