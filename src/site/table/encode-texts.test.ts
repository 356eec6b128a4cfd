import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { type IndexedRelease, indexCatalog } from '../../query/catalog-index.ts';
import { lowerCase } from '../../query/lower-case.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { foldText, readTexts } from '../../router/table/search.ts';
import { type EncodedTexts, textEncoder } from './encode-texts.ts';
import { type RankedTexts, rankTexts } from './rank-texts.ts';

const PIECES = [
  'Jira ',
  'plugin',
  'a',
  '\n',
  '\t',
  '|',
  '"',
  "'",
  '`$&',
  '\\',
  '\\n',
  '\u{1f600}',
  'İstanbul',
  'ΟΔΟΣ',
  'K',
  '\uffff',
  '\u0001',
  ' ',
];

function randomRanks(random: Random): RankedTexts {
  const pieces = PIECES.filter(() => random.chance(0.7)).concat('z');
  const text = () => Array.from({ length: random.below(6) }, () => random.pick(pieces)).join('');
  const releases = Array.from({ length: 1 + random.below(10) }, (_, i) => {
    const name = text();
    const description = random.pick([text(), text() + name + text(), name, '']);
    return {
      homepage_url: '',
      icon_data: '',
      download_url: '',
      release_notes_url: '',
      hosting: '',
      author_type: '',
      release_stage: '',
      enterprise: false,
      signature: '',
      repo_name: '',
      manifest: { id: `p${i}`, version: '1.0.0', name, description },
      platforms: {},
      updated_at: '',
    };
  });
  return rankTexts(indexCatalog(releases as unknown as Parameters<typeof indexCatalog>[0]));
}

const unpack = (packed: EncodedTexts) => readTexts(packed as unknown as RoutingTable);

/** Every sub-string of up to four characters. */
function subStrings(text: string): string[] {
  const characters = [...text];
  return characters.flatMap((_, at) =>
    [1, 2, 3, 4].map((length) => characters.slice(at, at + length).join('')),
  );
}

function filtersOf({ examples }: RankedTexts): string[] {
  const texts = examples.flatMap(({ release: { manifest } }) => [
    manifest.name ?? '',
    manifest.description ?? '',
  ]);
  const found = new Set(texts.flatMap((text) => [...subStrings(text), text.toUpperCase(), text]));
  return [...found, 'x\ny', '\ue000', '\u0002', 'ß', '~!#%'].filter((filter) => filter !== '');
}

const isFound = ({ lowerName, lowerDescription }: IndexedRelease, filter: string) =>
  lowerName.includes(lowerCase(filter)) || lowerDescription.includes(lowerCase(filter));

for (const abbreviations of [0, 8, 100]) {
  test(`with ${abbreviations} abbreviations the same filters find the same ranks`, () => {
    for (const seed of seeds(20)) {
      const ranks = randomRanks(seededRandom(seed));
      const packed = textEncoder(ranks, undefined, false)(abbreviations);
      const unpacked = unpack(packed);
      assert.equal(unpacked.length, ranks.examples.length, `SEED=${seed}: ranks`);
      for (const filter of filtersOf(ranks)) {
        const folded = foldText(filter, packed.lowerCase);
        assert.deepEqual(
          unpacked.map((texts) => texts.some((text) => text.indexOf(folded) >= 0)),
          ranks.examples.map((release) => isFound(release, filter)),
          `docs/api.md, filter: ${JSON.stringify(filter)} (SEED=${seed})`,
        );
      }
    }
  });

  test(`with ${abbreviations} abbreviations just what no newest version says is left out`, () => {
    for (const seed of seeds(20)) {
      const random = seededRandom(seed);
      const ranks = randomRanks(random);
      const newest = new Set(ranks.examples.flatMap((_, i) => (random.chance(0.5) ? [i] : [])));
      const whole = unpack(textEncoder(ranks, undefined, false)(abbreviations));
      const some = unpack(textEncoder(ranks, newest, false)(abbreviations));
      assert.deepEqual(
        some,
        whole.map((texts, rank) => (newest.has(rank) ? texts : ['', ''])),
        `SEED=${seed}`,
      );
      assert.ok(
        whole.every((texts) => texts[1] !== ''),
        `SEED=${seed}: a rank that is there looks as if it were left out`,
      );
    }
  });
}

// [letter that is searched for, letter in the text that it finds]
const cases: [string, string][] = [
  ['A', 'a'],
  ['İ', 'i'],
  ['É', 'é'],
  ['Σ', 'σ'],
  ['\u212a', 'k'],
  ['Ǆ', 'ǆ'],
  ['ǅ', 'ǆ'],
  ['\u{10400}', '\u{10428}'],
];

for (const [letter, lower] of cases) {
  test(`${letter} finds ${lower}, as the API lower-cases it`, () => {
    assert.equal(lowerCase(letter), lower);
    const release = { lowerId: 'x', lowerName: `(${lower})`, lowerDescription: '' };
    const ranks = { of: () => 0, examples: [release as IndexedRelease] };
    const packed = textEncoder(ranks, undefined, false)(0);
    assert.equal(foldText(`${letter}${letter}`, packed.lowerCase), lower + lower);
  });
}

test('a letter that no text has is not in the table', () => {
  const release = { lowerId: 'x', lowerName: 'abc', lowerDescription: '' };
  const ranks = { of: () => 0, examples: [release as IndexedRelease] };
  const packed = textEncoder(ranks, undefined, false)(0);
  assert.deepEqual(packed.lowerCase, []);
});
