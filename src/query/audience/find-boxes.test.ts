import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { type Box, type Cells, findBoxes } from './find-boxes.ts';
import { ROWS } from './space.ts';

const PLATFORMS = [0, 1, 2];

function randomCells(random: Random): Cells {
  const likely = random.pick([0.3, 0.7, 0.95]);
  return Array.from({ length: 1 + random.below(6) }, () =>
    ROWS.map(() => new Set(PLATFORMS.filter(() => random.chance(likely)))),
  );
}

/** The cells of a box as `step row platform`. */
function cellsOf({ first, last, enterprise, cloud, platforms }: Box): string[] {
  const cells: string[] = [];
  for (let step = first; step <= last; step++) {
    for (const [row, { enterprise: isEnterprise, cloud: isCloud }] of ROWS.entries()) {
      if (!enterprise.includes(isEnterprise) || !cloud.includes(isCloud)) continue;
      for (const platform of platforms) cells.push(`${step} ${row} ${platform}`);
    }
  }
  return cells;
}

const axes = (box: Box) => [
  Array.from({ length: box.last - box.first + 1 }, (_, i) => box.first + i),
  box.enterprise,
  box.cloud,
  box.platforms,
];

/** Whether two boxes that do not overlap could be one: all axes are alike but one, and steps touch. */
function couldBeOne(a: Box, b: Box): boolean {
  const differing = axes(a).filter((values, i) => values.join() !== axes(b)[i]?.join());
  const isAlongColumns = a.first !== b.first || a.last !== b.last;
  const touch = a.last + 1 === b.first || b.last + 1 === a.first;
  return differing.length === 1 && (!isAlongColumns || touch);
}

for (const seed of seeds(200)) {
  test(`boxes cover the cells once, and no two could be one, seed ${seed}`, () => {
    const cells = randomCells(seededRandom(seed));
    const boxes = findBoxes(cells);
    const wanted = cells.flatMap((rows, step) =>
      rows.flatMap((platforms, row) =>
        [...platforms].map((platform) => `${step} ${row} ${platform}`),
      ),
    );
    assert.deepEqual(boxes.flatMap(cellsOf).sort(), wanted.sort());
    for (const a of boxes) {
      for (const b of boxes) {
        assert.ok(a === b || !couldBeOne(a, b), `${JSON.stringify([a, b])} could be one`);
      }
    }
  });
}

// Which rows have every platform in each step (a digit each: team on-prem, enterprise on-prem, team cloud, enterprise
// cloud), how many boxes a person would take.
const shapes: readonly [string[], number][] = [
  [['1111', '1111', '1111'], 1],
  [['0000', '1111', '1111'], 1],
  [['1111', '0000', '1111'], 2],
  [['1111', '0101', '0101'], 2],
  [['1100', '1111'], 2],
  [['1001'], 2],
  [['0111'], 2],
  [['1010', '1111', '0101'], 3],
  [['0000'], 0],
];

for (const [steps, expected] of shapes) {
  test(`${steps.join(' ')} is ${expected} boxes`, () => {
    const cells = steps.map((rows) =>
      [...rows].map((digit) => new Set(digit === '1' ? PLATFORMS : [])),
    );
    assert.equal(findBoxes(cells).length, expected);
  });
}

test('of two that could be taken first, that for more kinds of request is', () => {
  const none = new Set<number>();
  // Team servers on premises: the default alone, then the default and another platform.
  const cells = [new Set([0]), new Set([0, 1])].map((platforms) => [platforms, none, none, none]);
  assert.deepEqual(
    findBoxes(cells).map(({ first, last, platforms }) => ({ first, last, platforms })),
    [
      { first: 1, last: 1, platforms: [0, 1] },
      { first: 0, last: 0, platforms: [0] },
    ],
  );
});
