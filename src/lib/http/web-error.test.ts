import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAbsent, WebError } from './web-error.ts';

// Status, whether it says that there is nothing: S3 says 403 to those who may not list a bucket.
const statuses: readonly (readonly [number | undefined, boolean])[] = [
  [403, true],
  [404, true],
  [410, true],
  [400, false],
  [401, false],
  [405, false],
  [429, false],
  [500, false],
  [503, false],
  [undefined, false],
];

for (const [status, expected] of statuses) {
  test(`${status ?? 'no answer'} says ${expected ? '' : 'not '}that there is nothing`, () => {
    const error = new WebError('http://h/', 'x', status === undefined ? {} : { status });
    assert.equal(isAbsent(error), expected);
  });
}

test('an error of something else says nothing of a URL', () => {
  assert.equal(isAbsent(Object.assign(new Error('x'), { status: 404 })), false);
});
