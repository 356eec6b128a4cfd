import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import { type ArchiveEntry, entryPath } from '../../mattermost/archive.ts';
import type { BundleLimits } from './bundle-limits.ts';
import { untilTarEnd } from './tar-end.ts';

/** What an archive holds. */
export interface ArchiveContents {
  /** In their order. */
  readonly entries: readonly ArchiveEntry[];
  /** The files that were wanted, by their paths; of one that is there twice the later one, as servers have it. */
  readonly wanted: ReadonlyMap<string, Buffer>;
}

/** Why an archive is not to be trusted; the message completes `the bundle …`. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
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
  // The oldest form of tar has no mark of its own.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const { countCompressed, countUnpacked } = countBytes(limits);
  const listed: ArchiveEntry[] = [];
  const end = untilTarEnd(() => listed.push(GLOBAL_HEADER));
  const flow = pipeline(compressed, countCompressed, createGunzip(), countUnpacked, end, entries);
  // Whichever fails first ends the other; its reason is the one that counts.
  const [walked, flowed] = await Promise.allSettled([
    collect(entries, listed, { limits, wants }),
    flow,
  ]);
  const reasons = [walked, flowed].flatMap((ended) =>
    ended.status === 'rejected' ? [ended.reason] : [],
  );
  const reason = reasons.find((error) => error instanceof ArchiveError) ?? reasons[0];
  if (reason !== undefined) throw explain(reason);
  return (walked as PromiseFulfilledResult<ArchiveContents>).value;
}

/** What the library that lists entries does not tell of. */
const GLOBAL_HEADER: ArchiveEntry = {
  name: 'pax_global_header',
  type: 'pax-global-header',
  mode: 0,
  sizeBytes: 0,
};

async function collect(
  entries: Extract,
  listed: ArchiveEntry[],
  {
    limits,
    wants,
  }: {
    readonly limits: BundleLimits;
    readonly wants: (path: string, sizeBytes: number) => number | undefined;
  },
): Promise<ArchiveContents> {
  const wanted = new Map<string, Buffer>();
  for await (const entry of entries) {
    const { name, type, mode = 0, size: sizeBytes = 0 } = entry.header;
    listed.push({ name, type: type ?? null, mode, sizeBytes });
    if (listed.length > limits.entries) {
      throw new ArchiveError(`holds more than ${limits.entries} files`);
    }
    const path = type === 'file' ? entryPath(name) : null;
    const mostBytes = path === null ? undefined : wants(path, sizeBytes);
    if (path === null || mostBytes === undefined) entry.resume();
    else if (sizeBytes > mostBytes)
      throw new ArchiveError(`holds a ${path} of more than ${mostBytes} bytes`);
    else wanted.set(path, await readWhole(entry));
  }
  return { entries: listed, wanted };
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

/** Anything but an error of the archive is one of reading it, and stays as it is. */
function explain(error: unknown): unknown {
  if (error instanceof ArchiveError || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'Z_BUF_ERROR') return new ArchiveError('ends too early');
  if (code.startsWith('Z_')) return new ArchiveError('is damaged, or no .tar.gz at all');
  if (/^Unexpected end of data/.test(error.message)) return new ArchiveError('ends too early');
  if (/^(Invalid tar|Invalid PAX)/i.test(error.message)) {
    return new ArchiveError('is no tar archive inside');
  }
  return error;
}
