import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UploadMeter } from './upload-meter.ts';

// Seconds since the start, files done of 2,000, the line shown.
const cases: readonly [number, number, string][] = [
  [0.5, 1, 'Uploading 0 % · 1 of 2000 files · 10.0 kB · 2.0 files/s · 17 min left'],
  [4, 1000, 'Uploading 50 % · 1000 of 2000 files · 10.0 MB · 250 files/s · 4 s left'],
  [8, 2000, 'Uploading 100 % · 2000 of 2000 files · 20.0 MB · 250 files/s · 0 s left'],
];

for (const [seconds, done, expected] of cases) {
  test(`after ${seconds} s and ${done} of 2000 files it shows how far, how fast and how long`, () => {
    let nowMs = 1000;
    const meter = new UploadMeter(() => nowMs);
    nowMs += seconds * 1000;
    const bytes = { doneBytes: done * 10_000, totalBytes: 20_000_000 };
    assert.equal(meter.describe({ done, total: 2000, ...bytes }), expected);
  });
}
