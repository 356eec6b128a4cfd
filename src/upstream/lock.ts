import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Release } from '../catalog/release.ts';
import { type Problem, UserError } from '../errors.ts';
import { type TakenEntries, takeEntries } from './take-entries.ts';

/** The catalog of an upstream marketplace as it was fetched, so that builds are reproducible and go on without it. */
export interface Lock {
  /** Of the marketplace. */
  readonly url: string;
  /** When it was fetched, as in RFC 3339. No build depends on it. */
  readonly fetchedAt: string;
  readonly releases: readonly Release[];
}

/** As a lock file has it; what its releases are is looked at one by one. */
const lockSchema = z.object({
  url: z.string(),
  fetchedAt: z.string().refine((moment) => !Number.isNaN(Date.parse(moment)), 'is no moment'),
  sha256: z.string(),
  releases: z.array(z.unknown()),
});

/** The text of a lock file: equal for equal locks, a field a line. */
export function renderLock({ url, fetchedAt, releases }: Lock): string {
  const lock = { url, fetchedAt, sha256: digest(releases), releases };
  return `${JSON.stringify(lock, null, 2)}\n`;
}

/** A lock as it was read, with what is to be said of its releases. */
export type ReadLock = Lock & Pick<TakenEntries, 'warnings'>;

/**
 * Reads the text of a lock file; `file` is how messages call it, `isTold` whether there is anything to say of a plugin.
 *
 * @throws {UserError} where it is none, or was changed by hand
 */
export function parseLock(
  text: string,
  file: string,
  isTold: (id: string) => boolean = () => true,
): ReadLock {
  const parsed = lockSchema.safeParse(parseJson(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'all of it';
    throw lockError({ file, message: `is no lock: ${place}: ${issue?.message}` });
  }
  const { url, fetchedAt, sha256, releases } = parsed.data;
  if (sha256 !== digest(releases)) {
    throw lockError({
      file,
      message: 'has other releases than were fetched: it was changed by hand',
    });
  }
  return { url, fetchedAt, ...takeEntries(releases, { from: file, isTold }) };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw lockError({ file, message: `is not JSON: ${(error as Error).message}` });
  }
}

/** What is wrong with a lock file, and what mends it. */
export function lockError(problem: Pick<Problem, 'file' | 'message'>): UserError {
  return new UserError('the catalog kept of the upstream cannot be used', [
    { level: 'error', ...problem, remedy: 'fetch it anew with npm run build -- --refresh' },
  ]);
}

function digest(releases: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(releases)).digest('hex');
}
