import { mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, type Problem, UserError } from '../errors.ts';

/** By the code of a `node:fs` error: the reason for a file to read, its remedy, and the remedy for a file to write. */
const REASONS: Readonly<Record<string, readonly [string, string, string]>> = {
  ENOENT: ['does not exist', 'check the name and the working directory', 'make the folder first'],
  ENOTDIR: [
    'does not exist',
    'a part of its path is a file: check the name',
    'a part of its path is a file: name another one',
  ],
  EACCES: [
    'may not be read',
    'give this user the right to read it',
    'give this user the right to write there',
  ],
  EPERM: [
    'may not be read',
    'give this user the right to read it',
    'give this user the right to write there',
  ],
  EISDIR: ['is a directory', 'name a file', 'it is a folder: name a file'],
  ELOOP: [
    'is a link that leads to itself',
    'name the file it should lead to',
    'it is a link that leads to itself: name what it should lead to',
  ],
  ENAMETOOLONG: ['has too long a name', 'shorten it', 'its path is too long: name a shorter one'],
  EMFILE: tooManyFiles('raise the limit (ulimit -n)'),
  ENFILE: tooManyFiles('end other programs'),
  EROFS: onlyWritten('the file system is read-only: name a path on another one'),
  EFBIG: onlyWritten('it gets larger than this user or the file system allows (ulimit -f)'),
  ENOSPC: onlyWritten('the disk is full: make room'),
  EDQUOT: onlyWritten('the disk quota is used up: make room'),
  EBUSY: onlyWritten('it is in use, such as a mounted volume: name a folder inside it'),
  EXDEV: onlyWritten('it is on another file system than the folder around it: name one inside it'),
};

function tooManyFiles(remedy: string): [string, string, string] {
  return ['cannot be read: too many files are open', remedy, `too many files are open: ${remedy}`];
}

function onlyWritten(remedy: string): [string, string, string] {
  return ['cannot be read', remedy, remedy];
}

/** Why a file could not be opened, out of the error of `node:fs`, in words. */
export function explainFileError(error: unknown): Pick<Problem, 'message' | 'remedy'> {
  const code = errorCode(error);
  const [message, remedy] = (Object.hasOwn(REASONS, code) && REASONS[code]) || [
    `cannot be read: ${error instanceof Error ? error.message : error}`,
    'check the file',
  ];
  return { message, remedy };
}

/** An error of `node:fs` while reading as a `UserError`; anything else as it came. */
export function explainReadError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'syscall' in error)) return error;
  return new UserError('a file cannot be read', [
    { level: 'error', file, ...explainFileError(error) },
  ]);
}

/**
 * The contents of a file.
 *
 * @param name how errors name the file
 * @throws {UserError} where it cannot be read
 */
export async function readNeeded(file: string, name = file): Promise<Buffer> {
  return await readFile(file).catch((error: unknown) => {
    throw explainReadError(error, name);
  });
}

/** Like `readNeeded`; null if the file does not exist. */
export async function readIfThere(file: string, name = file): Promise<Buffer | null> {
  return await readFile(file).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw explainReadError(error, name);
  });
}

/** An error of `node:fs` while writing as a `UserError`; anything else as it came. */
export function explainWriteError(error: unknown, file: string): unknown {
  if (!(error instanceof Error && 'syscall' in error) || errorCode(error) === '') return error;
  const code = errorCode(error);
  const [, , remedy] = (Object.hasOwn(REASONS, code) && REASONS[code]) || [];
  return new UserError(
    `${file} cannot be written, ${code}: ${remedy ?? 'check the folder that it lies in'}`,
  );
}

/**
 * Makes a folder and its parents. On a read-only or full file system `mkdir` itself fails with ENOENT when it has to make
 * several.
 *
 * @returns the first of them that did not exist; undefined if all did
 */
export async function makeFolders(folder: string): Promise<string | undefined> {
  return await mkdir(folder, { recursive: true }).catch(async (error: NodeJS.ErrnoException) => {
    let missing = path.resolve(folder);
    while (missing !== path.dirname(missing) && !(await isThere(path.dirname(missing)))) {
      missing = path.dirname(missing);
    }
    if (error.code === 'ENOENT') await mkdir(missing);
    throw error;
  });
}

async function isThere(folder: string): Promise<boolean> {
  return await stat(folder).then(
    () => true,
    () => false,
  );
}
