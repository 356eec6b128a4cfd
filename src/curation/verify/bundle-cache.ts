import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { digestOf } from '../../lib/digests.ts';
import { replaceFile } from '../../lib/files/replace-file.ts';
import { downloadFile } from '../../lib/http/download-file.ts';
import { ENTITY_TAG, type Web } from '../../lib/http/web.ts';
import { BUNDLE_LIMITS } from '../bundles/bundle-limits.ts';

/** A folder of bundles that were downloaded before, each under the digest of its URL. */
export interface BundleCache {
  /**
   * The file with the current content of a URL. If it was downloaded before, asks the server only whether it has changed.
   *
   * @throws {WebError} if it cannot be downloaded
   * @throws {UserError} if it cannot be written
   */
  readonly fetch: (url: string, onBytes: (bytes: number) => void) => Promise<string>;
}

/** The record of a cached file. */
const cacheRecord = z.object({
  url: z.string(),
  etag: z.string().regex(ENTITY_TAG),
  sizeBytes: z.int().min(0),
});

type CacheRecord = z.infer<typeof cacheRecord>;

export function openBundleCache(folder: string, web: Web): BundleCache {
  return {
    fetch: async (url, onBytes) => {
      const name = digestOf(url);
      const file = path.join(folder, `${name}.tar.gz`);
      const recordFile = path.join(folder, `${name}.json`);
      const known = await readRecord(recordFile, file, url);
      const headers = known ? { 'if-none-match': known.etag } : {};
      const mostBytes = BUNDLE_LIMITS.compressedBytes;
      const download = await downloadFile(web, url, { file, mostBytes, headers, onBytes });
      if (download !== null) {
        const { etag, sizeBytes } = download;
        const record: CacheRecord = { url, etag, sizeBytes };
        await replaceFile(recordFile, `${JSON.stringify(record)}\n`);
      }
      return file;
    },
  };
}

/** Undefined where the file is not the one that was downloaded last, or the server gave no name to its contents. */
async function readRecord(
  recordFile: string,
  file: string,
  url: string,
): Promise<CacheRecord | undefined> {
  try {
    const record = cacheRecord.parse(JSON.parse(await readFile(recordFile, 'utf8')));
    const { size } = await stat(file);
    return record.url === url && record.sizeBytes === size ? record : undefined;
  } catch {
    return undefined;
  }
}
