import { Transform } from 'node:stream';

const BLOCK = 512;
/** A header that holds for all that follow; `git archive` writes one. */
const GLOBAL_HEADER = 'g'.charCodeAt(0);

/**
 * Lets a tar archive pass up to its first end, two empty blocks, as servers read it; the library that lists the entries would
 * go on, and passes over headers for all of the archive without a word.
 *
 * @param onGlobalHeader called for each of those
 */
export function untilTarEnd(onGlobalHeader: () => void): Transform {
  let carried: Buffer = Buffer.alloc(0);
  let dataBytes = 0;
  let hasEnded = false;

  /** The length of what belongs to the archive at the beginning of `bytes`, as far as that can be told by now. */
  const measure = (bytes: Buffer): number => {
    let at = 0;
    while (at < bytes.length) {
      const passing = Math.min(dataBytes, bytes.length - at);
      dataBytes -= passing;
      at += passing;
      const header = bytes.subarray(at, at + BLOCK);
      if (header.length < BLOCK || dataBytes > 0) break;
      const isEmpty = isZero(header);
      // Whether it is the end, the next block tells.
      if (isEmpty && bytes.length - at < 2 * BLOCK) break;
      if (isEmpty && isZero(bytes.subarray(at + BLOCK, at + 2 * BLOCK))) {
        hasEnded = true;
        return at + 2 * BLOCK;
      }
      if (header[156] === GLOBAL_HEADER) onGlobalHeader();
      dataBytes = Math.ceil(sizeOf(header) / BLOCK) * BLOCK;
      at += BLOCK;
    }
    return at;
  };

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (hasEnded) return done();
      const bytes = carried.length === 0 ? chunk : Buffer.concat([carried, chunk]);
      const length = measure(bytes);
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

/** The size of what follows a header: octal digits, or a number of eight bytes where the first bit says so. */
function sizeOf(header: Buffer): number {
  const field = header.subarray(124, 136);
  // Only files do: a folder or a link may give a size, and nothing follows.
  if (HEADER_ONLY.includes(String.fromCharCode(header[156] as number))) return 0;
  if (((field[0] as number) & 0x80) !== 0) return Number(field.readBigUInt64BE(4));
  return Number.parseInt(field.toString('latin1').replace(/[\0 ]+$/, ''), 8) || 0;
}

/** Links, devices, folders and pipes. */
const HEADER_ONLY = '123456';
