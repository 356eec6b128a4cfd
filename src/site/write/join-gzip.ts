import { combineCrc32 } from './crc32-combine.ts';
import type { DeflatedPiece } from './deflate-piece.ts';

/** RFC 1952: deflate, no name and no time, best compression, of no known system. So equal pieces make equal files anywhere. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);

/** A final block that holds nothing. */
const FINAL_BLOCK = Buffer.from([3, 0]);

/**
 * A gzip file of one member that holds the texts of the pieces, one after the other: they are not compressed again.
 *
 * @param pieces each after the text that it was told stands before it
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
  return Buffer.concat([HEADER, ...pieces.map(({ blocks }) => blocks), FINAL_BLOCK, trailer]);
}
