import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { explainWriteError, makeFolders } from '../files/explain-file-error.ts';
import { PartialFile } from './partial-file.ts';
import { request, type WebAnswer } from './request.ts';
import type { Web } from './web.ts';
import { WebError } from './web-error.ts';

export interface DownloadOptions {
  /** The file to write; it exists only once it is complete. */
  readonly file: string;
  readonly mostBytes: number;
  /** Makes the request conditional. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a part is kept where the connection ends, and continued by the next attempt or run. */
  readonly isResumable?: boolean;
  /** Called with what is announced to come, in bytes, at each attempt. */
  readonly onSize?: (bytes: number) => void;
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
  options: DownloadOptions,
): Promise<Download | null> {
  const { file, mostBytes, headers = {}, isResumable = false } = options;
  const part = new PartialFile(file, url);
  try {
    await makeFolders(path.dirname(file));
    await (isResumable ? part.claim() : part.discard());
    await part.removeLeftovers();
    const asked = async () => ({ ...headers, ...(isResumable ? await part.rangeHeaders() : {}) });
    const ask = () =>
      request(web, url, { mostBytes, headers: asked }, async (answer) => {
        if (answer.status === 304) return null;
        const startBytes = await part.startOf(answer, mostBytes);
        const download = await writeBody(answer, startBytes, part, options);
        await part.finish();
        return download;
      });
    return await ask().catch(async (error: unknown) => {
      if (!(error instanceof WebError && error.status === 416 && isResumable)) throw error;
      // The part is longer than the file.
      await part.discard();
      return await ask();
    });
  } catch (error) {
    const isKept = isResumable && error instanceof WebError && error.mayContinue;
    if (!isKept || !(await part.isContinuable())) await part.discard();
    throw explainWriteError(error, file);
  }
}

async function writeBody(
  { headers, chunks }: WebAnswer,
  startBytes: number,
  { partFile }: PartialFile,
  { onBytes = () => {}, onSize = () => {} }: DownloadOptions,
): Promise<Download> {
  const hash = createHash('sha256');
  let sizeBytes = startBytes;
  const announced = Number(headers.get('content-length') ?? 0);
  if (announced > 0) onSize(announced);
  if (startBytes > 0) {
    for await (const chunk of createReadStream(partFile)) hash.update(chunk as Buffer);
  }
  const handle = await open(partFile, 'a');
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
