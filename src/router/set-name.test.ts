import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seeds } from '../../test/random.ts';
import { setName } from './set-name.ts';

const plugins = Array.from({ length: 130 }, (_, i) => ({ folder: `plugin${i}` }));

test('A set of two or three is named by its plugins, in the order of the catalog', () => {
  const [a, b, c] = plugins as [{ folder: string }, { folder: string }, { folder: string }];
  assert.equal(setName(plugins, [b, a]), 'plugin0!!plugin1');
  assert.equal(setName(plugins, [c, a, b]), 'plugin0!!plugin1!!plugin2');
});

test('A larger set is named by how many and which', () => {
  assert.equal(setName(plugins.slice(0, 7), plugins.slice(0, 4)), '!4-u0');
  assert.equal(setName(plugins.slice(0, 7), plugins.slice(3, 7)), '!4-33');
});

for (const seed of seeds(1)) {
  test(`No two sets are named alike, however many plugins there are (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const names = new Map<string, string>();
    for (let i = 0; i < 2000; i++) {
      const isIn = plugins.map(() => random.chance(0.5));
      const changed = random.below(plugins.length);
      for (const set of [isIn, isIn.map((is, at) => (at === changed ? !is : is))]) {
        const key = set.join();
        const name = setName(
          plugins,
          plugins.filter((_, at) => set[at]),
        );
        assert.equal(names.get(name) ?? key, key, name);
        names.set(name, key);
      }
    }
  });
}
