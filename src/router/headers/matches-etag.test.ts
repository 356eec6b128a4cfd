import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesEtag } from './matches-etag.ts';

// If-None-Match, entity tag, whether it is named
const cases: [string, string, boolean][] = [
  ['"a"', '"a"', true],
  ['"b"', '"a"', false],
  ['W/"a"', '"a"', true],
  ['*', '"a"', true],
  [' * ', '"a"', true],
  ['"*"', '"a"', false],
  ['"b", "a"', '"a"', true],
  ['"b",W/"a"', '"a"', true],
  ['"x,y", "a"', '"a"', true],
  ['"x, "', '"x"', false],
  ['a', '"a"', false],
  ['"a-gzip"', '"a"', false],
  ['"a"', '"a-gzip"', false],
  ['', '"a"', false],
];

for (const [header, etag, expected] of cases) {
  test(`If-None-Match: ${header} ${expected ? 'names' : 'does not name'} ${etag}`, () => {
    assert.equal(matchesEtag(header, etag), expected);
  });
}
