import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { placeReleases } from '../../catalog/placed-release.ts';
import { findUnlikeNeighbours } from './find-unlike-neighbours.ts';

/** Releases as `1.0.0 cloud`. */
function problemsOf(rows: readonly string[]): string[] {
  const entries = rows.map((row) => {
    const [version = '', hosting = ''] = row.split(' ');
    return { manifest: { id: 'a', name: 'A', version }, hosting };
  });
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'test.json');
  assert.deepEqual(problems, []);
  const placed = placeReleases([{ file: 'test.json', releases }]);
  return findUnlikeNeighbours(placed).map(({ path, check }) => `${check} ${path}`);
}

// Releases, which of them are unlike those around them.
const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['2.0.0 cloud', '1.0.0'], ['unlike-hosting [0].hosting']],
  // A version may be there for cloud and on-prem, told apart by build metadata only.
  [['2.0.0+c cloud', '2.0.0+p on-prem', '1.0.0+c cloud', '1.0.0+p on-prem'], []],
  [['2.0.0+p on-prem', '2.0.0+c cloud', '1.0.0 on-prem', '1.0.0 cloud'], []],
  [['2.0.0+c cloud', '1.0.0+c cloud', '1.0.0+p on-prem'], ['unlike-hosting [0].hosting']],
  [['1.0.0+b cloud', '1.0.0+a'], []],
  [['3.0.0', '2.0.0-rc1 cloud', '1.0.0'], ['unlike-hosting [1].hosting']],
];

for (const [rows, expected] of cases) {
  test(`of ${rows.join(', ')} ${expected.join(', ') || 'none'} is unlike its neighbours`, () => {
    assert.deepEqual(problemsOf(rows), expected);
  });
}
