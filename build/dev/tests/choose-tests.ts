import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import glob from 'fast-glob';
import { UserError } from '../../../src/lib/errors.ts';
import { type ModuleGraph, makeModuleGraph } from './module-graph.ts';

/** What tests load that start processes, threads, browsers or servers, simulate AWS, or read real catalogs. */
const NOT_UNIT = [
  'node:child_process',
  'node:worker_threads',
  'playwright-core',
  'miniflare',
  'src/hosts/embedded/start-server.ts',
  'test/engines/loopback-server.ts',
  'test/fakes/fake-aws.ts',
  'test/corpora.ts',
];

/** The number of processes for unit tests: enough that the end does not wait for a single one. */
const GROUPS = 4;

/** The test files below a folder, by path from it, sorted. */
export function findTests(root: string): string[] {
  return glob.sync('{src,build,infra,test}/**/*.test.ts', { cwd: root }).sort();
}

/** Whether a test needs nothing but its own process, directly or through what it loads. */
export function isUnitTest(graph: ModuleGraph, file: string): boolean {
  const reached = graph.reachedFrom(file);
  return !NOT_UNIT.some((name) => reached.has(name));
}

/**
 * Groups unit tests, because a small file spends most of its time on starting Node and loading modules. Each other file
 * keeps its own process.
 *
 * @param folder where a file is written for each group
 * @returns the files to run
 */
export function groupTests(root: string, files: readonly string[], folder: string): string[] {
  const graph = makeModuleGraph(root);
  const units = files.filter((file) => isUnitTest(graph, file));
  const groups = Array.from({ length: GROUPS }, (_, position) =>
    units.filter((_, index) => index % GROUPS === position),
  );
  const written = groups.flatMap((group, position) => {
    if (group.length === 0) return [];
    const lines = group.map((file) => {
      const url = JSON.stringify(pathToFileURL(path.join(root, file)).href);
      return `await describe(${JSON.stringify(file)}, async () => { await import(${url}); });\n`;
    });
    const name = path.join(folder, `unit-${position + 1}.test.mjs`);
    writeFileSync(name, `import { describe } from 'node:test';\n${lines.join('')}`);
    return [name];
  });
  return [...written, ...files.filter((file) => !units.includes(file))];
}

/** The test files that load one of the changed files, run it as a command, or read it. */
export function testsOf(
  root: string,
  files: readonly string[],
  changed: readonly string[],
): string[] {
  const programs = programsOf(root);
  const data = changed.filter((file) => !file.endsWith('.ts'));
  const graph = makeModuleGraph(root, (file, text) => {
    const read = data.filter((name) => mentions(text, name));
    if (!file.endsWith('.test.ts')) return read;
    const run = Object.keys(programs).filter((name) => text.includes(`'${name}'`));
    return [
      ...read,
      ...run.map((name) => programs[name] ?? ''),
      file.replace(/\.test\.ts$/, '.ts'),
    ];
  });
  return files.filter((file) => {
    const reached = graph.reachedFrom(file);
    return changed.some((name) => reached.has(name));
  });
}

/** The file that each command of package.json runs, such as `build/site/build.ts`. */
export function programsOf(root: string): Readonly<Record<string, string>> {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const programs = Object.entries(scripts as Record<string, string>);
  return Object.fromEntries(programs.map(([name, script]) => [name, script.replace(/^tsx /, '')]));
}

/** Whether a text names a file or, as tables of cases do, the folder of a fixture. */
function mentions(text: string, file: string): boolean {
  const fixture = /\bfixtures\/(?:.*\/)?([^/]+)\/[^/]+$/.exec(file)?.[1];
  return text.includes(path.basename(file)) || (fixture !== undefined && text.includes(fixture));
}

/** The files that differ from where the branch left another one, new files included. */
export function findChangedFiles(root: string, since: string): string[] {
  const git = (...args: string[]) => {
    const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new UserError(`git finds no commit ${since}: name one with --since`);
    return stdout.split('\n').filter(Boolean);
  };
  const base = git('merge-base', 'HEAD', since)[0] ?? since;
  return [
    ...git('diff', '--name-only', '--relative', base),
    ...git('ls-files', '--others', '--exclude-standard'),
  ];
}
