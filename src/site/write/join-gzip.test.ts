import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import zlib from 'node:zlib';
import { seededRandom, seeds } from '../../../test/random.ts';
import { readGzipMember } from '../../../test/samples/gzip-member.ts';
import { deflatePiece } from './deflate-piece.ts';
import { joinGzip } from './join-gzip.ts';

const NOTHING = Buffer.alloc(0);

/** Each compressed after the one before it. */
function deflateAll(texts: readonly Buffer[]) {
  return texts.map((text, i) => deflatePiece(text, texts[i - 1] ?? NOTHING));
}

const noise = randomBytes(200_000);
const words = Buffer.from('the same words, again and again; '.repeat(5000));

// What the pieces are, the pieces.
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
  test(`${what} makes one gzip member with those bytes`, () => {
    const gzip = joinGzip(deflateAll(texts));
    assert.ok(readGzipMember(gzip).equals(Buffer.concat(texts)));
    assert.ok(zlib.gunzipSync(gzip).equals(Buffer.concat(texts)));
  });
}

for (const seed of seeds(3)) {
  test(`random texts, each behind several others, make gzip members with those bytes (SEED=${seed})`, () => {
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

test('a text refers to the one before it, and is wrong behind another one of other bytes', () => {
  const before = randomBytes(3000);
  const alone = deflatePiece(before, NOTHING);
  const behind = deflatePiece(before, before);
  assert.ok(behind.blocks.length < alone.blocks.length / 20, `${behind.blocks.length} bytes`);
  assert.ok(readGzipMember(joinGzip([alone, behind])).equals(Buffer.concat([before, before])));
  const other = deflatePiece(randomBytes(3000), NOTHING);
  assert.throws(() => readGzipMember(joinGzip([other, behind])), /CRC-32/);
  assert.throws(() => zlib.gunzipSync(joinGzip([other, behind])), /incorrect data check/);
});

// What of a piece is wrong, what a decoder says.
const wrongs: readonly [string, object, RegExp][] = [
  ['checksum', { crc32: 1 }, /incorrect data check/],
  ['effect on a checksum', { crc32Shift: 1 }, /incorrect data check/],
  ['length', { size: 1 }, /incorrect length check/],
];

for (const [what, wrong, expected] of wrongs) {
  test(`a piece of a wrong ${what} makes a file that decoders refuse`, () => {
    const [first, second] = deflateAll([words, noise]);
    assert.ok(first && second);
    const harmed = joinGzip([first, { ...second, ...wrong }]);
    assert.throws(() => zlib.gunzipSync(harmed), expected);
  });
}

test('beyond 4 GiB the size at the end is what is left of it, as RFC 1952 has it', () => {
  const piece = { ...deflatePiece(Buffer.from('x'), NOTHING), size: 2 ** 31 + 1 };
  const sizes = [1, 2, 3, 4].map((count) => {
    const gzip = joinGzip(Array(count).fill(piece));
    return gzip.readUInt32LE(gzip.length - 4);
  });
  assert.deepEqual(sizes, [2 ** 31 + 1, 2, 2 ** 31 + 3, 4]);
});
