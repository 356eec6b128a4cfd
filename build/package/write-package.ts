import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Metafile } from 'esbuild';
import glob from 'fast-glob';
import about from '../../package.json' with { type: 'json' };
import { inFolder } from '../cli/in-folder.ts';
import { formatJson } from '../cli/print.ts';
import { makeModuleGraph, parseImports } from '../dev/tests/module-graph.ts';
import { bundleForNode } from './bundle-for-node.ts';
import { COMMANDS } from './program.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** What a build bundles with the data of a catalog, so it has to be there as source. */
const BUNDLED_BY_BUILDS = ['src/hosts/*/*entry.ts', 'src/pages/browser/main.ts'];

/** Files that commands read. */
const READ_BY_COMMANDS = [
  'src/pages/assets/*.{css,png}',
  'src/catalog/plugins.schema.json',
  'build/init/files/**',
  'infra/image/{Dockerfile*,nginx.conf,*.yaml}',
];

/**
 * Writes the package into a folder: the commands in JavaScript that needs nothing but Node and the packages that it imports.
 *
 * @returns the modules that each file of `lib/` has and imports
 */
export async function writePackage(folder: string): Promise<Metafile> {
  await rm(folder, { recursive: true, force: true });
  const lib = path.join(folder, 'lib');
  const [metafile] = await Promise.all([
    bundleForNode({
      root: ROOT,
      entryPoints: { main: 'build/package/main.ts', program: 'build/package/program.ts' },
      outdir: lib,
      rewrite: (text, file) => toPackageCalls(findFilesInLib(text, file)),
    }),
    writeTypes(path.join(lib, 'types')),
    copySources(lib),
    writeDocs(folder),
  ]);
  await writeFile(path.join(folder, 'package.json'), formatJson(describePackage(metafile)));
  return metafile;
}

/** The files of a module, beside its source, lie in `lib/` under the same path. */
function findFilesInLib(text: string, file: string): string {
  const from = path.relative(ROOT, path.dirname(file)).split(path.sep).join('/');
  return text.replaceAll('import.meta.dirname', `(import.meta.dirname + '/${from}')`);
}

const CALL = new RegExp(
  `\\bnpm (?:run (?:--silent |-s )?)?(${[...COMMANDS.keys()].join('|')}|COMMAND)\\b(?: --(?![\\w-]))?`,
  'g',
);

/** A text with commands as a user of the package types them: `npm run build -- --strict` is `npx NAME build --strict`. */
export function toPackageCalls(text: string): string {
  return text.replace(CALL, `npx ${about.name} $1`);
}

async function copySources(lib: string): Promise<void> {
  const graph = makeModuleGraph(ROOT);
  const bundled = await glob(BUNDLED_BY_BUILDS, { cwd: ROOT });
  const modules = bundled.flatMap((file) => [...graph.reachedFrom(file)]);
  const read = await glob(READ_BY_COMMANDS, { cwd: ROOT, dot: true });
  const ours = modules.filter((name) => name.startsWith('src/'));
  for (const file of new Set([...ours, ...read])) {
    await cp(path.join(ROOT, file), path.join(lib, file));
  }
}

/** Writes the types that `program.ts` needs, of those of all that it loads. */
async function writeTypes(folder: string): Promise<void> {
  await inFolder(async (all) => {
    const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
    await promisify(execFile)(tsc, ['-p', 'build/package', '--outDir', all], { cwd: ROOT });
    const needed = new Set(['build/package/program.d.ts']);
    // A set is iterated in the order of insertion, what is added on the way included.
    for (const file of needed) {
      const text = await readFile(path.join(all, file), 'utf8');
      const imports = parseImports(text).filter(({ name }) => name.startsWith('.'));
      for (const { name } of imports) {
        needed.add(path.join(path.dirname(file), name).replace(/\.ts$/, '.d.ts'));
      }
      await cp(path.join(all, file), path.join(folder, file));
    }
  });
}

async function writeDocs(folder: string): Promise<void> {
  await mkdir(path.join(folder, 'docs'), { recursive: true });
  for (const name of await glob(['docs/*.md', '!docs/development.md'], { cwd: ROOT })) {
    const text = await readFile(path.join(ROOT, name), 'utf8');
    await writeFile(path.join(folder, name), toPackageCalls(text));
  }
  const readme = await readFile(path.join(ROOT, 'docs/package.md'), 'utf8');
  await writeFile(path.join(folder, 'README.md'), readme.replace(/\]\((?=[\w-]+\.md)/g, '](docs/'));
  for (const name of ['LICENSE', 'CHANGELOG.md'])
    await cp(path.join(ROOT, name), path.join(folder, name));
}

/** The package.json, with the packages that the commands import. */
function describePackage(metafile: Metafile) {
  const { name, version, description, license, type, engines } = about;
  const versions: Readonly<Record<string, string>> = about.dependencies;
  const dependencies = listPackages(metafile).map((imported) => {
    const pinned = versions[imported];
    if (pinned === undefined) throw new Error(`${imported} is imported and no dependency`);
    return [imported, pinned];
  });
  return {
    ...{ name, version, description, license, type, engines },
    keywords: ['mattermost', 'plugins', 'marketplace', 'static'],
    bin: { [name]: 'lib/main.js' },
    exports: {
      '.': { types: './lib/types/build/package/program.d.ts', default: './lib/program.js' },
      './plugins.schema.json': './lib/src/catalog/plugins.schema.json',
      './package.json': './package.json',
    },
    files: ['lib', 'docs', 'CHANGELOG.md'],
    dependencies: Object.fromEntries(dependencies),
  };
}

/** The packages that files of `lib/` import. */
function listPackages({ outputs }: Metafile): string[] {
  const imports = Object.values(outputs).flatMap((output) => output.imports);
  const names = imports
    .filter(({ path: name, external }) => external && !name.startsWith('node:'))
    .map(({ path: name }) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(names)].sort();
}
