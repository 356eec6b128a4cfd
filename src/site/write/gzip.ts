import zlib from 'node:zlib';

/** A text compressed by itself, ready to be joined with others into a gzip file. */
export interface DeflatedPiece {
  /** Deflate blocks (RFC 1951) that end at a byte boundary; none of them is the final one. */
  readonly blocks: Uint8Array;
  /** Bytes of the text. */
  readonly size: number;
  /** The size of the text. */
  readonly crc32: number;
  /** The effect of appending the text on a CRC-32, for `combineCrc32`. */
  readonly crc32Shift: number;
}

/**
 * Compresses a text so that its blocks can be joined with others.
 *
 * @param before the text right before it in every file that uses the blocks, which may refer to the last 32 KB of it
 */
export function deflatePiece(text: Buffer, before: Buffer = Buffer.alloc(0)): DeflatedPiece {
  const blocks = zlib.deflateRawSync(text, {
    level: zlib.constants.Z_BEST_COMPRESSION,
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    // zlib rejects an empty dictionary.
    ...(before.length > 0 && { dictionary: before }),
  });
  return {
    // Copied, because zlib returns a view of a larger block.
    blocks: new Uint8Array(blocks),
    size: text.length,
    crc32: zlib.crc32(text),
    crc32Shift: crc32Shift(text.length),
  };
}

/** RFC 1952: deflate, no name, no time, best compression, unknown system, so that equal pieces make equal files anywhere. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);

const EMPTY_FINAL_BLOCK = Buffer.from([3, 0]);

/**
 * Joins pieces, without compressing them again, into a gzip file of one member with their texts.
 *
 * @param pieces each after the text that it was compressed for
 */
export function joinGzip(pieces: readonly DeflatedPiece[]): Buffer {
  let crc32 = 0;
  let size = 0;
  for (const piece of pieces) {
    crc32 = combineCrc32(crc32, piece.crc32, piece.crc32Shift);
    size += piece.size;
  }
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc32, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  return Buffer.concat([HEADER, ...pieces.map(({ blocks }) => blocks), EMPTY_FINAL_BLOCK, trailer]);
}

/** Bytes of the file that `joinGzip` makes. */
export function sizeOfGzip(pieces: readonly DeflatedPiece[]): number {
  const ends = HEADER.length + EMPTY_FINAL_BLOCK.length + 8;
  return pieces.reduce((sum, { blocks }) => sum + blocks.length, ends);
}

/** The polynomials of CRC-32 are bit-reversed: 1 is the highest bit, and x^8 lies eight below. */
const ONE = 0x80000000;
const X_TO_THE_8 = 0x00800000;

/** The polynomial of CRC-32 without its x^32. */
const POLYNOMIAL = 0xedb88320;

/** The factor by which appending so many bytes multiplies a CRC-32: x^(8 · sizeBytes), modulo the polynomial. */
export function crc32Shift(sizeBytes: number): number {
  let shift = ONE;
  let power = X_TO_THE_8;
  for (let rest = sizeBytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) shift = multiply(shift, power);
    power = multiply(power, power);
  }
  return shift;
}

/**
 * The CRC-32 of two texts, one after the other, from the CRC-32 of each.
 *
 * @param shift `crc32Shift` of the second one's size
 */
export function combineCrc32(first: number, second: number, shift: number): number {
  return (multiply(first, shift) ^ second) >>> 0;
}

/** The product of two polynomials over GF(2), modulo the polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= shifted;
    shifted = (shifted >>> 1) ^ (shifted & 1 ? POLYNOMIAL : 0);
  }
  return product >>> 0;
}
