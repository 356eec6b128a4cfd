import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../../lib/digests.ts';
import { errorCode } from '../../lib/errors.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { SnapshotFile } from '../../snapshot/parse-snapshot.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { deflatePiece, joinGzip } from './gzip.ts';

/** A file to be written. */
export interface FileSource {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly contentType: string;
  /** Called when the file's turn comes, so that only the contents of files in flight are in memory. */
  readonly content: () => Buffer;
  /** The same as a gzip file; called where the file is to be compressed and large enough to gain by it. */
  readonly gzip?: () => Buffer;
}

export interface WriteFilesOptions {
  /** The forms to write; a file that gzip does not make smaller is always written plain. Default: `off`. */
  readonly compress?: BuildSettings['compress'];
  readonly onWritten?: (entry: SnapshotFile) => void;
}

/** Enough to keep the disk busy while the next file is put together. */
const FILES_IN_FLIGHT = 4;

/** Below this, gzip saves less than the headers that announce it. */
const MINIMUM_GZIP_BYTES = 1024;

/** The files in which a content is stored, and their bytes. */
export function storedAs(
  compress: BuildSettings['compress'],
  size: number,
  gzipSize: () => number,
): { files: number; bytes: number } {
  const gzip = compress === 'off' || size < MINIMUM_GZIP_BYTES ? size : gzipSize();
  if (gzip >= size) return { files: 1, bytes: size };
  return compress === 'both' ? { files: 2, bytes: size + gzip } : { files: 1, bytes: gzip };
}

/** A file whose contents are in memory already. */
export function fileSource({ path, contentType, content: given }: SiteFile): FileSource {
  const content = Buffer.from(given);
  return {
    path,
    contentType,
    content: () => content,
    gzip: () => joinGzip([deflatePiece(content)]),
  };
}

/**
 * Writes files into a folder, making folders as needed. After a failure nothing more is written: the folder can be
 * removed without a file appearing in it again.
 *
 * @returns their entries, in the order of the paths
 */
export async function writeFiles(
  folder: string,
  sources: readonly FileSource[],
  { compress = 'off', onWritten }: WriteFilesOptions = {},
): Promise<SnapshotFile[]> {
  if (sources.length > 0) await mkdir(folder, { recursive: true });
  for (const parent of parentsOf(sources)) {
    await mkdir(path.join(folder, parent)).catch(ignoreExisting);
  }
  const entries: SnapshotFile[] = [];
  const queue = each(sources);
  const writers = Array.from({ length: FILES_IN_FLIGHT }, async () => {
    for (const source of queue) {
      const entry = await writeSource(folder, source, compress);
      entries.push(entry);
      onWritten?.(entry);
    }
  });
  for (const ended of await Promise.allSettled(writers)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
  return sortByPath(entries);
}

/** The entry of a file that is written plain. */
export function entryOf({ path, contentType, content }: FileSource): SnapshotFile {
  return { path, ...describe(content()), contentType };
}

/** The order in which `snapshot.json` lists files, and in which they count for its id. */
export function sortByPath(entries: readonly SnapshotFile[]): SnapshotFile[] {
  return [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every folder that contains files, directly or not, each once and after its parent. */
function parentsOf(sources: readonly FileSource[]): Set<string> {
  const parents = new Set<string>();
  for (const source of sources) {
    for (let at = source.path.indexOf('/'); at >= 0; at = source.path.indexOf('/', at + 1)) {
      parents.add(source.path.slice(0, at));
    }
  }
  return parents;
}

function ignoreExisting(error: unknown) {
  if (errorCode(error) !== 'EEXIST') throw error;
}

/** Shared by several loops: an error in one of them ends it for all. */
function* each<Item>(items: readonly Item[]): Generator<Item> {
  yield* items;
}

async function writeSource(
  folder: string,
  source: FileSource,
  compress: BuildSettings['compress'],
): Promise<SnapshotFile> {
  const content = source.content();
  const gzip = compress === 'off' ? undefined : gainingGzip(source, content.length);
  const file = path.join(folder, source.path);
  if (gzip === undefined || compress === 'both') await writeFile(file, content);
  if (gzip !== undefined) await writeFile(`${file}.gz`, gzip);
  return {
    path: source.path,
    ...describe(content),
    contentType: source.contentType,
    ...(gzip && { gzip: describe(gzip) }),
  };
}

/** The gzip form of a file; undefined where it is not smaller. */
function gainingGzip(source: FileSource, size: number): Buffer | undefined {
  if (size < MINIMUM_GZIP_BYTES) return undefined;
  const gzip = source.gzip?.();
  return gzip !== undefined && gzip.length < size ? gzip : undefined;
}

function describe(bytes: Buffer) {
  return { sha256: digestOf(bytes), size: bytes.length };
}
