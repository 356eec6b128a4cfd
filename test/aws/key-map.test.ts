import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seeds } from '../random.ts';
import { KeyMap } from './key-map.ts';

const KEYS = ['a', 'b', 'a/1', 'a/2', 'é', '\uff5e', '\u{1f600}', '__proto__', '', 'ab', 'ba'];

for (const seed of seeds(5)) {
  test(`every version of a map stays as it was (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const versions = [{ map: KeyMap.empty<number>(), expected: new Map<string, number>() }];
    for (let i = 0; i < 200; i += 1) {
      const { map, expected } = random.pick(versions);
      const key = random.pick(KEYS);
      const changed = new Map(expected);
      if (random.chance(0.6)) {
        changed.set(key, i);
        versions.push({ map: map.set(key, i), expected: changed });
      } else {
        changed.delete(key);
        versions.push({ map: map.delete(key), expected: changed });
      }
    }
    for (const { map, expected } of versions) {
      assert.equal(map.size, expected.size);
      assert.deepEqual([...map.keys()].sort(), [...expected.keys()].sort());
      for (const key of KEYS) assert.equal(map.get(key), expected.get(key));
    }
  });
}

test('keys come in the order of their UTF-8 bytes', () => {
  const map = ['\u{1f600}', '\uff5e', 'é', 'b', 'a/', 'a', 'B'].reduce(
    (map, key) => map.set(key, key),
    KeyMap.empty<string>(),
  );
  assert.deepEqual(map.keys(), ['B', 'a', 'a/', 'b', 'é', '\uff5e', '\u{1f600}']);
});

test('maps of different contents are told apart by deepEqual', () => {
  const one = KeyMap.empty<number>().set('a', 1);
  assert.deepEqual(one, KeyMap.empty<number>().set('b', 2).set('a', 1).delete('b'));
  assert.notDeepEqual(one, KeyMap.empty<number>().set('a', 2));
});
