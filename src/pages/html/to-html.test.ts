import assert from 'node:assert/strict';
import { test } from 'node:test';
import { h, type Piece } from '../shared/piece.ts';
import { toDocument, toHtml } from './to-html.ts';

// A piece, its HTML.
const pieces: readonly (readonly [Piece, string])[] = [
  [undefined, ''],
  ['', ''],
  ['a & b < c > d "e" \'f\'', "a &amp; b &lt; c &gt; d &quot;e&quot; 'f'"],
  ['&lt;', '&amp;lt;'],
  ['</script><!-- -->', '&lt;/script&gt;&lt;!-- --&gt;'],
  // A parser would make a line feed of it.
  ['a\r\nb\rc', 'a&#13;\nb&#13;c'],
  [h('p', {}), '<p></p>'],
  [h('br', {}), '<br>'],
  [h('p', { title: '"><script>' }, 'x'), '<p title="&quot;&gt;&lt;script&gt;">x</p>'],
  [h('p', { title: 'a\rb' }), '<p title="a&#13;b"></p>'],
  [h('p', { title: '' }), '<p title=""></p>'],
  [h('p', { hidden: true, title: undefined }), '<p hidden></p>'],
  // Data ends where the element does, and reads the same.
  [
    h('script', { type: 'a' }, '{"a":"</script><!--&"}'),
    '<script type="a">{"a":"\\u003c/script>\\u003c!--&"}</script>',
  ],
  [['a', h('b', {}, 'c', ['d', undefined]), 'e'], 'a<b>cd</b>e'],
];

for (const [piece, expected] of pieces) {
  test(`${JSON.stringify(piece)} is ${JSON.stringify(expected)}`, () => {
    assert.equal(toHtml(piece), expected);
  });
}

test('a page begins with the doctype, without which browsers lay it out as in the last century', () => {
  assert.equal(toDocument(h('html', {})), '<!doctype html>\n<html></html>\n');
});
