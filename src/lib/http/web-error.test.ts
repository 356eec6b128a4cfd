import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAbsent, WebError } from './web-error.ts';

// Status, whether it means that the file is missing: S3 answers 403 to clients that may not list a bucket.
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
  test(`${status ?? 'no answer'} ${expected ? 'means' : 'does not mean'} that the file is missing`, () => {
    const error = new WebError('http://h/', 'x', status === undefined ? {} : { status });
    assert.equal(isAbsent(error), expected);
  });
}

test('another error says nothing about a URL', () => {
  assert.equal(isAbsent(Object.assign(new Error('x'), { status: 404 })), false);
});
