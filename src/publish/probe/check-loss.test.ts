import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLoss, listSome } from './check-loss.ts';

/** A catalog of the given releases: `jira 1.0.0`. */
function catalogOf(releases: readonly string[]) {
  const versions: Record<string, string[]> = {};
  for (const [id = '', version = ''] of releases.map((each) => each.split(' '))) {
    versions[id] = [...(versions[id] ?? []), version];
  }
  return { plugins: Object.keys(versions).length, releases: releases.length, versions };
}

/** So many plugins with one release each. */
const plugins = (count: number) => Array.from({ length: count }, (_, i) => `p${i} 1.0.0`);
/** One plugin with so many releases. */
const versions = (count: number) => Array.from({ length: count }, (_, i) => `p0 1.${i}.0`);

// The catalog before and after, the loss in the error; null: it may be published.
const cases: readonly (readonly [readonly string[], readonly string[], RegExp | null])[] = [
  [plugins(5), plugins(4), null],
  [plugins(5), plugins(3), /2 of 5 plugins are gone: p3, p4\n.*2 of 5 releases are gone/],
  [plugins(10), plugins(8), null],
  [plugins(10), plugins(7), /3 of 10 plugins are gone: p7, p8, p9/],
  [plugins(6), [], /6 of 6 plugins are gone: p0, p1, p2, p3, p4, p5/],
  // Other plugins, or newer releases, do not make up for what is lost.
  [plugins(6), [...plugins(4), 'x 1.0.0', 'y 1.0.0'], /2 of 6 plugins are gone: p4, p5/],
  [
    plugins(6),
    [...plugins(4), 'p4 2.0.0', 'p5 2.0.0'],
    /\n {2}2 of 6 releases are gone: p4 1\.0\.0, p5 1\.0\.0/,
  ],
  [versions(5), versions(4), null],
  [versions(5), versions(3), /2 of 5 releases are gone: p0 1\.3\.0, p0 1\.4\.0/],
  [versions(15), versions(12), null],
  [versions(15), versions(11), /4 of 15 releases are gone/],
  [[], [], null],
];

for (const [before, after, expected] of cases) {
  test(`${before.length} releases become ${after.length} (${after.at(-1)}), which is ${expected ? 'more than' : 'at most'} a fifth lost`, () => {
    const check = () => checkLoss(catalogOf(before), catalogOf(after));
    if (expected === null) check();
    else assert.throws(check, { name: 'UserError', message: expected });
  });
}

test('ten names are listed, and the rest counted', () => {
  const names = Array.from({ length: 11 }, (_, i) => `p${i}`);
  assert.equal(listSome(names.slice(0, 10)), 'p0, p1, p2, p3, p4, p5, p6, p7, p8, p9');
  assert.equal(listSome(names), 'p0, p1, p2, p3, p4, p5, p6, p7, p8, p9 and 1 more');
});
