import pLimit from 'p-limit';
import { digestOf } from '../lib/digests.ts';
import { readContent } from '../snapshot/read-content.ts';
import type { Bucket } from './aws/bucket.ts';
import type { Transfer } from './plan-upload.ts';
import type { Build } from './read-build.ts';
import { manifestKey, routerKey } from './records/object-keys.ts';

/** How far an upload has come. */
export interface UploadProgress {
  readonly done: number;
  readonly total: number;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** What goes into `upload`. */
export interface UploadOptions {
  readonly bucket: Bucket;
  readonly build: Build;
  readonly transfers: readonly Transfer[];
  /** How many objects are on their way at once. */
  readonly concurrency: number;
  readonly onProgress?: (progress: UploadProgress) => void;
}

/**
 * Brings a snapshot's missing files into the bucket, then its router and its manifest. After a failure nothing more is begun;
 * what arrived stays, and the next upload goes on from there.
 *
 * @throws {UserError} where a file of the build is not what its manifest says
 */
export async function upload(options: UploadOptions): Promise<void> {
  const { bucket, build, transfers, onProgress = () => {} } = options;
  const total = transfers.length;
  const totalBytes = transfers.reduce((sum, { file }) => sum + file.size, 0);
  let done = 0;
  let doneBytes = 0;
  const limit = pLimit({ concurrency: options.concurrency, rejectOnClear: true });
  const begun = transfers.map((transfer) =>
    limit(async () => {
      await transferFile(bucket, build, transfer);
      done++;
      doneBytes += transfer.file.size;
      onProgress({ done, total, doneBytes, totalBytes });
    }).catch((error: unknown) => {
      limit.clearQueue();
      throw error;
    }),
  );
  const ended = await Promise.allSettled(begun);
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
  await putMetadata(bucket, build);
}

async function transferFile(bucket: Bucket, build: Build, { file, from }: Transfer) {
  const object = { key: file.path, contentType: file.contentType, sha256: file.sha256 };
  if (from !== undefined && (await bucket.copy(from, object))) return;
  await bucket.put(object, await readContent(build.dir, file));
}

async function putMetadata(bucket: Bucket, { snapshot, router, manifest }: Build) {
  const code = Buffer.from(router);
  await bucket.put(
    {
      key: routerKey(snapshot.id),
      contentType: 'application/javascript',
      sha256: digestOf(code),
    },
    code,
  );
  await bucket.put(
    {
      key: manifestKey(snapshot.id),
      contentType: 'application/json',
      sha256: digestOf(manifest),
    },
    manifest,
  );
}
