import pLimit from 'p-limit';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import type { Bucket, StoredFile } from '../aws/target.ts';

/** So many problems are shown. */
const PROBLEMS_SHOWN = 5;

/**
 * Compares what is stored with the digests in the manifest. Stores other than Amazon's may have checked none when it arrived.
 *
 * @param concurrency how many objects are read at once
 * @throws {UserError} with files that are missing or have other contents
 */
export async function checkDigests(
  bucket: Bucket,
  files: readonly StoredFile[],
  concurrency: number,
): Promise<void> {
  const keys = files.map(({ key }) => key);
  const digests = await (bucket.digests?.(keys) ?? readDigests(bucket, files, concurrency));
  const wrong = files.filter(({ key, sha256 }) => digests.get(key) !== sha256);
  if (wrong.length === 0) return;
  throw new UserError(
    `${wrong.length} of ${files.length} files in ${bucket.address} are missing or damaged: nothing went live; remove them there, and deploy again`,
    wrong.slice(0, PROBLEMS_SHOWN).map(({ key }) => ({
      level: 'error',
      file: key,
      message: digests.has(key) ? 'does not have the digest in the manifest' : 'is missing',
    })),
  );
}

async function readDigests(bucket: Bucket, files: readonly StoredFile[], concurrency: number) {
  const digests = new Map<string, string>();
  const read = async ({ key, size }: StoredFile) => {
    // Whatever is larger is damaged.
    const stored = await bucket.get(key, size).catch((error: unknown) => {
      if (error instanceof UserError) return { body: '' };
      throw error;
    });
    if (stored) digests.set(key, digestOf(stored.body));
  };
  await pLimit(concurrency).map(files, read);
  return digests;
}
