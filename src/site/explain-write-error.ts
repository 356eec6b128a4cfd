import { UserError } from '../errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there: give it the right to, or name another folder with --out',
  EPERM: 'this user may not write there: give it the right to, or name another folder with --out',
  EROFS: 'the file system is read-only: name another folder with --out',
  ENOENT: 'a folder on the way does not exist, or was removed meanwhile: try again',
  ENOTDIR: 'a part of its path is a file: name another folder with --out',
  EBUSY: 'it is in use, such as a mounted volume: name a folder inside it with --out',
  EXDEV:
    'it is on another file system than the folder around it: name a folder inside it with --out',
  ENOSPC: 'the disk is full: make room',
  EDQUOT: 'the disk quota is used up: make room',
  ENAMETOOLONG: 'a path gets too long: name a folder with a shorter path with --out',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
};

/**
 * What to throw where a folder could not be written: an error of `node:fs` in words, as a `UserError`; anything else as
 * it came.
 */
export function explainWriteError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = REASONS[code];
  if (reason === undefined) return error;
  return new UserError(`${folder} cannot be written, ${code}: ${reason}`);
}
