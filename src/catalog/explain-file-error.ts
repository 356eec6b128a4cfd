import type { Problem } from '../errors.ts';

type Reason = Pick<Problem, 'message' | 'remedy'>;

const REASONS = new Map<string, Reason>(
  Object.entries({
    ENOENT: { message: 'does not exist', remedy: 'check the name and the working directory' },
    ENOTDIR: { message: 'does not exist', remedy: 'a part of its path is a file: check the name' },
    EACCES: { message: 'may not be read', remedy: 'give this user the right to read it' },
    EPERM: { message: 'may not be read', remedy: 'give this user the right to read it' },
    EISDIR: { message: 'is a directory', remedy: 'name a file' },
    ELOOP: { message: 'is a link that leads to itself', remedy: 'name the file it should lead to' },
  }),
);

/** Why a file could not be opened, out of the error of `node:fs`, in words. */
export function explainFileError(error: unknown): Reason {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  return REASONS.get(code) ?? { message: `cannot be read: ${message}`, remedy: 'check the file' };
}
