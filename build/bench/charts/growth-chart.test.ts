import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrowthFigures } from '../growth/growth-figures.ts';
import { growthChart } from './growth-chart.ts';

const figuresOf = (size: number, isWritten: boolean): GrowthFigures => ({
  size,
  setting: 'always',
  plugins: 40 * size,
  releases: 210 * size,
  releaseBytes: 900,
  times: {
    answers: 2000 * size,
    bytes: 1e8 * size,
    routerBytes: 9000 * size,
    parts: [],
    planMs: 1000 * size,
    planCpuMs: 1000 * size,
    planPeakBytes: 1e8,
    ...(isWritten && { written: { files: 2004 * size, ms: 500 * size, peakBytes: 2e8 } }),
  },
});

// what is drawn, the sizes and whether each was written
for (const [what, sizes] of [
  ['several sizes', { 1: true, 2: true, 10: true }],
  ['a size that was planned only', { 1: true, 10: false }],
  ['one size', { 1: true }],
  ['nothing that was written', { 1: false, 2: false }],
] as const) {
  test(`a chart of ${what} has a panel for each figure and no number that is none`, () => {
    const figures = Object.entries(sizes).map(([size, isWritten]) =>
      figuresOf(Number(size), isWritten),
    );
    const svg = growthChart(figures);
    assert.equal(svg.match(/class="title"/g)?.length, 6);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  });
}
