import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Cleanup, makeFolder } from '../../test/make-folder.ts';
import { THOROUGH } from '../../test/random.ts';
import { readBlock } from '../../test/read-block.ts';
import { writePackage } from './write-package.ts';

const ROOT = path.join(import.meta.dirname, '../..');

export const NAME = 'mattermost-static-marketplace';

/**
 * npm and npx as the page of the package calls them, without a registry: the file of the package is unpacked, and the packages that
 * it names are linked to those of the checkout. It finds no others.
 */
const FAKES = {
  npm: `
    test "$1 $2" = 'install --ignore-scripts'
    "$NODE" "$INSTALL" "$3" .`,
  npx: `
    if [ "$1 $2" = '--yes --package' ]; then
      mkdir "$HOME/npx"
      "$NODE" "$INSTALL" "$3" "$HOME/npx"
      bin="$HOME/npx/node_modules/.bin/$4"
      shift 4
    else
      bin="$PWD/node_modules/.bin/$1"
      shift
    fi
    exec "$bin" "$@"`,
};

const INSTALL = `
  import { execFileSync } from 'node:child_process';
  import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
  import path from 'node:path';
  const [file, folder] = process.argv.slice(2);
  const modules = path.resolve(folder, 'node_modules');
  const own = path.join(modules, '${NAME}');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', file, '-C', own, '--strip-components=1']);
  const { dependencies, bin } = JSON.parse(readFileSync(path.join(own, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
    symlinkSync(path.join('${path.join(ROOT, 'node_modules')}', name), path.join(modules, name));
  }
  mkdirSync(path.join(modules, '.bin'));
  for (const [name, target] of Object.entries(bin)) {
    execFileSync('chmod', ['+x', path.join(own, target)]);
    symlinkSync(path.join('..', '${NAME}', target), path.join(modules, '.bin', name));
  }
`;

/** The package, packed, and a repository that was made with it as docs/package.md has it. */
export async function installPackage(t: Cleanup) {
  const folder = await makeFolder(t);
  const metafile = await writePackage(path.join(folder, 'package'));
  const pack = ['pack', '--silent', '--pack-destination', folder, path.join(folder, 'package')];
  const { stdout } = await promisify(execFile)('npm', pack, { cwd: folder });
  const block = await readBlock('docs/package.md', 'sh', 'npx --yes');
  assert.ok(block.includes(stdout.trim()), 'the page names the file as npm does');

  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  const install = path.join(folder, 'install.mjs');
  await writeFile(install, INSTALL);
  await symlink(process.execPath, path.join(bin, 'node'));
  for (const [name, script] of Object.entries(THOROUGH ? {} : FAKES)) {
    await writeFile(path.join(bin, name), `#!/usr/bin/env bash\nset -e\n${script}\n`);
    await chmod(path.join(bin, name), 0o755);
  }
  const child = spawn('bash', ['-euo', 'pipefail', '-c', block], {
    cwd: folder,
    env: {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: THOROUGH ? process.env['HOME'] : folder,
      NODE: process.execPath,
      INSTALL: install,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  });
  const [[code], output, errors] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  assert.equal(code, 0, output + errors);
  const repository = path.join(folder, 'my-marketplace');
  const installed = path.join(repository, 'node_modules', NAME);
  return {
    metafile,
    /** The repository, a folder. */
    repository,
    /** The installed package, a folder. */
    installed,
    /** The program of the package, and a path of programs on which there is only node. */
    program: path.join(repository, 'node_modules/.bin', NAME),
    onlyNode: await onlyNode(folder),
    manifest: JSON.parse(await readFile(path.join(installed, 'package.json'), 'utf8')),
  };
}

async function onlyNode(folder: string): Promise<string> {
  const only = path.join(folder, 'only-node');
  await mkdir(only);
  await symlink(process.execPath, path.join(only, 'node'));
  return only;
}
