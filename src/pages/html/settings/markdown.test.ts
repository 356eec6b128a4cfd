import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHtml } from '../to-html.ts';
import { markdown } from './markdown.ts';

const LINK = 'rel="nofollow noopener"';

// A text in Markdown, its HTML.
const TEXTS: readonly (readonly [string, string])[] = [
  ['', ''],
  ['plain', '<p>plain</p>'],
  ['one\n\ntwo', '<p>one</p><p>two</p>'],
  ['one\ntwo', '<p>one<br>two</p>'],
  ['**strong** and *so*', '<p><strong>strong</strong> and <em>so</em></p>'],
  ['`code <b>`', '<p><code>code &lt;b&gt;</code></p>'],
  ['```\na\n```', '<pre tabindex="0"><code>a\n</code></pre>'],
  ['- a\n- b', '<ul><li>a</li><li>b</li></ul>'],
  ['1. a\n2. b', '<ol><li>a</li><li>b</li></ol>'],
  ['> said', '<blockquote><p>said</p></blockquote>'],
  ['a &amp; b', '<p>a &amp; b</p>'],
  ['[a](https://a.example/?b&c)', `<p><a href="https://a.example/?b&amp;c" ${LINK}>a</a></p>`],
  ['<https://a.example/>', `<p><a href="https://a.example/" ${LINK}>https://a.example/</a></p>`],
  // No address is a link by itself, for most are examples.
  ['see https://a.example/', '<p>see https://a.example/</p>'],
  // Nothing of others is an element, a picture or a heading.
  ['<b>a</b>', '<p>&lt;b&gt;a&lt;/b&gt;</p>'],
  ['<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>'],
  ['<!-- a -->', '<p>&lt;!-- a --&gt;</p>'],
  ['![a](https://a.example/a.png)', `<p>!<a href="https://a.example/a.png" ${LINK}>a</a></p>`],
  ['# a', '<p># a</p>'],
  ['a\n---', '<p>a</p><hr>'],
  // Nothing leads outside the web.
  ['[a](javascript:alert(1))', '<p>[a](javascript:alert(1))</p>'],
  ['[a](data:text/html,x)', '<p>[a](data:text/html,x)</p>'],
  ['[a](ftp://a.example/)', '<p>a</p>'],
  ['[a](/about/)', '<p>a</p>'],
  ['[a](//evil.test/)', '<p>a</p>'],
  ['[a](https://a.example/ "title")', `<p><a href="https://a.example/" ${LINK}>a</a></p>`],
  ['[a]: javascript:alert(1)\n\n[a]', '<p>[a]: javascript:alert(1)</p><p>[a]</p>'],
];

for (const [text, html] of TEXTS) {
  test(`${JSON.stringify(text)} is ${html}`, () => {
    assert.equal(toHtml(markdown(text)), html);
  });
}

test('deep nesting ends somewhere', () => {
  for (const text of [
    '>'.repeat(20_000),
    '*a '.repeat(5000),
    '['.repeat(5000),
    '- '.repeat(5000),
  ]) {
    assert.ok(toHtml(markdown(text)).length < 10 * text.length + 1000);
  }
});
