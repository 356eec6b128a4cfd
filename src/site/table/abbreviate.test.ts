import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { expand } from '../../router/table/encoding.ts';
import { abbreviator, unusedCharacters } from './abbreviate.ts';

/** Words that come again and again, with all that means something in a pattern, a replacement or a script. */
const WORDS = [
  'mattermost ',
  'plugin',
  'aaaaaaaa',
  '$&$1$$',
  '.*+?^(){}[]|\\',
  '"\'`',
  '</script>',
  'ÉCOLE école ',
  '\u{1f600}',
  '\ud800',
  '\uffff\u2028',
  '\n\t',
  '',
];

function randomTexts(random: Random): string[] {
  const words = WORDS.filter(() => random.chance(0.6)).concat('ab');
  return Array.from({ length: random.below(12) }, () =>
    Array.from({ length: random.below(12) }, () => random.pick(words)).join(''),
  );
}

const entriesOf = (abbreviations: string) =>
  abbreviations === '' ? [] : abbreviations.slice(1).split(abbreviations.charAt(0));

const joined = (texts: readonly string[]) => texts.join('');

for (const count of [0, 1, 8, 100]) {
  test(`texts with up to ${count} abbreviations are written out as they were`, () => {
    for (const seed of seeds(40)) {
      const texts = randomTexts(seededRandom(seed));
      const codes = unusedCharacters(new Set([...joined(texts), '\u0001']));
      const separator = codes.pop() as string;
      const { text, abbreviations } = abbreviator(texts, '\u0001', codes, separator)(count);
      const message = `SEED=${seed}`;
      assert.deepEqual(expand(text, abbreviations), texts.join('\u0001'), message);
      assert.ok(entriesOf(abbreviations).length <= count, message);
      assert.ok(
        text.length + abbreviations.length <= texts.join('\u0001').length,
        `${message}: the abbreviated is longer`,
      );
    }
  });
}

test('each code stands for one thing, which is inside one text, and occurs in none', () => {
  for (const seed of seeds(40)) {
    const texts = randomTexts(seededRandom(seed));
    const used = new Set([...joined(texts), '\u0001']);
    const codes = unusedCharacters(used);
    const separator = codes.pop() as string;
    const { abbreviations } = abbreviator(texts, '\u0001', codes, separator)(100);
    const entries = entriesOf(abbreviations);
    const found = entries.map((entry) => entry.charAt(0));
    assert.equal(new Set(found).size, found.length, `SEED=${seed}: a code stands for two things`);
    entries.forEach((entry, i) => {
      const code = entry.charAt(0);
      assert.ok(!used.has(code) && codes.includes(code), `SEED=${seed}: ${code} is taken`);
      const long = expand(entry.slice(1), separator + entries.slice(0, i).join(separator));
      assert.ok(
        texts.some((text) => text.includes(long)),
        `SEED=${seed}: ${JSON.stringify(long)} is in no text`,
      );
    });
  }
});

test('what saves most is abbreviated first, and codes may stand for codes', () => {
  const texts = Array.from({ length: 20 }, (_, i) => `a plugin of mattermost, number ${i}`);
  const { text, abbreviations } = abbreviator(texts, '\n', ['A', 'B'], ';')(9);
  assert.equal(abbreviations, ';Aa plugin of mattermost, number ;BA1');
  assert.equal(text.split('\n').slice(0, 3).join(' '), 'A0 B A2');
});

test('texts too long to abbreviate stay as they are', () => {
  const texts = ['plugin '.repeat(3000), 'plugin '.repeat(3000)];
  assert.deepEqual(abbreviator(texts, '\n', ['A'], ';')(1), {
    text: texts.join('\n'),
    abbreviations: '',
  });
});

// [characters that the texts use, one that may not be a code then]
const taken: [string, string][] = [
  ['', '`'],
  ['', '\\'],
  ['', '$'],
  ['', ' '],
  ['', '\u007f'],
  ['abc', 'b'],
  ['~!', '~'],
];

for (const [used, character] of taken) {
  test(`${JSON.stringify(character)} is no code for texts of ${JSON.stringify(used)}`, () => {
    const codes = unusedCharacters(new Set(used));
    assert.ok(!codes.includes(character));
    assert.equal(new Set(codes).size, codes.length);
    assert.ok(codes.every((code) => /^[!-~]$/.test(code)));
  });
}
