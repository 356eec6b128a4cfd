import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHtml } from '../html/to-html.ts';
import { labelList } from './plugin-card.ts';

// Color of a label, whether it is shown.
const COLORS: readonly (readonly [string, boolean])[] = [
  ['red', true],
  ['#1c5', true],
  ['#1C58D9', true],
  ['', false],
  ['url(https://example.com/track.svg)', false],
  ['red;x', false],
  ['#1c58d', false],
  ['x#1c5', false],
];

for (const [color, isShown] of COLORS) {
  test(`a label of the color ${JSON.stringify(color)} has ${isShown ? 'it as a dot' : 'no dot'}`, () => {
    const html = toHtml(labelList([{ name: 'Beta', description: '', color }]));
    assert.match(html, /Beta/);
    assert.equal(html.includes(` fill="${color}"`), isShown && color !== '');
    assert.equal(html.includes('<svg'), isShown);
  });
}
