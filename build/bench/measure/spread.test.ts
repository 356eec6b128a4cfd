import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNumber, formatSpread, spread, spreadOfRatios } from './spread.ts';

// values, median, lowest, highest
for (const [values, median, min, max] of [
  [[5], 5, 5, 5],
  [[9, 1, 10], 9, 1, 10],
  [[4, 1, 10, 2], 3, 1, 10],
] as const) {
  test(`the spread of ${values} is ${median} (${min}–${max})`, () => {
    assert.deepEqual(spread(values), { median, min, max });
  });
}

test('ratios are taken run by run, so that a slow run of both does not show', () => {
  assert.equal(formatSpread(spreadOfRatios([2, 20, 4], [1, 10, 2])), '2.0 (2.0–2.0)');
});

// value, text
for (const [value, text] of [
  [0, '0'],
  [0.00312, '0.0031'],
  [0.312, '0.31'],
  [3.12, '3.1'],
  [31.2, '31'],
  [3120.7, '3121'],
] as const) {
  test(`${value} is shown as ${text}`, () => assert.equal(formatNumber(value), text));
}
