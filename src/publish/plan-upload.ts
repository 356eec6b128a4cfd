import type { Snapshot } from '../site/write/snapshot.ts';
import type { FileEntry } from '../site/write/write-files.ts';
import type { ListedObject } from './aws/bucket.ts';
import { snapshotPrefix } from './records/object-keys.ts';

/** How a file gets into the bucket: sent, or copied from an object that has its contents already. */
export interface Transfer {
  readonly file: FileEntry;
  /** The object to copy. */
  readonly from?: string;
}

/** What a snapshot still needs. */
export interface UploadPlan {
  readonly transfers: readonly Transfer[];
  /** How many of its files are there. */
  readonly present: number;
}

/**
 * What is missing in the bucket. An object that is there is right: its key belongs to the snapshot, whose contents never
 * change, and the server checked their digest when they came. One of another size was tampered with, and is replaced.
 *
 * @param listed the objects that lie below the snapshot's prefix
 * @param base a snapshot that is there whole, such as the live one: what it has in common is copied
 */
export function planUpload(
  snapshot: Snapshot,
  listed: readonly ListedObject[],
  base: Snapshot | undefined,
): UploadPlan {
  const there = new Map(listed.map(({ key, sizeBytes }) => [key, sizeBytes]));
  const inBase = new Map(
    servedFiles(base).map((file) => [`${file.sha256} ${file.contentType}`, file.path]),
  );
  const files = servedFiles(snapshot);
  const missing = files.filter(({ path, size }) => there.get(path) !== size);
  return {
    transfers: missing.map((file) => {
      const from = inBase.get(`${file.sha256} ${file.contentType}`);
      return from === undefined ? { file } : { file, from };
    }),
    present: files.length - missing.length,
  };
}

/** The files of a build that go into the bucket; their paths are their keys. */
export function servedFiles(
  snapshot: Pick<Snapshot, 'id' | 'files'> | undefined,
): readonly FileEntry[] {
  if (snapshot === undefined) return [];
  const prefix = snapshotPrefix(snapshot.id);
  return snapshot.files.filter(({ path }) => path.startsWith(prefix));
}
