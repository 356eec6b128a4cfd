import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFigure, formatNumber, interleave, spread, spreadOfRatios } from './figures.ts';

test('a spread is the median, the lowest and the highest', () => {
  assert.deepEqual(spread([5]), { median: 5, min: 5, max: 5 });
  assert.deepEqual(spread([9, 1, 10]), { median: 9, min: 1, max: 10 });
  assert.deepEqual(spread([4, 1, 10, 2]), { median: 3, min: 1, max: 10 });
});

test('measurements are taken in turn, and ratios run by run, so that a slow run of both does not show', async () => {
  const order: string[] = [];
  const taking = (name: string, figures: number[]) => async () => {
    order.push(name);
    return figures.shift() ?? 0;
  };
  const { a, b } = await interleave(3, { a: taking('a', [2, 20, 4]), b: taking('b', [1, 10, 2]) });
  assert.equal(order.join(''), 'ababab');
  assert.equal(formatFigure(spreadOfRatios(a, b)), '2');
});

test('a figure that was taken several times is shown with its lowest and highest value', () => {
  assert.equal(formatFigure(spread([2.94, 3.11, 3.4])), '3.1 (2.9–3.4)');
  assert.equal(
    formatFigure(5, (value) => `${value} B`),
    '5 B',
  );
});

test('numbers are shown in two digits or more', () => {
  const shown = [0, 0.00312, 0.312, 3.12, 31.2, 3120.7, 5].map(formatNumber);
  assert.deepEqual(shown, ['0', '0.0031', '0.31', '3.1', '31', '3121', '5']);
});
