import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import { checkLoss, listSome } from './check-loss.ts';

/** A catalog of plugins `p0`, `p1` and so on, with as many releases each as the list says. */
function catalogOf(releases: readonly number[]): Snapshot['catalog'] {
  const versions = releases.map((count, i) => [
    `p${i}`,
    Array.from({ length: count }, (_, minor) => `1.${minor}.0`),
  ]);
  return {
    plugins: releases.length,
    releases: releases.reduce((sum, count) => sum + count, 0),
    versions: Object.fromEntries(versions.filter(([, own]) => own?.length)),
  };
}

// Releases of each plugin before, and after; what is said to be lost, null: it is published.
const cases: readonly (readonly [readonly number[], readonly number[], RegExp | null])[] = [
  [[1, 1, 1, 1, 1], [1, 1, 1, 1], null],
  [[1, 1, 1, 1, 1], [1, 1, 1], /2 of 5 plugins are gone: p3, p4\n.*2 of 5 releases are gone/],
  [Array(10).fill(1), Array(8).fill(1), null],
  [Array(10).fill(1), Array(7).fill(1), /3 of 10 plugins are gone: p7, p8, p9/],
  [[5], [4], null],
  [[5], [3], /2 of 5 releases are gone: p0 1\.3\.0, p0 1\.4\.0/],
  [[15], [12], null],
  [[15], [11], /4 of 15 releases are gone/],
  [[], [], null],
];

for (const [before, after, expected] of cases) {
  test(`of ${before} releases ${after} are left, which is ${expected ? 'more than' : 'at most'} a fifth lost`, () => {
    const check = () => checkLoss(catalogOf(before), catalogOf(after));
    if (expected === null) return check();
    assert.throws(check, (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, expected);
      return true;
    });
  });
}

test('ten names are told, and of more how many there are', () => {
  const names = Array.from({ length: 11 }, (_, i) => `p${i}`);
  assert.equal(listSome(names.slice(0, 10)), 'p0, p1, p2, p3, p4, p5, p6, p7, p8, p9');
  assert.equal(listSome(names), 'p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 1 more');
});
