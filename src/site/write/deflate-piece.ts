import zlib from 'node:zlib';
import { crc32Shift } from './crc32-combine.ts';

/** A text compressed by itself, to be put into gzip files as it is. */
export interface DeflatedPiece {
  /** Deflate blocks (RFC 1951) that end at a byte boundary; none of them is the final one. */
  readonly blocks: Uint8Array;
  /** Bytes of the text. */
  readonly size: number;
  /** Of the text. */
  readonly crc32: number;
  /** What appending the text does to a CRC-32, for `combineCrc32`. */
  readonly crc32Shift: number;
}

/**
 * Compresses a text so that its blocks can be joined with others.
 *
 * @param before what stands right before the text wherever the blocks are used: they may refer to the last 32 KB of it
 */
export function deflatePiece(text: Buffer, before: Buffer): DeflatedPiece {
  const blocks = zlib.deflateRawSync(text, {
    level: zlib.constants.Z_BEST_COMPRESSION,
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    // An empty one is no dictionary to zlib, but an error.
    ...(before.length > 0 && { dictionary: before }),
  });
  return {
    // A copy of its own, for zlib returns a view of a larger block.
    blocks: new Uint8Array(blocks),
    size: text.length,
    crc32: zlib.crc32(text),
    crc32Shift: crc32Shift(text.length),
  };
}
