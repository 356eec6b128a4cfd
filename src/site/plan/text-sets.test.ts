import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, seeds } from '../../../test/random.ts';
import { trim } from '../../router/request/parse-filter.ts';
import { TextSets } from './text-sets.ts';

/** By trying every sub-string. */
function bruteForce(texts: readonly string[]): Map<string, string> {
  const sets = new Map<string, string>();
  for (const text of texts) {
    const characters = [...text];
    for (let start = 0; start < characters.length; start++) {
      for (let end = start + 1; end <= characters.length; end++) {
        const filter = characters.slice(start, end).join('');
        if (trim(filter) !== filter) continue;
        sets.set(texts.flatMap((other, i) => (other.includes(filter) ? [i] : [])).join(), filter);
      }
    }
  }
  return sets;
}

for (const seed of seeds(200)) {
  test(`The sets are those that some sub-string finds (SEED=${seed})`, () => {
    const random = seededRandom(seed);
    const alphabet = random.pick([
      ['a', 'b'],
      ['a', 'b', ' '],
      ['a', 'é', '\u{1f600}', ' ', 'b'],
    ]);
    const texts = Array.from({ length: random.below(6) }, () =>
      Array.from({ length: random.below(12) }, () => random.pick(alphabet)).join(''),
    );
    const sets = new TextSets(texts).sets();
    assert.deepEqual(
      sets.map((set) => set.texts.join()).sort(),
      [...bruteForce(texts).keys()].sort(),
    );
    for (const set of sets) {
      const matching = texts.flatMap((text, i) => (text.includes(set.filter) ? [i] : []));
      assert.deepEqual(set.texts, matching, set.filter);
      assert.equal(trim(set.filter), set.filter);
    }
  });
}
