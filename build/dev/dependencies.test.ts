import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import glob from 'fast-glob';

const root = path.join(import.meta.dirname, '../..');
const { scripts, dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

/** What only developers run. */
const FOR_DEVELOPERS = [
  'bench',
  'check',
  'docs',
  'format',
  'fuzz',
  'schema',
  'screenshots',
  'test',
];

/** The packages that a module needs, with all that it imports. */
function packagesOf(file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return importsOf(readFileSync(file, 'utf8')).flatMap((name) => {
    if (isBuiltin(name)) return [];
    if (name.startsWith('.')) return packagesOf(path.resolve(path.dirname(file), name), seen);
    return [/^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name];
  });
}

/** The modules that a text imports: types are not there when it runs. */
function importsOf(text: string): string[] {
  const kinds =
    /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|\b(?:require|resolve)\('([^'./][^']*)'\)/gm;
  return [...text.matchAll(kinds)].flatMap(([, ...names]) => names.filter(Boolean));
}

const programs = Object.entries(scripts as Record<string, string>)
  .filter(([name]) => !FOR_DEVELOPERS.includes(name))
  .map(([name, script]) => [name, /^tsx (build\/\S+\.ts)$/.exec(script)?.[1] ?? ''] as const);

test('the commands of operators are known', () => {
  const names = programs.map(([name]) => name).sort();
  const expected = 'build catalog deploy diff nginx prune rollback serve snapshots start';
  assert.deepEqual(names, expected.split(' '));
});

for (const [name, program] of programs) {
  test(`npm run ${name} needs no package for development`, () => {
    const packages = [...new Set(packagesOf(path.join(root, program)))];
    const missing = packages.filter((candidate) => !Object.hasOwn(dependencies, candidate));
    assert.deepEqual(missing, [], `add to dependencies what ${program} imports`);
  });
}

// A text, the modules that it imports.
const texts: readonly (readonly [string, readonly string[]])[] = [
  ["import a from 'a';\nimport { b } from 'b/c';", ['a', 'b/c']],
  ["import {\n  a,\n  type B,\n} from '@a/b';", ['@a/b']],
  ["import 'a';\nexport { b } from './b.ts';\nexport * from './c.ts';", ['a', './b.ts', './c.ts']],
  ["import type { A } from 'a';\nexport type { B } from 'b';", []],
  ["const a = await import('a');\nrequire('b'); require.resolve('c/d');", ['a', 'b', 'c/d']],
];

for (const [text, expected] of texts) {
  test(`of ${JSON.stringify(text)} the imports are [${expected}]`, () => {
    assert.deepEqual(importsOf(text), expected);
  });
}

test('what is read of src is all that the programs import', () => {
  const seen = new Set<string>();
  for (const [, program] of programs) packagesOf(path.join(root, program), seen);
  assert.ok(seen.size > 150, `${seen.size} modules`);
  const known = new Set(glob.sync('{src,build}/**/*.ts', { cwd: root, absolute: true }));
  assert.deepEqual(
    [...seen].filter((file) => !known.has(file)),
    [],
  );
  const tests = [...seen].filter((file) => /\.test\.ts$|\/fixture-|\/src\/testing\//.test(file));
  assert.deepEqual(tests, [], 'no program runs what is for tests');
});
