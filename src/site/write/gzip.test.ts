import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import zlib, { crc32 } from 'node:zlib';
import { seededRandom, seeds } from '../../../test/random.ts';
import { readGzipMember } from '../../../test/samples/gzip-member.ts';
import { combineCrc32, crc32Shift, deflatePiece, joinGzip } from './gzip.ts';

const NOTHING = Buffer.alloc(0);

/** Each compressed after the one before it. */
function deflateAll(texts: readonly Buffer[]) {
  return texts.map((text, i) => deflatePiece(text, texts[i - 1] ?? NOTHING));
}

const noise = randomBytes(200_000);
const words = Buffer.from('the same words, again and again; '.repeat(5000));

// Description, the pieces.
const cases: readonly [string, readonly Buffer[]][] = [
  ['nothing', []],
  ['an empty text', [NOTHING]],
  ['empty texts', [NOTHING, NOTHING, Buffer.from('x'), NOTHING]],
  ['one byte', [Buffer.from('[')]],
  ['more than a stored block holds', [noise]],
  ['the same noise twice, farther apart than a reference reaches', [noise, noise]],
  ['more than the window', [words, words, words]],
  ['a short text behind a long one', [words, Buffer.from('the same words'), noise]],
  ['a text behind exactly a window', [noise.subarray(0, 32_768), noise.subarray(0, 32_768)]],
];

for (const [what, texts] of cases) {
  test(`pieces of ${what} make one gzip member with those bytes`, () => {
    const gzip = joinGzip(deflateAll(texts));
    assert.ok(readGzipMember(gzip).equals(Buffer.concat(texts)));
    assert.ok(zlib.gunzipSync(gzip).equals(Buffer.concat(texts)));
  });
}

for (const seed of seeds(3)) {
  test(`random texts, each behind several others, make gzip members with their bytes (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const texts = Array.from({ length: 12 }, () => {
      const parts = Array.from({ length: random.below(40) }, () => random.pick(pool));
      return Buffer.from(parts.join(''));
    });
    for (let i = 0; i < 100; i++) {
      const some = Array.from({ length: random.below(20) }, () => random.pick(texts));
      assert.ok(readGzipMember(joinGzip(deflateAll(some))).equals(Buffer.concat(some)));
    }
  });
}

const pool = [
  '"min_server_version":',
  'https://example.com/',
  'ä',
  '\u{1f600}',
  'QUJD'.repeat(900),
];

test('a piece refers to the text before it, and decoders refuse it behind another text', () => {
  const before = randomBytes(3000);
  const alone = deflatePiece(before, NOTHING);
  const behind = deflatePiece(before, before);
  assert.ok(behind.blocks.length < alone.blocks.length / 20, `${behind.blocks.length} bytes`);
  assert.ok(readGzipMember(joinGzip([alone, behind])).equals(Buffer.concat([before, before])));
  const other = deflatePiece(randomBytes(3000), NOTHING);
  assert.throws(() => readGzipMember(joinGzip([other, behind])), /CRC-32/);
  assert.throws(() => zlib.gunzipSync(joinGzip([other, behind])), /incorrect data check/);
});

// The damage to a piece, the decoder's error.
const wrongs: readonly [string, object, RegExp][] = [
  ['checksum', { crc32: 1 }, /incorrect data check/],
  ['effect on a checksum', { crc32Shift: 1 }, /incorrect data check/],
  ['length', { size: 1 }, /incorrect length check/],
];

for (const [what, wrong, expected] of wrongs) {
  test(`decoders refuse a file with a piece of a wrong ${what}`, () => {
    const [first, second] = deflateAll([words, noise]);
    assert.ok(first && second);
    const harmed = joinGzip([first, { ...second, ...wrong }]);
    assert.throws(() => zlib.gunzipSync(harmed), expected);
  });
}

test('the size at the end is that of the text modulo 2^32 (RFC 1952)', () => {
  const piece = { ...deflatePiece(Buffer.from('x'), NOTHING), size: 2 ** 31 + 1 };
  const sizes = [1, 2, 3, 4].map((count) => {
    const gzip = joinGzip(Array(count).fill(piece));
    return gzip.readUInt32LE(gzip.length - 4);
  });
  assert.deepEqual(sizes, [2 ** 31 + 1, 2, 2 ** 31 + 3, 4]);
});

// Bytes of the first text, bytes of the second.
const sizes: readonly [number, number][] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
  [3, 4],
  [65_535, 65_536],
  [10, 2 ** 24 - 1],
  [10, 2 ** 24 + 3],
  [2 ** 24 + 3, 10],
];

test('the CRC-32 of two texts follows from the CRC-32 of each', () => {
  for (const [first, second] of sizes) {
    for (const make of [randomBytes, (size: number) => Buffer.alloc(size)]) {
      const [a, b] = [make(first), make(second)];
      const combined = combineCrc32(crc32(a), crc32(b), crc32Shift(second));
      assert.equal(combined, crc32(Buffer.concat([a, b])), `${first} bytes and ${second}`);
    }
  }
});

test('the CRC-32 of a size beyond 32 bits shifts as its halves do, one after the other', () => {
  const half = 2 ** 32 + 5;
  const crc = crc32('abc');
  const twice = combineCrc32(combineCrc32(crc, 0, crc32Shift(half)), 0, crc32Shift(half));
  assert.equal(combineCrc32(crc, 0, crc32Shift(2 * half)), twice);
});
