import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spellOut, spellOutLine } from './spell-out.ts';

// Foreign text, as it is shown.
const texts: readonly (readonly [string, string])[] = [
  ['Jira 4.2.0 (é, 日本, 👍, ⚠️) \\u001b', 'Jira 4.2.0 (é, 日本, 👍, ⚠️) \\u001b'],
  ['\x1b[2J\x1b]0;title\x07', '\\u001b[2J\\u001b]0;title\\u0007'],
  ['\x9b2J\x9d0;title\x9c', '\\u009b2J\\u009d0;title\\u009c'],
  ['a\x00b\bc\td\re\vf\x7fg\x85h', 'a\\u0000b\\u0008c\\u0009d\\u000de\\u000bf\\u007fg\\u0085h'],
  ['\u202egpj.exe\u202c', '\\u202egpj.exe\\u202c'],
  ['\u2066a\u2069\u200e\u200f\u061c', '\\u2066a\\u2069\\u200e\\u200f\\u061c'],
  ['ji\u200bra\u200c\u200d\u2060\ufeff\u00ad', 'ji\\u200bra\\u200c\\u200d\\u2060\\ufeff\\u00ad'],
  ['ji\u034fra\u115f\u3164\uffa0\u180e', 'ji\\u034fra\\u115f\\u3164\\uffa0\\u180e'],
  ['a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['\ud83d', '\\ud83d'],
  ['::error::a', '\\u003a:error::a'],
  ['a\n \u00a0::set-output name=a::b', 'a\n \u00a0\\u003a:set-output name=a::b'],
  ['a ::error::b', 'a ::error::b'],
  ['a ##[error]b', 'a ##\\u005berror]b'],
  ['::1', '\\u003a:1'],
];

for (const [text, shown] of texts) {
  test(`${spellOut(JSON.stringify(text))} is shown such that it steers and hides nothing`, () => {
    assert.equal(spellOut(text), shown);
    assert.equal(
      spellOutLine(`a${text}\n::b`),
      `${spellOut(`a${text.replaceAll('\n', '\\u000a')}`)}\\u000a::b`,
    );
    assert.equal(spellOut(shown), shown, 'once is enough');
  });
}

test('JSON stays the JSON that it is', () => {
  const value = { text: texts.map(([text]) => text), [texts[3]?.[0] ?? '']: texts[1], '::a': 1 };
  for (const indent of [0, 2, '\t']) {
    const json = JSON.stringify(value, null, indent).replaceAll('\t', ' ');
    const shown = spellOut(json);
    assert.deepEqual(JSON.parse(shown), JSON.parse(json));
    assert.doesNotMatch(shown, /##\[|(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test('only the characters that show nothing are spelled out', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const isSilent = /[\p{C}\p{Zl}\p{Zp}]/u.test(character) && !/[\p{Co}\p{Cn}\n]/u.test(character);
    if (isSilent) assert.match(spellOut(character), /^(\\u[0-9a-f]{4}){1,2}$/, code.toString(16));
    else if (
      /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) &&
      !/\p{Default_Ignorable_Code_Point}/u.test(character)
    )
      assert.equal(spellOut(character), character, code.toString(16));
  }
});
