import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRises } from './find-rises.ts';
import type { GrowthFigures } from './growth-figures.ts';

const figuresOf = (size: number, planMs: number, isWritten: boolean): GrowthFigures => ({
  size,
  setting: 'always',
  plugins: size,
  releases: size,
  releaseBytes: 900,
  times: {
    answers: 100 * size,
    bytes: 1000 * size,
    routerBytes: 9000,
    parts: [],
    planMs,
    planCpuMs: planMs,
    planPeakBytes: 1e8,
    ...(isWritten && { written: { files: 100 * size, ms: 10 * size, peakBytes: 2e8 } }),
  },
});

test('a cost that grows faster than what it is for has risen; one that was not measured is left out', () => {
  const rises = findRises([
    figuresOf(1, 100, true),
    figuresOf(2, 200, true),
    figuresOf(10, 5000, false),
  ]);
  assert.deepEqual(
    rises.map(({ what, factor, from, to }) => [what, factor, from, to]),
    [
      ['planning an answer', 5, 1, 10],
      ['writing a byte', 1, 1, 2],
      ['writing a file', 1, 1, 2],
      ['peak memory', 1, 1, 2],
    ],
  );
});

test('one size alone shows no rise', () => {
  assert.deepEqual(findRises([figuresOf(1, 100, true)]), []);
});
