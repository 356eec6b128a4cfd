import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/lib/errors.ts';
import { MirrorMeter, parseRate } from './mirror-meter.ts';

// Milliseconds, bundles of 30 checked, bytes, expected bytes, what is shown.
const states: readonly (readonly [number, number, number, number | null, string])[] = [
  [0, 3, 0, null, 'Checked 3 of 30 bundles · 0 bytes downloaded'],
  [500, 3, 1000, null, ''],
  [1500, 4, 500_000, null, 'Checked 4 of 30 bundles · 500.0 kB downloaded · 500.0 kB/s'],
  [2000, 4, 700_000, 1e6, ''],
  [2500, 5, 1e6, 30e6, 'Checked 5 of 30 bundles · 1.0 MB downloaded · 500.0 kB/s · 58 s left'],
  [12_500, 6, 6e6, 90e6, 'Checked 6 of 30 bundles · 6.0 MB downloaded · 500.0 kB/s · 3 min left'],
  [60_500, 30, 30e6, 30e6, 'Checked 30 of 30 bundles · 30.0 MB downloaded · 500.0 kB/s · 0 s left'],
];

test('progress is shown once a second, with the rate and the time left', () => {
  let now = 0;
  let shown = '';
  const show = (text: string) => {
    shown = text;
  };
  const meter = new MirrorMeter({ show, clear: () => {} }, () => now);
  for (const [ms, bundles, bytes, expectedBytes, expected] of states) {
    [now, shown] = [ms, ''];
    meter.show({ bundles, bundlesTotal: 30, bytes, expectedBytes });
    assert.equal(shown, expected, `after ${ms} ms`);
  }
});

// A rate, bytes a second.
const rates: readonly (readonly [string, number])[] = [
  ['1', 1],
  ['500k', 500_000],
  ['2M', 2_000_000],
  ['1g', 1_000_000_000],
];

for (const [text, expected] of rates) {
  test(`${text} is ${expected} bytes a second`, () => assert.equal(parseRate(text), expected));
}

for (const text of ['', '0', '0k', '-1', '1.5m', 'k', '5kb', '1e3', ' 1', '9'.repeat(30)]) {
  test(`${JSON.stringify(text)} is no rate`, () =>
    assert.throws(() => parseRate(text), UsageError));
}
