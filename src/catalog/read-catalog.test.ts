import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../test/corpora.ts';
import { formatProblem, UserError } from '../lib/errors.ts';
import { readCatalog } from './read-catalog.ts';

let cwd: string;

const FILES: Record<string, string | Uint8Array> = {
  'b.json': catalog('b'),
  'a10.json': catalog('a10'),
  'a2.json': catalog('a2'),
  'B.json': catalog('B'),
  'sub/c.json': catalog('c'),
  'a[1].json': catalog('bracket'),
  '(x).json': catalog('paren'),
  'deep/!x.json': catalog('bang'),
  'bom.json': `\uFEFF${catalog('bom')}`,
  'empty.json': '[]',
  'bad/one.json': '[{}, 3]',
  'bad/syntax.json': '[\n{]',
  'bad/latin1.json': new Uint8Array([0x5b, 0x0a, 0x22, 0xe9, 0x22, 0x5d]),
  'folder/x.txt': '',
};

function catalog(id: string): string {
  return JSON.stringify([{ manifest: { id: `plugin-${id}`, version: '1.0.0' } }]);
}

before(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'read-catalog-'));
  for (const [file, contents] of Object.entries(FILES)) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), contents);
  }
  await symlink('loop.link', join(cwd, 'loop.link'));
});

after(() => rm(cwd, { recursive: true }));

async function refusalOf(patterns: string[]): Promise<UserError> {
  try {
    await readCatalog(patterns, { cwd });
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: `${patterns} should be refused` });
}

// [patterns, files read]
const orders: [string[], string[]][] = [
  [
    ['b.json', 'a2.json'],
    ['b.json', 'a2.json'],
  ],
  [['[abB]*.json'], ['B.json', 'a10.json', 'a2.json', 'a[1].json', 'b.json', 'bom.json']],
  [
    ['a2.json', 'a*.json', './a10.json'],
    ['a2.json', 'a10.json', 'a[1].json'],
  ],
  [['{b,sub/c}.json'], ['b.json', 'sub/c.json']],
  [
    ['**/c.json', 'sub/../b.json'],
    ['sub/c.json', 'b.json'],
  ],
  [
    ['a[1].json', '(x).json', 'deep/!x.json'],
    ['a[1].json', '(x).json', 'deep/!x.json'],
  ],
  [['bom.json'], ['bom.json']],
];

test('files are read once, patterns as given and within a pattern by name', async () => {
  for (const [patterns, expected] of orders) {
    const { files, releases } = await readCatalog(patterns, { cwd });
    assert.deepEqual(files, expected, patterns.join(' '));
    assert.equal(releases.length, expected.length);
  }
});

test('absolute patterns and those that leave the folder are shown relative to it', async () => {
  const patterns = [join(cwd, 'b.json'), join(cwd, 'sub', '*.json'), '../a2.json'];
  const { files } = await readCatalog(patterns, { cwd: join(cwd, 'sub') });
  assert.deepEqual(files, ['../b.json', 'c.json', '../a2.json']);
});

test('an empty catalog is valid, with a warning', async () => {
  const { releases, warnings } = await readCatalog(['empty.json'], { cwd });
  assert.deepEqual(releases, []);
  assert.deepEqual(warnings.map(formatProblem), [
    'empty.json: the catalog is empty — add a release, unless that is what you want',
  ]);
});

// [pattern, the problem]
const refusals: [string, string][] = [
  ['none.json', 'none.json: does not exist — check the name and the working directory'],
  ['b.json/x', 'b.json/x: does not exist — a part of its path is a file: check the name'],
  ['./sub/../none.json', 'none.json: does not exist — check the name and the working directory'],
  ['none/*.json', 'none/*.json: matches no file — check the pattern and the working directory'],
  ['!b.json', '!b.json: matches no file — check the pattern and the working directory'],
  ['folder', 'folder: is a directory — name its files, such as folder/*.json'],
  ['', '.: is a directory — name its files, such as ./*.json'],
  ['loop.link', 'loop.link: is a link that leads to itself — name the file it should lead to'],
  ['bad/latin1.json', 'bad/latin1.json:2:1: is not UTF-8 — save the file as UTF-8'],
];

test('a pattern that leads to nothing readable is refused with the reason', async () => {
  for (const [pattern, expected] of refusals) {
    const { problems, headline } = await refusalOf([pattern, 'b.json']);
    assert.deepEqual(problems.map(formatProblem), [expected]);
    assert.equal(headline, 'the catalog cannot be used: 1 problem in 1 file');
  }
});

test('a catalog too large for the memory of a build is refused, in one file or in several', async () => {
  const folder = join(cwd, 'large');
  await mkdir(folder);
  await writeFile(join(folder, 'a.json'), `[${' '.repeat(2 ** 20)}]`);
  await writeFile(join(folder, 'b.json'), `[${' '.repeat(63 * 2 ** 20)}]`);
  await writeFile(join(folder, 'one.json'), '');
  await truncate(join(folder, 'one.json'), 64 * 2 ** 20 + 1);
  for (const [pattern, file, size] of [
    ['large/[ab].json', 'large/b.json', 63 * 2 ** 20 + 2],
    ['large/one.json', 'large/one.json', 64 * 2 ** 20 + 1],
  ] as const) {
    const { problems } = await refusalOf([pattern]);
    assert.deepEqual(problems.map(formatProblem), [
      `${file}: has ${size} bytes, and a catalog takes at most 67108864, in all its files together — make icons smaller, or drop old releases`,
    ]);
  }
  await readCatalog(['large/a.json'], { cwd });
});

test('an empty list of patterns is refused', async () => {
  const { problems } = await refusalOf([]);
  assert.deepEqual(problems.map(formatProblem), [
    'no catalog is named — name its files, such as plugins.json',
  ]);
});

test('every problem of every file is reported at once', async () => {
  const { headline, message } = await refusalOf(['none.json', 'bad/*.json', 'b.json']);
  assert.equal(headline, 'the catalog cannot be used: 5 problems in 4 files');
  assert.deepEqual(message.split('\n').slice(1), [
    '  none.json: does not exist — check the name and the working directory',
    '  bad/latin1.json:2:1: is not UTF-8 — save the file as UTF-8',
    '  bad/one.json:1:2 [0].manifest: is missing — write the plugin.json here, with "id" and "version"',
    '  bad/one.json:1:6 [1]: 3 is not an object — write {"manifest": {"id": …, "version": …}}',
    '  bad/syntax.json:2:2: a field name is missing — write the name in double quotes',
  ]);
});

for (const { name, catalog } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
  test(`${name} is read without problems, and no value in it changes`, async () => {
    const entries = JSON.parse(await readFile(catalog, 'utf8'));
    const { releases } = await readCatalog([catalog], { cwd: import.meta.dirname });
    assert.deepEqual(
      releases,
      entries.map((entry: object) => ({ labels: [], ...entry })),
    );
  });
}
