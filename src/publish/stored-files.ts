import { digestOf } from '../lib/digests.ts';
import {
  type FileList,
  type Snapshot,
  servedFiles,
  snapshotFolder,
} from '../snapshot/parse-snapshot.ts';
import { MANIFEST } from '../snapshot/read-snapshot.ts';
import type { Bucket, ListedObject, StoredFile } from './aws/target.ts';
import { isBuildName } from './records/object-keys.ts';

/** What CloudFront serves of a snapshot: the plain files. Their paths are their keys. */
export function plainFiles(snapshot: Pick<FileList, 'id' | 'files'>): StoredFile[] {
  return servedFiles(snapshot).map(({ path, sha256, size, contentType }) => ({
    key: path,
    path,
    sha256,
    size,
    contentType,
  }));
}

/** The name of a build in a store that hosts read: two builds of one snapshot may have other files in `edge/`. */
export function buildName({ id }: Pick<Snapshot, 'id'>, manifest: Buffer): string {
  return `builds/${id}-${digestOf(manifest).slice(0, 16)}`;
}

/**
 * What hosts read of a build: the files of the snapshot in the forms that the build has them, and beside all snapshots, in a folder
 * of its own, its manifest and the rest.
 */
export function hostFiles(snapshot: FileList, manifest: Buffer): StoredFile[] {
  const folder = buildName(snapshot, manifest);
  const served = new Set(servedFiles(snapshot));
  const own = [
    ...snapshot.files.filter((file) => !served.has(file)),
    {
      path: MANIFEST,
      sha256: digestOf(manifest),
      size: manifest.length,
      contentType: 'application/json',
    },
  ];
  return [
    ...formFiles(snapshot),
    ...own.map(({ path, sha256, size, contentType }) => ({
      key: `${folder}/${path}`,
      path,
      sha256,
      size,
      contentType,
    })),
  ];
}

/** The served files in the forms that the build has them. */
export function formFiles(snapshot: FileList): StoredFile[] {
  return servedFiles(snapshot).flatMap(({ path, sha256, size, contentType, gzip }) => {
    const plain = { key: path, path, sha256, size, contentType };
    if (gzip === undefined) return [plain];
    const packed = `${path}.gz`;
    const form = { key: packed, path: packed, ...gzip, contentType: 'application/gzip' };
    return snapshot.compress === 'gzip' ? [form] : [plain, form];
  });
}

/** The objects in the folders that a router reads. */
export async function listRead(bucket: Bucket, id: string, code: string): Promise<ListedObject[]> {
  const folders = [snapshotFolder(id), ...(isBuildName(code) ? [`${code}/`] : [])];
  return (await Promise.all(folders.map((folder) => bucket.list(folder)))).flat();
}
