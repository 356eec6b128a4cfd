import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDay } from './format-day.ts';

// Time, day for programs, day for people.
const TIMES: readonly (readonly [string, string, string])[] = [
  ['2024-05-17T14:42:33.013737Z', '2024-05-17', '17 May 2024'],
  ['2024-05-17T23:30:00+02:00', '2024-05-17', '17 May 2024'],
  ['2024-05-17T23:30:00-02:00', '2024-05-18', '18 May 2024'],
  ['0900-02-03T00:00:00Z', '0900-02-03', '3 Feb 900'],
];

for (const [time, iso, words] of TIMES) {
  test(`${time} is on ${words}`, () => {
    assert.deepEqual(formatDay(time), { iso, words });
  });
}

test('the time that stands for none has no day', () => {
  assert.equal(formatDay('0001-01-01T00:00:00Z'), undefined);
});
