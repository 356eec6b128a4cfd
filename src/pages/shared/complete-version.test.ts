import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeVersion } from './complete-version.ts';

// Typed, as the API takes it; null: no version.
const TYPED: readonly (readonly [string, string | null])[] = [
  ['', ''],
  ['  ', ''],
  ['10', '10.0.0'],
  ['10.5', '10.5.0'],
  ['10.5.0', '10.5.0'],
  [' v10.5.1 ', '10.5.1'],
  ['V9.5', '9.5.0'],
  ['6.0.0-rc1', '6.0.0-rc1'],
  ['9.5.0+build', '9.5.0+build'],
  ['010.5', null],
  ['10.', null],
  ['10.5.', null],
  ['10.5.0.1', null],
  ['abc', null],
  ['v', ''],
  ['-1', null],
];

for (const [typed, version] of TYPED) {
  test(`${JSON.stringify(typed)} is ${JSON.stringify(version)}`, () => {
    assert.equal(completeVersion(typed), version);
  });
}
