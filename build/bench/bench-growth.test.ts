import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findRises } from './bench-growth.ts';

const build = (size: number, planCpuMs: number, isWritten: boolean) => ({
  size,
  times: {
    answers: 100 * size,
    bytes: 1000 * size,
    routerBytes: 9000,
    parts: '',
    planMs: planCpuMs,
    planCpuMs,
    planPeakBytes: 1e8,
    written: isWritten ? { files: 100 * size, ms: 10 * size, peakBytes: 2e8 } : undefined,
  },
});

test('a cost that grows faster than the catalog has risen; one that was not measured is left out', () => {
  assert.deepEqual(findRises([build(1, 100, true), build(2, 200, true), build(10, 5000, false)]), [
    'planning an answer at 10 times is 5 times that at 1: quadratic?',
    'writing a byte at 2 times is 1 times that at 1: fine',
    'writing a file at 2 times is 1 times that at 1: fine',
    'peak memory at 2 times is 1 times that at 1: fine',
  ]);
});

test('one size alone shows no rise', () => {
  assert.deepEqual(findRises([build(1, 100, true)]), []);
});
