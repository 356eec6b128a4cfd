import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { errorCode } from '../../lib/errors.ts';
import { type ArchiveEntry, entryPath } from '../../mattermost/install/archive.ts';
import { ArchiveError } from './archive-error.ts';
import type { BundleLimits } from './bundle-limits.ts';
import { guardTar } from './guard-tar.ts';

/** The contents of an archive. */
export interface ArchiveContents {
  /** In their order. */
  readonly entries: readonly ArchiveEntry[];
  /** The requested files, by their paths; of a repeated one the last, as on servers. */
  readonly wanted: ReadonlyMap<string, Buffer>;
}

/**
 * Reads a `.tar.gz` from beginning to end without unpacking it: lists its entries, and keeps those files for which `wants`
 * gives the bytes that they may have.
 *
 * @throws {ArchiveError} where it is damaged or too large
 */
export async function walkArchive(
  compressed: Readable,
  limits: BundleLimits,
  wants: (path: string, sizeBytes: number) => number | undefined,
): Promise<ArchiveContents> {
  // The oldest tar format has no magic number.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const { countCompressed, countUnpacked } = countBytes(limits);
  const listed: ArchiveEntry[] = [];
  const list = (entry: ArchiveEntry) => {
    listed.push(entry);
    if (listed.length > limits.entries) {
      throw new ArchiveError(`holds more than ${limits.entries} files`);
    }
  };
  const guard = guardTar(() => list(GLOBAL_HEADER));
  const flow = pipeline(compressed, countCompressed, createGunzip(), countUnpacked, guard, entries);
  // Whichever fails first ends the other; its reason is the one that counts.
  const [walked, flowed] = await Promise.allSettled([collect(entries, list, wants), flow]);
  const reasons = [walked, flowed].flatMap((ended) =>
    ended.status === 'rejected' ? [ended.reason] : [],
  );
  const reason = reasons.find((error) => error instanceof ArchiveError) ?? reasons[0];
  if (reason !== undefined) throw explain(reason);
  const { value: wanted } = walked as PromiseFulfilledResult<Map<string, Buffer>>;
  return { entries: listed, wanted };
}

/** What the library that lists entries does not report. */
const GLOBAL_HEADER: ArchiveEntry = {
  name: 'pax_global_header',
  type: 'pax-global-header',
  mode: 0,
  sizeBytes: 0,
};

async function collect(
  entries: Extract,
  list: (entry: ArchiveEntry) => void,
  wants: (path: string, sizeBytes: number) => number | undefined,
): Promise<Map<string, Buffer>> {
  const wanted = new Map<string, Buffer>();
  for await (const entry of entries) {
    const { name, type, mode = 0, size: sizeBytes = 0 } = entry.header;
    list({ name, type: type ?? null, mode, sizeBytes });
    const path = type === 'file' ? entryPath(name) : null;
    const mostBytes = path === null ? undefined : wants(path, sizeBytes);
    if (path === null || mostBytes === undefined) entry.resume();
    else if (sizeBytes > mostBytes)
      throw new ArchiveError(`holds a ${path} of more than ${mostBytes} bytes`);
    else wanted.set(path, await readWhole(entry));
  }
  return wanted;
}

async function readWhole(entry: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of entry) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function countBytes(limits: BundleLimits) {
  let compressed = 0;
  let unpacked = 0;
  const check = (): ArchiveError | null => {
    if (compressed > limits.compressedBytes) {
      return new ArchiveError(`has more than ${limits.compressedBytes} bytes`);
    }
    if (unpacked > limits.unpackedBytes) {
      return new ArchiveError(`unpacks to more than ${limits.unpackedBytes} bytes`);
    }
    if (unpacked > limits.ratioFromBytes && unpacked > compressed * limits.ratio) {
      return new ArchiveError(`unpacks to more than ${limits.ratio} times its size`);
    }
    return null;
  };
  const counting = (add: (bytes: number) => void) =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        add(chunk.length);
        done(check(), chunk);
      },
    });
  return {
    countCompressed: counting((bytes) => {
      compressed += bytes;
    }),
    countUnpacked: counting((bytes) => {
      unpacked += bytes;
    }),
  };
}

/** An error of reading the file stays as it is; every other one is of the archive, whatever the libraries call it. */
function explain(error: unknown): unknown {
  if (error instanceof ArchiveError || !(error instanceof Error) || 'syscall' in error)
    return error;
  const code = errorCode(error);
  if (code === 'Z_BUF_ERROR' || /^Unexpected end of data/.test(error.message)) {
    return new ArchiveError('ends too early');
  }
  if (code.startsWith('Z_')) return new ArchiveError('is damaged, or is not a .tar.gz');
  return new ArchiveError(`cannot be read: ${error.message}`);
}
