import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import { touchIcon } from './touch-icon.ts';

test('the logo as a PNG has the accent, and is whole', async () => {
  const { contentType, content } = await touchIcon('#aabbcc');
  assert.equal(contentType, 'image/png');
  const chunks = new Map<string, Buffer>();
  let at = 8;
  while (at < content.length) {
    const end = at + 8 + content.readUInt32BE(at);
    assert.equal(content.readUInt32BE(end), crc32(content.subarray(at + 4, end)));
    chunks.set(content.toString('latin1', at + 4, at + 8), content.subarray(at + 8, end));
    at = end + 4;
  }
  assert.deepEqual([...chunks.keys()], ['IHDR', 'PLTE', 'IDAT', 'IEND']);
  const palette = chunks.get('PLTE')?.toString('hex') ?? '';
  assert.deepEqual([palette.slice(0, 6), palette.slice(-6)], ['aabbcc', 'ffffff']);
  const size = chunks.get('IHDR')?.readUInt32BE(0) ?? 0;
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  assert.equal(rows.length, size * (size + 1));
  // The ground at a corner, the piece in the middle.
  const middle = (size / 2) * (size + 1) + 1 + size / 2;
  assert.deepEqual([rows[1], rows[middle]], [0, palette.length / 6 - 1]);
});
