import { isDeepStrictEqual } from 'node:util';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import { MOST_STATEMENT_BYTES } from '../../lib/json/read-text.ts';
import {
  type CheckStatementOptions,
  checkStatement,
  distrusted,
  readStatement,
} from '../../signatures/statement.ts';
import { signedFile } from '../../snapshot/parse-snapshot.ts';
import { isConditionFailed } from '../aws/aws-error.ts';
import { type Bucket, newObject, type StoredObject } from '../aws/target.ts';
import type { Build } from '../read-build.ts';

/** How a build must be signed before it goes live. */
export type SnapshotPin = Pick<CheckStatementOptions, 'keys' | 'now' | 'site'>;

/** What is to be written about a snapshot, in place of what was there. */
export interface SignedPlan {
  readonly content: Buffer;
  /** The ETag of what is there; null for nothing. */
  readonly expected: string | null;
}

/**
 * Plans what to write of `signed.json`: what the build has, unless what is stored for its snapshot is as new.
 *
 * @param liveId the snapshot that is live
 * @throws {UserError} if a key is pinned, and the build is not signed with it, after the one that is live
 */
export async function planSigned(
  bucket: Bucket,
  build: Build,
  liveId: string | null,
  pin: SnapshotPin | undefined,
): Promise<SignedPlan | undefined> {
  const { snapshot, signed } = build;
  if (pin) await requireNewer(bucket, build, liveId, pin);
  if (signed === undefined) return undefined;
  const own = readStatement(signed.toString());
  // It is there, and says no less.
  if (own === null && liveId === snapshot.id) return undefined;
  const stored = await getSigned(bucket, snapshot.id);
  if (stored === undefined) return { content: signed, expected: null };
  const before = readStatement(stored.body.toString());
  const isNewer = own !== null && (before === null || own.counter > before.counter);
  return isNewer ? { content: signed, expected: stored.etag } : undefined;
}

/** @throws {UserError} if somebody else wrote it meanwhile */
export async function writeSigned(
  bucket: Bucket,
  id: string,
  { content, expected }: SignedPlan,
): Promise<void> {
  const object = newObject(signedFile(id), 'application/json', content);
  try {
    await bucket.put(object, content, expected);
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // After a lost answer the SDK tries again, and finds what it wrote.
    const stored = await getSigned(bucket, id);
    if (stored?.body.equals(content)) return;
    throw new UserError(
      `somebody else replaced ${bucket.address}/${object.key} since this began: nothing went live; run it again`,
    );
  }
}

/** What is stored about a snapshot; undefined in snapshots of earlier versions. */
export async function getSigned(bucket: Bucket, id: string): Promise<StoredObject | undefined> {
  return await bucket.get(signedFile(id), MOST_STATEMENT_BYTES);
}

/**
 * What a statement says of a build.
 *
 * @throws {UserError} if the build has no `/catalog.json`
 */
export function describeBuild({ snapshot, manifest }: Pick<Build, 'snapshot' | 'manifest'>) {
  const { id, files } = snapshot;
  const catalog = files.find(({ path }) => path.endsWith('/api/catalog.json'));
  if (catalog === undefined) throw new UserError('the build has no /catalog.json: build it again');
  return { snapshot: id, manifest: digestOf(manifest), catalog: catalog.sha256 };
}

async function requireNewer(
  bucket: Bucket,
  { dir, snapshot, manifest, signed }: Build,
  liveId: string | null,
  pin: SnapshotPin,
): Promise<void> {
  const { id } = snapshot;
  const label = `${dir}/${signedFile(id)}`;
  const options = { ...pin, flag: '--snapshot-key' } as const;
  const text = signed?.toString() ?? '{"signed":null}';
  const own = await checkStatement(text, label, options);
  const described = describeBuild({ snapshot, manifest });
  if (!isDeepStrictEqual({ ...own, ...described }, own)) {
    throw distrusted({
      file: label,
      message: 'is about another build',
      remedy: `sign this one: npm run catalog -- sign ${dir} --key FILE`,
    });
  }
  const stored = liveId === null ? undefined : await getSigned(bucket, liveId);
  const before = stored?.body.toString();
  if (before === undefined || before === text) return;
  // Whoever can only write into the bucket must not keep us from publishing.
  const { site: _, ...ofAnySite } = options;
  const live = await checkStatement(before, '', { ...ofAnySite, mayBeExpired: true }).catch(
    (error: unknown) => {
      if (error instanceof UserError) return null;
      throw error;
    },
  );
  if (live === null || live.counter < own.counter) return;
  throw distrusted({
    file: label,
    message: `has the counter ${own.counter}, and that of the live snapshot ${liveId} is ${live.counter}: clients would take this for an old state, and keep what they have`,
    remedy: `sign it again: npm run catalog -- sign ${dir} --key FILE --counter ${live.counter + 1}`,
  });
}
