import { z } from 'zod';
import { DATE_TIME, isInCalendar } from '../catalog/problems/date-time.ts';
import type { Release } from '../catalog/release.ts';
import { digestOf } from '../lib/digests.ts';
import { type Problem, UserError } from '../lib/errors.ts';
import { ENTITY_TAG } from '../lib/http/web.ts';
import { parseJsonAs } from '../lib/json/parse-json.ts';
import { type FirstSeen, recordFirstSeen } from './first-seen.ts';
import type { SignedState } from './marketplace/read-signed.ts';
import { type TakenEntries, takeEntries } from './take-entries.ts';

/** The catalog of an upstream marketplace as it was fetched, so that builds are reproducible and go on without it. */
export interface Lock {
  /** The URL of the marketplace. */
  readonly url: string;
  /** When it was fetched, as in RFC 3339. A build depends on it only if releases have to be of some age. */
  readonly fetchedAt: string;
  /** The entity tag of the marketplace's `/catalog.json`, if that was fetched. */
  readonly etag?: string | undefined;
  /** What its publisher signed, if that was checked. */
  readonly signed?: SignedState | undefined;
  readonly releases: readonly Release[];
  /** Absent in locks of earlier versions. */
  readonly firstSeen?: FirstSeen | undefined;
  /** What waited for its age when it was fetched, by name, and until when: for who reviews the file. */
  readonly waiting?: Readonly<Record<string, string>> | undefined;
}

/** The text of a lock file: equal for equal locks, a field a line. */
export function renderLock(lock: Lock): string {
  const { url, fetchedAt, etag, signed, releases, firstSeen, waiting } = lock;
  const sha256 = digest(releases, firstSeen);
  const fields = { url, fetchedAt, etag, signed, sha256, waiting, firstSeen, releases };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

/** A lock as read, with warnings about its releases. */
export type ReadLock = Lock & Pick<TakenEntries, 'warnings'> & { readonly firstSeen: FirstSeen };

/**
 * Reads the text of a lock file; `file` is its name in messages, `isReported` whether to warn about a plugin.
 *
 * @throws {UserError} if it is not a lock file, or was changed by hand
 */
export function parseLock(
  text: string,
  file: string,
  isReported: (id: string) => boolean = () => true,
): ReadLock {
  const lock = parseJsonAs(lockSchema, text, file);
  if ('problems' in lock) throw lockError(...lock.problems);
  const { url, fetchedAt, etag, signed, sha256, firstSeen, releases } = lock.value;
  if (sha256 !== digest(releases, firstSeen)) {
    throw lockError({
      file,
      message: 'has other releases or dates than were fetched: it was changed by hand',
    });
  }
  const taken = takeEntries(releases, { from: file, isReported });
  const seen = firstSeen ?? recordFirstSeen(taken.releases, new Date(fetchedAt));
  return { url, fetchedAt, etag, ...(signed && { signed }), ...taken, firstSeen: seen };
}

const time = z
  .string()
  .regex(DATE_TIME, 'is not a date and time')
  .refine(isInCalendar, 'is not a date');
const etag = z.string().regex(ENTITY_TAG, 'is not an entity tag').optional();

const lockSchema = z.object({
  url: z.string().min(1),
  fetchedAt: time,
  etag,
  signed: z
    .object({
      snapshot: z.string(),
      catalog: z.string(),
      counter: z.int().min(1),
      expires: time,
      key: z.string(),
      etag,
    })
    .optional(),
  sha256: z.string(),
  firstSeen: z.record(z.string(), time).optional(),
  releases: z.array(z.unknown()),
});

/** A problem of a lock file, with its remedy. */
export function lockError(
  ...problems: readonly Pick<Problem, 'file' | 'path' | 'found' | 'message'>[]
): UserError {
  const remedy = 'fetch it anew with npm run build -- --refresh';
  return new UserError(
    'the catalog kept of the upstream cannot be used',
    problems.map((problem) => ({ ...problem, level: 'error', remedy })),
  );
}

function digest(releases: readonly unknown[], firstSeen: FirstSeen | undefined): string {
  return digestOf(JSON.stringify(firstSeen === undefined ? releases : [releases, firstSeen]));
}
