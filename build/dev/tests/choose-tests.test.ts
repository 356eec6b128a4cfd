import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { findChangedFiles, findTests, groupTests, isUnitTest, testsOf } from './choose-tests.ts';
import { makeModuleGraph } from './module-graph.ts';

const PROJECT: Readonly<Record<string, string>> = {
  'package.json': '{ "scripts": { "show": "tsx build/show.ts" } }',
  'src/a.ts': "import { b } from './b.ts';",
  'src/b.ts': "import type { C } from './c.ts';",
  'src/c.ts': "import { spawn } from 'node:child_process';",
  'src/a.test.ts': "import { a } from './a.ts';",
  'src/b.test.ts': "import { b } from './b.ts';\nconst cases = ['odd-names'];",
  'src/c.test.ts': "import { c } from './c.ts';",
  'build/show.ts': "import { b } from '../src/b.ts';",
  'build/commands.test.ts':
    "import 'node:child_process';\nrun({ program: 'show', file: 'logo.svg' });",
  'build/show.test.ts': '',
};
const TESTS = Object.keys(PROJECT)
  .filter((file) => file.endsWith('.test.ts'))
  .sort();

async function makeProject(t: TestContext) {
  const root = await makeFolder(t);
  for (const [file, text] of Object.entries(PROJECT)) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  return root;
}

test('tests are found below src, build, infra and test', async (t) => {
  assert.deepEqual(findTests(await makeProject(t)), TESTS);
});

test('a unit test loads nothing that starts a process; types do not count', async (t) => {
  const graph = makeModuleGraph(await makeProject(t));
  const units = TESTS.filter((file) => isUnitTest(graph, file));
  assert.deepEqual(units, ['build/show.test.ts', 'src/a.test.ts', 'src/b.test.ts']);
});

test('unit tests share processes, and each other test has its own', async (t) => {
  const root = await makeProject(t);
  const run = groupTests(root, TESTS, root);
  assert.deepEqual(run.slice(3), ['build/commands.test.ts', 'src/c.test.ts']);
  const groups = await Promise.all(run.slice(0, 3).map((file) => readFile(file, 'utf8')));
  for (const [position, name] of ['build/show', 'src/a', 'src/b'].entries()) {
    assert.match(groups[position] ?? '', new RegExp(`"${name}.test.ts", .*/${name}.test.ts"`));
  }
});

// what is changed, the tests that it affects
const changes: readonly (readonly [string, readonly string[]])[] = [
  ['src/a.ts', ['src/a.test.ts']],
  ['src/b.ts', ['build/commands.test.ts', 'build/show.test.ts', 'src/a.test.ts', 'src/b.test.ts']],
  ['src/c.ts', ['src/c.test.ts']],
  ['src/a.test.ts', ['src/a.test.ts']],
  ['build/show.ts', ['build/commands.test.ts', 'build/show.test.ts']],
  ['src/assets/logo.svg', ['build/commands.test.ts']],
  ['test/fixtures/cases/odd-names/plugins.json', ['src/b.test.ts']],
  ['docs/other.md', []],
];

for (const [file, expected] of changes) {
  test(`a change of ${file} affects ${expected.join(', ') || 'no test'}`, async (t) => {
    assert.deepEqual(testsOf(await makeProject(t), TESTS, [file]), expected);
  });
}

test('changed files are those of commits, of the working tree and new ones, since a branch', async (t) => {
  const root = await makeProject(t);
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
      cwd: root,
    });
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'a');
  assert.deepEqual(findChangedFiles(root, 'main'), []);
  git('switch', '--quiet', '--create', 'work');
  await writeFile(path.join(root, 'src/a.ts'), '');
  git('commit', '--quiet', '--all', '--message', 'b');
  await writeFile(path.join(root, 'src/b.ts'), '');
  await writeFile(path.join(root, 'src/new.ts'), '');
  assert.deepEqual(findChangedFiles(root, 'main'), ['src/a.ts', 'src/b.ts', 'src/new.ts']);
  assert.throws(
    () => findChangedFiles(root, 'nowhere'),
    /no commit nowhere: name one with --since/,
  );
});
