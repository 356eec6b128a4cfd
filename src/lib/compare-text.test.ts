import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareText } from './compare-text.ts';

test('texts compare by code point', () => {
  const rising = [
    '',
    '\0',
    'A',
    'Aa',
    'B',
    'a',
    'a ',
    'aa',
    'é',
    '\ud7ff',
    '\uffff',
    '\u{10000}',
    '😀',
  ];
  for (const [i, a] of rising.entries()) {
    for (const [j, b] of rising.entries()) {
      assert.equal(
        Math.sign(compareText(a, b)),
        Math.sign(i - j),
        `docs/api.md, Order: ${a} and ${b}`,
      );
    }
  }
});

test('half a surrogate pair counts as U+FFFD, as in UTF-8', () => {
  assert.equal(compareText('a\ud800', 'a\ufffd'), 0);
  assert.equal(compareText('\udc00b', '\ufffda'), 1);
});
