import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lowerCase } from './lower-case.ts';

// [text, in lower case]
const texts: [string, string][] = [
  ['', ''],
  ['AZaz09[`{@', 'azaz09[`{@'],
  ['ÀÉÖØÞß×', 'àéöøþß×'],
  ['İSTANBUL', 'istanbul'],
  ['Iı', 'iı'],
  ['\u212aELVIN', 'kelvin'],
  ['\u212b\u2126', 'åω'],
  ['ΟΔΟΣ', 'οδοσ'],
  ['ΣΑΣ Σ', 'σασ σ'],
  ['STRAẞE', 'straße'],
  ['ǅ', 'ǆ'],
  ['Привет', 'привет'],
  ['😀A🇩🇪', '😀a🇩🇪'],
  ['\u{10400}', '\u{10428}'],
  ['\ud800A', '\ud800a'],
];

test('text is lower-cased character by character, without regard to language or neighbours', () => {
  for (const [text, expected] of texts) {
    assert.equal(lowerCase(text), expected, `docs/api.md, filter: ${text} in lower case`);
  }
});

test('every code point becomes exactly one, whatever stands around it', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const lower = lowerCase(character);
    if ([...lower].length !== 1) assert.fail(`U+${code.toString(16)} becomes ${lower}`);
    // A lone surrogate would join its neighbour.
    if (code < 0xd800 || code > 0xdfff) {
      const within = lowerCase(`Α${character}Α`);
      if (within !== `α${lower}α`) assert.fail(`U+${code.toString(16)} within a word: ${within}`);
    }
  }
});
