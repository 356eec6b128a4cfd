import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A file to be written. */
export interface FileSource {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly contentType: string;
  /** Called when its turn has come, so that only the contents of files in flight are in memory. */
  readonly content: () => Buffer;
}

/** A file that was written, as `snapshot.json` lists it. */
export interface FileEntry {
  readonly path: string;
  /** Hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType: string;
}

/** Enough to keep the disk busy while the next file is put together. */
const FILES_IN_FLIGHT = 4;

/**
 * Writes files into a folder, making folders as needed. After a failure nothing more is written: the folder can be
 * removed without a file appearing in it again.
 *
 * @returns their entries, in the order of the paths
 */
export async function writeFiles(
  folder: string,
  sources: readonly FileSource[],
  onWritten: (entry: FileEntry) => void = () => {},
): Promise<FileEntry[]> {
  if (sources.length > 0) await mkdir(folder, { recursive: true });
  for (const parent of parentsOf(sources))
    await mkdir(path.join(folder, parent)).catch(ignoreExisting);
  const entries: FileEntry[] = [];
  const queue = each(sources);
  const writers = Array.from({ length: FILES_IN_FLIGHT }, async () => {
    for (const source of queue) {
      const entry = await writeSource(folder, source);
      entries.push(entry);
      onWritten(entry);
    }
  });
  for (const ended of await Promise.allSettled(writers)) {
    if (ended.status === 'rejected') throw ended.reason;
  }
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Every folder that files lie in, and those above, each once and after the one it lies in. */
function parentsOf(sources: readonly FileSource[]): string[] {
  const parents = new Set<string>();
  for (const source of sources) {
    for (let at = source.path.indexOf('/'); at >= 0; at = source.path.indexOf('/', at + 1)) {
      parents.add(source.path.slice(0, at));
    }
  }
  return [...parents];
}

function ignoreExisting(error: unknown) {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
}

/** Shared by those who take from it: who leaves its loop by an error ends it for all of them. */
function* each<Item>(items: readonly Item[]): Generator<Item> {
  yield* items;
}

async function writeSource(folder: string, source: FileSource): Promise<FileEntry> {
  const content = source.content();
  await writeFile(path.join(folder, source.path), content);
  return {
    path: source.path,
    sha256: createHash('sha256').update(content).digest('hex'),
    size: content.length,
    contentType: source.contentType,
  };
}
