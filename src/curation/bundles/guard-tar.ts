import { Transform } from 'node:stream';
import { ArchiveError } from './archive-error.ts';

const BLOCK = 512;
/** Limit of a header longer than a block: servers read no more (Go's archive/tar). */
const LONGEST_HEADER = 1024 ** 2;

/**
 * Lets a tar archive pass up to its first end, two empty blocks, as servers read it. The library that lists the entries would
 * continue, and interprets some sizes and names differently: whatever it would read differently ends the stream.
 *
 * @param onGlobalHeader called for each header for all of the archive, which the library skips silently
 * @throws {ArchiveError} as the error of the stream
 */
export function guardTar(onGlobalHeader: () => void): Transform {
  const headers = readHeaders(onGlobalHeader);
  let carried: Buffer = Buffer.alloc(0);
  let dataBytes = 0;
  let hasEnded = false;

  /** The length of the part of `bytes` that is known so far to belong to the archive. */
  const measure = (bytes: Buffer): number => {
    let at = 0;
    while (at < bytes.length) {
      const passing = Math.min(dataBytes, bytes.length - at);
      headers.takeData(bytes.subarray(at, at + passing));
      dataBytes -= passing;
      at += passing;
      const header = bytes.subarray(at, at + BLOCK);
      if (header.length < BLOCK || dataBytes > 0) break;
      const isEmpty = isZero(header);
      // The next block shows whether it is the end.
      if (isEmpty && bytes.length - at < 2 * BLOCK) break;
      if (isEmpty && isZero(bytes.subarray(at + BLOCK, at + 2 * BLOCK))) {
        hasEnded = true;
        return at + 2 * BLOCK;
      }
      if (!isEmpty) dataBytes = Math.ceil(headers.takeHeader(header) / BLOCK) * BLOCK;
      at += BLOCK;
    }
    return at;
  };

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (hasEnded) return done();
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
      let length: number;
      try {
        length = measure(bytes);
      } catch (error) {
        return done(error as Error);
      }
      carried = hasEnded ? Buffer.alloc(0) : bytes.subarray(length);
      done(null, bytes.subarray(0, length));
    },
    flush(done) {
      done(null, carried);
    },
  });
}

function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/** Headers whose data describe the next entry, or all: a long name or target (GNU), records (PAX). */
const LONG_HEADERS = 'LKxg';
/** Links, devices, folders and pipes: servers read no data after them, whatever size they give. */
const HEADER_ONLY = '123456';

/** Goes through the headers of an archive, and returns how many bytes follow each. */
function readHeaders(onGlobalHeader: () => void) {
  let long: { readonly type: string; readonly chunks: Buffer[]; missing: number } | null = null;
  // Attributes of the next entry.
  let records: ReadonlyMap<string, string> = new Map();
  let hasLongName = false;

  return {
    takeHeader(header: Buffer): number {
      if (!isSummed(header)) throw new ArchiveError('is not a tar archive inside');
      const type = String.fromCharCode(header[156] || '0'.charCodeAt(0));
      const sizeBytes = sizeOf(header);
      if (LONG_HEADERS.includes(type)) {
        if (type === 'g') onGlobalHeader();
        if (sizeBytes === 0 || sizeBytes > LONGEST_HEADER) {
          throw new ArchiveError(
            `holds a header of ${sizeBytes} bytes, and servers read ${LONGEST_HEADER} at most`,
          );
        }
        long = { type, chunks: [], missing: sizeBytes };
        return sizeBytes;
      }
      if (hasLongName && records.has('path')) throw new ArchiveError('names an entry twice');
      // An older mark of long names, and the maps of sparse files, which go on in blocks of their own.
      const isForeign = type === 'N' || (type === 'S' && header[482] !== 0);
      if (isForeign) throw new ArchiveError(`holds an entry of the kind "${type}"`);
      const given = sizeOfRecords(records) ?? sizeBytes;
      records = new Map();
      hasLongName = false;
      if (!HEADER_ONLY.includes(type)) return given;
      if (given > 0 && type !== '5')
        throw new ArchiveError('holds a link or a device with contents');
      return 0;
    },
    takeData(data: Buffer) {
      if (long === null) return;
      long.chunks.push(data.subarray(0, long.missing));
      long.missing -= Math.min(long.missing, data.length);
      if (long.missing > 0) return;
      const { type, chunks } = long;
      long = null;
      if (type === 'L') hasLongName = true;
      else if (type === 'x') records = parseRecords(Buffer.concat(chunks));
      else if (type === 'g') refuseGlobal(parseRecords(Buffer.concat(chunks)));
    },
  };
}

/** Servers do not apply them to the entries that follow. */
function refuseGlobal(records: ReadonlyMap<string, string>) {
  const key = ['path', 'linkpath', 'size'].find((name) => records.has(name));
  if (key !== undefined) throw new ArchiveError(`has a header that sets the ${key} of every entry`);
}

/** Records of PAX: `25 path=a/long/name…\n`, the length of the whole first. */
function parseRecords(bytes: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const [, digits = ''] = /^([1-9]\d*) /.exec(bytes.toString('latin1', at, at + 9)) ?? [];
    const end = at + Number(digits);
    const record = bytes.toString('utf8', at + digits.length + 1, end - 1);
    const isWhole = digits !== '' && bytes[end - 1] === '\n'.charCodeAt(0);
    const [, key, value] = (isWhole && /^([^=]+)=(.*)$/s.exec(record)) || [];
    if (key === undefined || value === undefined) {
      throw new ArchiveError('holds a PAX header that cannot be read');
    }
    if (key.startsWith('GNU.sparse.')) throw new ArchiveError('holds a sparse file');
    records.set(key, value);
    at = end;
  }
  return records;
}

/** Undefined if there is none; an empty one resets it. */
function sizeOfRecords(records: ReadonlyMap<string, string>): number | undefined {
  const size = records.get('size') ?? '';
  return size === '' ? undefined : toSize(size, /^\d+$/.test(size) ? Number(size) : Number.NaN);
}

/** The size of what follows a header: octal digits, or a number of eleven bytes if the first byte marks it. */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136);
  if (((field[0] as number) & 0x80) !== 0) {
    const isSmall = field[0] === 0x80 && isZero(field.subarray(1, 4));
    return toSize(
      `0x${field.toString('hex')}`,
      isSmall ? Number(field.readBigUInt64BE(4)) : Number.NaN,
    );
  }
  const digits = field.toString('latin1').replace(/^[\0 ]+|[\0 ]+$/g, '');
  return toSize(digits, /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN);
}

function toSize(written: string, bytes: number): number {
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new ArchiveError(`holds an entry whose size is ${JSON.stringify(written.slice(0, 40))}`);
}

/** The checksum counts its own eight bytes as blanks. */
function isSummed(header: Buffer): boolean {
  const sum = header.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
  const written = header.toString('latin1', 148, 156).replace(/^[\0 ]+|[\0 ]+$/g, '');
  return /^[0-7]+$/.test(written) && Number.parseInt(written, 8) === sum;
}
