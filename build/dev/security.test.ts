import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

const ROOT = path.join(import.meta.dirname, '../..');

/** The fewest attacks that the threat model has to have. */
const FEWEST_ATTACKS = 25;

/** An attack of the threat model, with the tests that show what stops it. */
interface Attack {
  readonly what: string;
  readonly tests: readonly { readonly name: string; readonly file: string }[];
  /** What stands in the column of tests besides them. */
  readonly rest: string;
}

/** The parts of the threat model by their headings. */
function partsOf(page: string): (readonly [heading: string, text: string])[] {
  const [model = ''] = /^## Threat model$.*?^## /ms.exec(page) ?? [];
  return [...model.matchAll(/^### ([^\n]*)\n(.*?)(?=^##)/gms)].map(([, name = '', text = '']) => [
    name,
    text,
  ]);
}

/** The rows of its tables, but for heads and the lines below them. */
function attacksOf(text: string): Attack[] {
  const rows = [...text.matchAll(/^\| (.*) \| (.*) \| (.*) \|$/gm)].filter(
    ([, , , cell]) => cell !== 'test' && cell !== '---',
  );
  return rows.map(([, what = '', , cell = '']) => ({
    what,
    tests: [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, name = '', file = '']) => ({
      name,
      file,
    })),
    rest: cell.replace(/\[[^\]]+\]\([^)]+\)(, )?/g, '').trim(),
  }));
}

/**
 * Whether a test file has a test, or a row of a table of tests, of that name: the whole of a text in quotes, or a title in which
 * … stands for what differs from test to test.
 */
function hasTest(source: string, name: string): boolean {
  const titles = [...source.matchAll(/\b(?:test|describe)\(\s*`((?:\\.|[^`\\])*)`/g)];
  const isTitle = titles.some(
    ([, title = '']) => title.replace(/\$\{[^}]*\}( \$\{[^}]*\})*/g, '…') === name,
  );
  return isTitle || [`'${name}'`, `"${name}"`].some((text) => source.includes(text));
}

/** What the tests of an attack lack. */
function faultsOf({ what, tests, rest }: Attack): string[] {
  const missing = tests.filter(({ name, file }) => {
    const isTest = file.endsWith('.test.ts') && existsSync(path.join(ROOT, file));
    return !isTest || !hasTest(readFileSync(path.join(ROOT, file), 'utf8'), name);
  });
  return [
    ...(tests.length === 0 ? [`${what}: no test`] : []),
    ...(rest === '' ? [] : [`${what}: ${rest}`]),
    ...missing.map(({ name, file }) => `${what}: no ${name} in ${file}`),
  ];
}

describe('The threat model', () => {
  const parts = partsOf(readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8'));
  const attacks = parts.flatMap(([, text]) => attacksOf(text));

  test('names a test for each attack, which is there', () => {
    assert.deepEqual(attacks.flatMap(faultsOf), []);
  });

  test('names each attack once, and enough of them', () => {
    assert.equal(new Set(attacks.map(({ what }) => what)).size, attacks.length);
    assert.ok(attacks.length >= FEWEST_ATTACKS, `${attacks.length}`);
  });

  for (const [heading, text] of parts) {
    test(`says what remains: ${heading}`, () => {
      assert.ok(attacksOf(text).length > 0);
      assert.match(text, /^\*\*Remains:\*\* .+\.$/m);
    });
  }
});

// A cell of tests, what is wrong with it.
const FILE = 'build/dev/security.test.ts';
const cells: readonly (readonly [string, readonly string[]])[] = [
  [`[names a test for each attack, which is there](${FILE})`, []],
  [`[says what remains: …](${FILE}), [The threat model](${FILE})`, []],
  [`[says what remains](${FILE})`, [`a: no says what remains in ${FILE}`]],
  [`[names a test](${FILE})`, [`a: no names a test in ${FILE}`]],
  ['[x](build/dev/none.test.ts)', ['a: no x in build/dev/none.test.ts']],
  ['[.md](build/dev/docs.ts)', ['a: no .md in build/dev/docs.ts']],
  [`[The threat model](${FILE}) or so`, ['a: or so']],
  ['a review', ['a: no test', 'a: a review']],
];

describe('A fault in the threat model is found', () => {
  for (const [cell, expected] of cells) {
    test(`where the tests are: ${cell}`, () => {
      const attacks = attacksOf(
        `| attack | b | test |\n| --- | --- | --- |\n| a | b | ${cell} |\n`,
      );
      assert.deepEqual(attacks.flatMap(faultsOf), expected);
    });
  }
});
