import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { UnreadBodies } from './unread-bodies.ts';

// [limit, the sizes of bodies that are asked for, which are taken]
const CASES: [number, number[], boolean[]][] = [
  [10, [4, 6, 1], [true, true, false]],
  [10, [11, 1], [true, false]],
  [10, [10, 1], [true, false]],
  [0, [5, 5], [true, false]],
];

test('bodies are taken up to the limit, and one alone whatever its size', () => {
  for (const [limit, sizes, expected] of CASES) {
    const unread = new UnreadBodies(limit);
    const taken = sizes.map((size) => unread.take(Buffer.alloc(size), new PassThrough()));
    assert.deepEqual(taken, expected, `${sizes} of ${limit}`);
  }
});

test('a body counts once for all who read it, until the last is gone', async () => {
  const unread = new UnreadBodies(10);
  const body = Buffer.alloc(8);
  const readers = [new PassThrough(), new PassThrough()];
  for (const reader of readers) assert.ok(unread.take(body, reader));
  for (const reader of readers) {
    assert.ok(!unread.take(Buffer.alloc(3), new PassThrough()));
    reader.destroy();
    await new Promise((resolve) => reader.once('close', resolve));
  }
  assert.ok(unread.take(Buffer.alloc(3), new PassThrough()));
});
