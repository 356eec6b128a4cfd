import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { digestOf } from '../lib/digests.ts';
import { errorCode, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import type { SnapshotFile } from './parse-snapshot.ts';

const gunzip = promisify(zlib.gunzip);

/** Size and digest of some bytes, as in `snapshot.json`. */
interface Listed {
  readonly sha256: string;
  readonly size: number;
}

/**
 * The content of a file of a build, from the plain file or, if there is none, from its gzip form. Its digest is that of the
 * manifest.
 *
 * @param dir the build's folder
 * @throws {UserError} if the file is missing, damaged or of another build
 */
export async function readContent(dir: string, file: SnapshotFile): Promise<Buffer> {
  const path = join(dir, file.path);
  const plain = await readIfThere(path, file);
  if (plain !== undefined) return assertListed(plain, file, path);
  if (file.gzip === undefined) throw missing(path);
  const gzipPath = `${path}.gz`;
  const gzip = await readIfThere(gzipPath, file.gzip);
  if (gzip === undefined) throw missing(path);
  const limit = { maxOutputLength: Math.max(1, file.size) };
  const listed = assertListed(gzip, file.gzip, gzipPath);
  const content = await gunzip(listed, limit).catch((error: Error) => {
    throw unusable(gzipPath, `cannot be decompressed: ${error.message}`);
  });
  // A copy: zlib may return a view of a larger block, which would stay in memory.
  return assertListed(Buffer.from(new Uint8Array(content).buffer), file, gzipPath);
}

/**
 * The gzip form of a file of a build.
 *
 * @param dir the build's folder
 * @throws {UserError} if it is missing, damaged or of another build
 */
export async function readGzip(dir: string, file: SnapshotFile): Promise<Buffer> {
  const path = `${join(dir, file.path)}.gz`;
  const gzip = file.gzip && (await readIfThere(path, file.gzip));
  if (gzip === undefined || file.gzip === undefined) throw missing(path);
  return assertListed(gzip, file.gzip, path);
}

/** Reads no file that is larger than listed, and no device, which may never end. */
async function readIfThere(path: string, { size }: Listed): Promise<Buffer | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile() && found.size !== size) throw ofOtherSize(path, found.size, size);
    if (!found.isFile() && !found.isDirectory()) throw unusable(path, 'is not a file');
    return await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unusable(path, explainFileError(error).message);
  }
}

function assertListed(bytes: Buffer, { sha256, size }: Listed, path: string): Buffer {
  if (bytes.length !== size) throw ofOtherSize(path, bytes.length, size);
  if (digestOf(bytes) !== sha256) {
    throw unusable(path, 'does not have the digest in snapshot.json');
  }
  return bytes;
}

function ofOtherSize(path: string, found: number, listed: number): UserError {
  return unusable(path, `has ${found} bytes; snapshot.json says ${listed}`);
}

function missing(path: string): UserError {
  return unusable(path, 'is missing');
}

function unusable(path: string, what: string): UserError {
  return new UserError(`${path} ${what}: build again`);
}
