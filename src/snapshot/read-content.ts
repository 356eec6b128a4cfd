import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { digestOf } from '../lib/digests.ts';
import { errorCode, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import type { SnapshotFile } from './parse-snapshot.ts';

const gunzip = promisify(zlib.gunzip);

/**
 * The content of a file of a build, from the plain file or, if there is none, from its gzip form, checked against the digest
 * in the manifest.
 *
 * @param dir the build's folder
 * @throws {UserError} if the file is missing, damaged or of another build
 */
export async function readContent(dir: string, file: SnapshotFile): Promise<Buffer> {
  const plain = await readListed(join(dir, file.path), file);
  if (plain !== undefined) return plain;
  const gzip = await readGzip(dir, file, join(dir, file.path));
  const path = `${join(dir, file.path)}.gz`;
  const limit = { maxOutputLength: Math.max(1, file.size) };
  const content = await gunzip(gzip, limit).catch((error: Error) => {
    throw unusable(path, `cannot be decompressed: ${error.message}`);
  });
  // A copy: zlib may return a view of a larger block, which would stay in memory.
  return assertListed(Buffer.from(new Uint8Array(content).buffer), file, path);
}

/**
 * The gzip form of a file of a build.
 *
 * @param dir the build's folder
 * @param missing what the error calls a missing file
 * @throws {UserError} if it is missing, damaged or of another build
 */
export async function readGzip(
  dir: string,
  { path, gzip }: SnapshotFile,
  missing = `${join(dir, path)}.gz`,
): Promise<Buffer> {
  const bytes = gzip && (await readListed(`${join(dir, path)}.gz`, gzip));
  if (bytes === undefined) throw unusable(missing, 'is missing');
  return bytes;
}

type Listed = Pick<SnapshotFile, 'sha256' | 'size'>;

/** Undefined if the file does not exist. Does not read a file larger than listed, nor a device, which may never end. */
async function readListed(path: string, listed: Listed): Promise<Buffer | undefined> {
  try {
    const found = await stat(path);
    if (found.isFile()) assertSize(found.size, listed, path);
    else if (!found.isDirectory()) throw unusable(path, 'is not a file');
    return assertListed(await readFile(path), listed, path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unusable(path, explainFileError(error).message);
  }
}

function assertListed(bytes: Buffer, listed: Listed, path: string): Buffer {
  assertSize(bytes.length, listed, path);
  if (digestOf(bytes) === listed.sha256) return bytes;
  throw unusable(path, 'does not have the digest in snapshot.json');
}

function assertSize(found: number, { size }: Listed, path: string): void {
  if (found !== size) throw unusable(path, `has ${found} bytes; snapshot.json lists ${size}`);
}

function unusable(path: string, what: string): UserError {
  return new UserError(`${path} ${what}: build again`);
}
