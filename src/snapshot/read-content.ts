import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { digestOf } from '../lib/digests.ts';
import { errorCode, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import type { SnapshotFile } from './parse-snapshot.ts';

const gunzip = promisify(zlib.gunzip);

/** What `snapshot.json` says of some bytes. */
interface Listed {
  readonly sha256: string;
  readonly size: number;
}

/**
 * The content of a file of a build: the plain file or, where only its gzip form is there, what that holds. It is the very
 * content that the manifest names.
 *
 * @param dir the build's folder
 * @throws {UserError} where neither is there, or one is that is damaged or of another build
 */
export async function readContent(dir: string, file: SnapshotFile): Promise<Buffer> {
  const place = join(dir, file.path);
  const plain = await readIfThere(place, file);
  if (plain !== undefined) return assertListed(plain, file, place);
  if (file.gzip === undefined) throw missing(place);
  const gzipPlace = `${place}.gz`;
  const gzip = await readIfThere(gzipPlace, file.gzip);
  if (gzip === undefined) throw missing(place);
  const limit = { maxOutputLength: Math.max(1, file.size) };
  const listed = assertListed(gzip, file.gzip, gzipPlace);
  const content = await gunzip(listed, limit).catch((error: Error) => {
    throw unusable(gzipPlace, `cannot be decompressed: ${error.message}`);
  });
  // A copy of its own, for zlib may return a view of a larger block, and who keeps it would keep that.
  return assertListed(Buffer.from(new Uint8Array(content).buffer), file, gzipPlace);
}

/**
 * The gzip form of a file of a build, as it lies there.
 *
 * @param dir the build's folder
 * @throws {UserError} where it is not there, or not the one that the manifest names
 */
export async function readGzip(dir: string, file: SnapshotFile): Promise<Buffer> {
  const place = `${join(dir, file.path)}.gz`;
  const gzip = file.gzip && (await readIfThere(place, file.gzip));
  if (gzip === undefined || file.gzip === undefined) throw missing(place);
  return assertListed(gzip, file.gzip, place);
}

/** Nothing is read that is larger than it is listed, or a device, which may never end. */
async function readIfThere(place: string, { size }: Listed): Promise<Buffer | undefined> {
  try {
    const found = await stat(place);
    if (found.isFile() && found.size !== size) throw ofOtherSize(place, found.size, size);
    if (!found.isFile() && !found.isDirectory()) throw unusable(place, 'is no file');
    return await readFile(place);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unusable(place, explainFileError(error).message);
  }
}

function assertListed(bytes: Buffer, { sha256, size }: Listed, place: string): Buffer {
  if (bytes.length !== size) throw ofOtherSize(place, bytes.length, size);
  if (digestOf(bytes) !== sha256) {
    throw unusable(place, 'has not the digest that snapshot.json says');
  }
  return bytes;
}

function ofOtherSize(place: string, found: number, listed: number): UserError {
  return unusable(place, `has ${found} bytes; snapshot.json says ${listed}`);
}

function missing(place: string): UserError {
  return unusable(place, 'is missing');
}

function unusable(place: string, what: string): UserError {
  return new UserError(`${place} ${what}: build again`);
}
