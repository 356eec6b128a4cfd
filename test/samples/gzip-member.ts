import assert from 'node:assert/strict';
import zlib from 'node:zlib';

/** Bytes of the shortest possible header, and of the trailer. */
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;

/**
 * Decompresses a gzip file strictly by RFC 1952: exactly one member with the shortest header, correct CRC-32 and length, and
 * nothing after it.
 */
export function readGzipMember(gzip: Buffer): Buffer {
  assert.equal(gzip.subarray(0, 4).toString('hex'), '1f8b0800', 'gzip, deflate, no flags');
  const rest = gzip.subarray(HEADER_BYTES);
  const { buffer, engine } = zlib.inflateRawSync(rest, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  const trailer = rest.subarray(engine.bytesWritten);
  assert.equal(
    trailer.length,
    TRAILER_BYTES,
    'the blocks end at the trailer, and it ends the file',
  );
  assert.equal(trailer.readUInt32LE(0), zlib.crc32(buffer), 'CRC-32');
  assert.equal(trailer.readUInt32LE(4), buffer.length % 2 ** 32, 'ISIZE');
  return buffer;
}
