import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { seededRandom, seeds } from '../../../test/random.ts';
import { combineCrc32, crc32Shift } from './crc32-combine.ts';

function check(first: Buffer, second: Buffer) {
  assert.equal(
    combineCrc32(crc32(first), crc32(second), crc32Shift(second.length)),
    crc32(Buffer.concat([first, second])),
    `${first.length} bytes and ${second.length}`,
  );
}

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

for (const [first, second] of sizes) {
  test(`the CRC-32 of ${first} bytes and ${second} more follows from those of each`, () => {
    check(randomBytes(first), randomBytes(second));
    check(Buffer.alloc(first), Buffer.alloc(second));
  });
}

for (const seed of seeds(3)) {
  test(`the CRC-32 of texts of random lengths, one after the other, follows from those of each (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    let whole = Buffer.alloc(0);
    let combined = 0;
    for (let i = 0; i < 200; i++) {
      const next = randomBytes(random.below(random.pick([2, 300, 5000])));
      check(whole, next);
      combined = combineCrc32(combined, crc32(next), crc32Shift(next.length));
      whole = Buffer.concat([whole, next]);
    }
    assert.equal(combined, crc32(whole));
  });
}

test('a size beyond 32 bits shifts as its halves do, one after the other', () => {
  const half = 2 ** 32 + 5;
  const crc = crc32('abc');
  const twice = combineCrc32(combineCrc32(crc, 0, crc32Shift(half)), 0, crc32Shift(half));
  assert.equal(combineCrc32(crc, 0, crc32Shift(2 * half)), twice);
});
