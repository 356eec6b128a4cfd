import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteCache, UnreadBodies } from './bodies.ts';

const make = (bytes: number) => async () => Buffer.alloc(bytes);

/** Asking counts as using. */
async function isHeld(cache: ByteCache, key: string): Promise<boolean> {
  let isMade = false;
  const body = cache.take(key, async () => {
    isMade = true;
    throw new Error('not held');
  });
  await Promise.allSettled([body]);
  return !isMade;
}

test('a body that is asked for several times at once is made once and then held', async () => {
  const cache = new ByteCache(100);
  let made = 0;
  const slowly = async () => {
    made += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return Buffer.alloc(10);
  };
  const bodies = await Promise.all([1, 2, 3].map(() => cache.take('a', slowly)));
  assert.equal(made, 1);
  assert.equal(bodies[0], bodies[2]);
  assert.equal(cache.take('a', slowly), bodies[0], 'a held body is returned without a promise');
});

test('the least recently used body goes first, and the limit holds', async () => {
  const cache = new ByteCache(100);
  for (const key of ['a', 'b', 'c']) await cache.take(key, make(30));
  await cache.take('a', make(30));
  await cache.take('d', make(30));
  const held: boolean[] = [];
  for (const key of ['a', 'b', 'c', 'd']) held.push(await isHeld(cache, key));
  assert.deepEqual(held, [true, false, true, true]);
  assert.equal(cache.sizeBytes, 90);
  await cache.take('e', make(100));
  assert.equal(cache.sizeBytes, 100);
  assert.equal(await isHeld(cache, 'a'), false);
});

test('a body larger than the cache is returned but not kept, and displaces nothing', async () => {
  const cache = new ByteCache(100);
  await cache.take('a', make(60));
  assert.equal((await cache.take('b', make(101))).length, 101);
  assert.equal(await isHeld(cache, 'b'), false);
  assert.equal(cache.sizeBytes, 60);
});

test('a failure reaches all waiting requests and is forgotten', async () => {
  const cache = new ByteCache(100);
  const failing = async () => {
    throw new Error('no');
  };
  const results = await Promise.allSettled([cache.take('a', failing), cache.take('a', failing)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal((await cache.take('a', make(1))).length, 1);
});

// [limit, sizes of bodies, whether each is kept]
const CASES: [number, number[], boolean[]][] = [
  [10, [4, 6, 1], [true, true, false]],
  [10, [11, 1], [true, false]],
  [10, [10, 1], [true, false]],
  [0, [5, 5], [true, false]],
];

test('unread bodies have room up to the limit, and a single one whatever its size', () => {
  for (const [limit, sizes, expected] of CASES) {
    const unread = new UnreadBodies(limit);
    const taken = sizes.map((size) => {
      const body = Buffer.alloc(size);
      const isTaken = unread.hasRoomFor(body);
      if (isTaken) unread.add(body);
      return isTaken;
    });
    assert.deepEqual(taken, expected, `${sizes} of ${limit}`);
  }
});

test('an unread body counts once for all its readers, until the last is gone', () => {
  const unread = new UnreadBodies(10);
  const body = Buffer.alloc(8);
  const readers = [1, 2];
  for (const _reader of readers) {
    assert.ok(unread.hasRoomFor(body));
    unread.add(body);
  }
  for (const _reader of readers) {
    assert.ok(!unread.hasRoomFor(Buffer.alloc(3)));
    unread.release(body);
  }
  assert.ok(unread.hasRoomFor(Buffer.alloc(3)));
});
