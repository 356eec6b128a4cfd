import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import { checkRooms } from './rooms.ts';

// a file in src, what it imports, what is reported of it
const cases: readonly (readonly [string, string, RegExp | undefined])[] = [
  ['lib/files/a.ts', "import { b } from '../b.ts';", undefined],
  ['catalog/a.ts', "import { b } from '../lib/b.ts';\nimport { z } from 'zod';", undefined],
  ['pages/html/a.ts', "import { b } from '../shared/b.ts';", undefined],
  [
    'lib/a.ts',
    "import { b } from '../catalog/b.ts';",
    /catalog\/b\.ts, and lib may not import catalog$/,
  ],
  ['lib/a.ts', "import type { B } from '../catalog/b.ts';", /lib may not import catalog$/],
  ['lib/a.ts', "export {\n  b,\n} from '../catalog/b.ts';", /lib may not import catalog$/],
  ['lib/a.ts', "const { b } = await import('../catalog/b.ts');", /lib may not import catalog$/],
  ['pages/shared/a.ts', "import { b } from '../html/b.ts';", /pages\/shared may not import pages$/],
  ['hosts/a.ts', "import { b } from '../pack/format/b.ts';", undefined],
  ['hosts/a.ts', "import { b } from '../pack/b.ts';", /hosts may not import pack$/],
  [
    'router/a.ts',
    "import { b } from '../../test/b.ts';",
    /router may not import a file outside the rooms$/,
  ],
  [
    'attic/a.ts',
    "import { b } from '../lib/b.ts';",
    /a file outside the rooms may not import lib$/,
  ],
  ['lib/a.test.ts', "import { b } from '../catalog/b.ts';", undefined],
];

for (const [file, text, expected] of cases) {
  test(`src/${file} with ${text} is ${expected ? 'reported' : 'fine'}`, async (t) => {
    const root = await makeFolder(t);
    await mkdir(path.dirname(path.join(root, 'src', file)), { recursive: true });
    await writeFile(path.join(root, 'src', file), text);
    const problems = checkRooms(root);
    assert.deepEqual(
      problems.map((problem) => problem.file),
      expected ? [`src/${file}`] : [],
    );
    if (expected) assert.match(problems[0]?.message ?? '', expected);
  });
}

test('a folder may have 15 files, tests included, and any number of fixtures', async (t) => {
  const root = await makeFolder(t);
  const add = async (folder: string, count: number) => {
    await mkdir(path.join(root, folder), { recursive: true });
    for (let i = 0; i < count; i++) await writeFile(path.join(root, folder, `${i}.test.ts`), '');
  };
  await add('src/lib', 15);
  await add('test/fixtures/cases', 16);
  assert.deepEqual(checkRooms(root), []);
  await add('build/dev', 16);
  assert.deepEqual(
    checkRooms(root).map(({ file, message }) => `${file} ${message}`),
    ['build/dev has 16 files, and a folder may have 15'],
  );
});
