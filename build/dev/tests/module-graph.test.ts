import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import glob from 'fast-glob';
import { programsOf } from './choose-tests.ts';
import { makeModuleGraph, parseImports } from './module-graph.ts';

const root = path.join(import.meta.dirname, '../../..');
const graph = makeModuleGraph(root);
const { dependencies } = JSON.parse(graph.textOf('package.json'));

/** Commands that only developers run. */
const FOR_DEVELOPERS = [
  'bench',
  'check',
  'docs',
  'format',
  'fuzz',
  'package',
  'schema',
  'screenshots',
  'test',
];

const programs = Object.entries(programsOf(root)).filter(
  ([name]) => !FOR_DEVELOPERS.includes(name),
);

test('the commands of operators are known', () => {
  const expected =
    'build catalog deploy diff hosts nginx probe prune rollback serve snapshots start users';
  assert.deepEqual(programs.map(([name]) => name).sort(), expected.split(' '));
});

for (const [name, program] of programs) {
  test(`npm run ${name} needs no package for development`, () => {
    const packages = [...graph.reachedFrom(program)]
      .filter((reached) => !reached.endsWith('.ts') && !isBuiltin(reached))
      .map((reached) => /^(@[^/]+\/)?[^/]+/.exec(reached)?.[0] ?? reached);
    const missing = packages.filter((candidate) => !Object.hasOwn(dependencies, candidate));
    assert.deepEqual(missing, [], `add to dependencies what ${program} imports`);
  });
}

test('the commands of operators load no test support', () => {
  const reached = new Set(programs.flatMap(([, program]) => [...graph.reachedFrom(program)]));
  const files = [...reached].filter((name) => name.endsWith('.ts'));
  const known = new Set(glob.sync('{src,build}/**/*.ts', { cwd: root }));
  assert.ok(files.length > 150, `${files.length} modules`);
  assert.deepEqual(
    files.filter((file) => !known.has(file) || /\.test\.ts$|\/fixture-/.test(file)),
    [],
  );
});

// text, the modules that it imports, with "type" before those of which it imports types only
const texts: readonly (readonly [string, readonly string[]])[] = [
  ["import a from 'a';\nimport { b } from 'b/c';", ['a', 'b/c']],
  ["import {\n  a,\n  type B,\n} from '@a/b';", ['@a/b']],
  ["import 'a';\nexport { b } from './b.ts';\nexport * from './c.ts';", ['a', './b.ts', './c.ts']],
  ["import type { A } from 'a';\nexport type { B } from 'b';", ['type a', 'type b']],
  ["import typeA from 'a';\nimport {\n  type A,\n} from 'b';", ['a', 'b']],
  ["const a = await import('a');\nrequire('b'); require.resolve('c/d');", ['a', 'b', 'c/d']],
];

for (const [text, expected] of texts) {
  test(`${JSON.stringify(text)} imports ${expected.join(', ')}`, () => {
    const imports = parseImports(text).map(({ name, isType }) => (isType ? `type ${name}` : name));
    assert.deepEqual(imports, expected);
  });
}
