import pLimit from 'p-limit';
import {
  type Bucket,
  type ListedObject,
  newObject,
  type StoredFile,
  type Transfer,
} from './aws/target.ts';
import type { Build } from './read-build.ts';
import { isBuildName, manifestKey, routerKey } from './records/object-keys.ts';

/** The files that a snapshot still needs. */
export interface UploadPlan {
  readonly transfers: readonly Transfer[];
  /** How many of its files are in the bucket. */
  readonly present: number;
}

/** How far an upload is. */
export interface UploadProgress {
  readonly done: number;
  readonly total: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** The options of `upload`. */
export interface UploadOptions {
  readonly bucket: Bucket;
  readonly build: Build;
  readonly transfers: readonly Transfer[];
  /** How many requests run at once. */
  readonly concurrency: number;
  readonly onProgress?: (progress: UploadProgress) => void;
}

/**
 * Lists the files that are missing in the bucket. Objects in it are right: the contents of a snapshot never change, and the
 * server checked their digests on arrival. An object of another size was tampered with and is replaced.
 *
 * @param listed the objects in the folders of the build
 * @param base of a complete snapshot, such as the live one: what both have in common is copied
 */
export function planUpload(
  files: readonly StoredFile[],
  listed: readonly ListedObject[],
  base: readonly StoredFile[],
): UploadPlan {
  const contentOf = ({ sha256, contentType }: StoredFile) => `${sha256} ${contentType}`;
  const inBase = new Map(base.map((file) => [contentOf(file), file.key]));
  const missing = findMissing(files, listed);
  return {
    transfers: missing.map((file) => {
      const from = inBase.get(contentOf(file));
      return from === undefined || from === file.key ? { file } : { file, from };
    }),
    present: files.length - missing.length,
  };
}

/** The files that are not among some objects, or of another size there. */
export function findMissing(
  files: readonly StoredFile[],
  listed: readonly ListedObject[],
): StoredFile[] {
  const sizes = new Map(listed.map(({ key, sizeBytes }) => [key, sizeBytes]));
  return files.filter(({ key, size }) => sizes.get(key) !== size);
}

/**
 * Uploads a snapshot's missing files. After a failure no other upload begins; what arrived stays, and the next upload resumes
 * there.
 *
 * @throws {UserError} if a file of the build does not match its manifest
 */
export async function upload(options: UploadOptions): Promise<void> {
  const { bucket, build, transfers, onProgress = () => {} } = options;
  const total = transfers.length;
  const totalBytes = transfers.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  let doneBytes = 0;
  const onStored = ({ size }: StoredFile) => {
    done++;
    doneBytes += size;
    onProgress({ done, total, doneBytes, totalBytes });
  };
  if (bucket.send) return await bucket.send(build.dir, transfers, onStored);
  const limit = pLimit({ concurrency: options.concurrency, rejectOnClear: true });
  const begun = transfers.map((transfer) =>
    limit(async () => {
      await transferFile(bucket, build, transfer);
      onStored(transfer.file);
    }).catch((error: unknown) => {
      limit.clearQueue();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(begun);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Records a snapshot of which everything is there: with its manifest it counts as complete. */
export async function recordSnapshot(bucket: Bucket, build: Build): Promise<void> {
  const { id } = build.snapshot;
  if (!isBuildName(build.router)) {
    const router = Buffer.from(build.router);
    await bucket.put(newObject(routerKey(id), 'application/javascript', router), router);
  }
  await bucket.put(newObject(manifestKey(id), 'application/json', build.manifest), build.manifest);
}

async function transferFile(bucket: Bucket, build: Build, { file, from }: Transfer) {
  if (from !== undefined && (await bucket.copy(from, file))) return;
  await bucket.put(file, await build.read(file));
}
