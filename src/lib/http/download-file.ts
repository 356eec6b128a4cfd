import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { explainWriteError, makeFolders } from '../files/explain-file-error.ts';
import { nextPath, removeLeftovers } from '../files/replace-file.ts';
import { request, type WebAnswer } from './request.ts';
import type { Web } from './web.ts';

export interface DownloadOptions {
  /** The file to write; it exists only once it is complete. */
  readonly file: string;
  readonly mostBytes: number;
  /** Makes the request conditional. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with the size of each piece that has come. */
  readonly onBytes?: (bytes: number) => void;
}

/** A file that was downloaded. */
export interface Download {
  /** Hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Empty if the server names none. */
  readonly etag: string;
}

/**
 * Downloads a URL to a file, atomically.
 *
 * @returns null if the request was conditional and the server answers that nothing has changed
 * @throws {WebError} if it cannot be downloaded
 * @throws {UserError} if it cannot be written
 */
export async function downloadFile(
  web: Web,
  url: string,
  { file, mostBytes, headers = {}, onBytes = () => {} }: DownloadOptions,
): Promise<Download | null> {
  const next = nextPath(file);
  try {
    await makeFolders(path.dirname(file));
    await removeLeftovers(file);
    return await request(web, url, { mostBytes, headers }, async (answer) => {
      if (answer.status === 304) return null;
      const download = await writeBody(answer, next, onBytes);
      await rename(next, file);
      return download;
    });
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw explainWriteError(error, file);
  }
}

async function writeBody(
  { headers, chunks }: WebAnswer,
  file: string,
  onBytes: (bytes: number) => void,
): Promise<Download> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await open(file, 'w');
  try {
    for await (const chunk of chunks) {
      await handle.writeFile(chunk);
      hash.update(chunk);
      sizeBytes += chunk.length;
      onBytes(chunk.length);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes, etag: headers.get('etag') ?? '' };
}
