import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from '../../test/engines/free-port.ts';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { installAll } from '../../test/engines/mattermost-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../test/samples/signing-keys.ts';
import { hashFolder, run, startProgram, waitForOutput } from '../cli/fixture-command.ts';
import { installPackage, NAME } from './fixture-package.ts';
import { COMMANDS } from './program.ts';
import { toPackageCalls } from './write-package.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const { metafile, repository, installed, program, onlyNode, manifest } = await installPackage({
  after,
});

/** Starts the program of the package, with only node on the path. */
const start = (t: TestContext, cwd: string, args: readonly string[]) =>
  startProgram(t, program, args, { cwd, env: { PATH: onlyNode } });

async function runPackage(t: TestContext, cwd: string, args: readonly string[]) {
  const running = start(t, cwd, args);
  const code = await running.ended;
  return { code, stdout: running.stdout, stderr: running.stderr };
}

const AWS = ['@aws-sdk/client-cloudfront', '@aws-sdk/client-s3'];
const READS = ['commander', 'jsonc-parser', 'zod'];
// The manifest of a build has ranges of versions.
const BUILD = [...READS, 'semver'];
const SIGNATURES = ['openpgp', 'p-limit', 'semver', 'tar-stream', 'yaml'];

// A command, the packages that it loads.
const LOADS: Readonly<Record<string, readonly string[]>> = {
  init: READS,
  start: [...READS, 'esbuild', 'fast-glob', 'markdown-it', 'semver'],
  build: [...READS, 'esbuild', 'fast-glob', 'markdown-it', 'semver'],
  serve: BUILD,
  nginx: [...BUILD, 'esbuild'],
  hosts: BUILD,
  users: READS,
  probe: [...READS, 'fast-glob', ...SIGNATURES],
  diff: [...READS, 'fast-glob', 'semver'],
  catalog: [...READS, '@octokit/core', '@octokit/plugin-paginate-rest', 'fast-glob', ...SIGNATURES],
  deploy: [...BUILD, ...AWS, 'esbuild', 'fast-glob', 'p-limit'],
  rollback: [...BUILD, ...AWS, 'esbuild', 'fast-glob', 'p-limit'],
  snapshots: [...BUILD, ...AWS, 'fast-glob', 'p-limit'],
  prune: [...BUILD, ...AWS, 'fast-glob', 'p-limit'],
};

/** The packages that a file of the bundle and those that it imports load. */
function packagesOf(entry: string): string[] {
  const files = new Set([entry]);
  const found = new Set<string>();
  for (const file of files) {
    for (const { path: name, external, kind } of metafile.outputs[file]?.imports ?? []) {
      if (kind === 'dynamic-import') continue;
      if (!external) files.add(name);
      else if (!name.startsWith('node:')) found.add(name);
    }
  }
  return [...found].sort();
}

test('every command of package.json is one of the package, and each loads only what it needs', async () => {
  const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
  const forDevelopers = /^(test|check|format|docs|schema|package|screenshots|bench|fuzz)$/;
  const names = Object.keys(scripts).filter((name) => !forDevelopers.test(name));
  assert.deepEqual([...COMMANDS.keys()].sort(), [...names, 'init'].sort());
  assert.deepEqual(Object.keys(LOADS).sort(), [...COMMANDS.keys()].sort());
  const program = Object.keys(metafile.outputs).find((name) => name.endsWith('lib/program.js'));
  const [main] = packagesOf(program ?? assert.fail());
  assert.equal(main, 'commander', 'only what parses arguments is loaded before a command is known');
  for (const [name, packages] of Object.entries(LOADS)) {
    const source = Object.entries(metafile.outputs).find(([, { entryPoint }]) =>
      new RegExp(`^build/(?:${name}/${name}|[a-z]+/${name})\\.ts$`).test(entryPoint ?? ''),
    );
    assert.deepEqual(packagesOf(source?.[0] ?? assert.fail(name)), [...packages].sort(), name);
  }
});

test('the package has its programs, its types, its pages, and what a build bundles; nothing for tests', async () => {
  const files = await readdir(installed, { recursive: true });
  const expected = [
    ...['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/private.md', 'lib/main.js', 'lib/program.js'],
    ...['lib/types/build/package/program.d.ts', 'lib/src/router/route.ts'],
    ...['lib/src/pages/assets/site.css', 'lib/src/pages/assets/touch-icon.png'],
  ];
  for (const file of expected) assert.ok(files.includes(file), file);
  assert.deepEqual(
    files.filter((file) => /\.test\.|fixture|bench|\bdev\b/.test(file)),
    [],
  );
  const { dependencies } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
  const { tsx: _, ...needed } = dependencies;
  assert.deepEqual(manifest.dependencies, needed, 'all that the checkout needs but tsx');
});

// What the checkout says, what the package says.
const texts: readonly (readonly [string, string])[] = [
  ['run npm run build first', `run npx ${NAME} build first`],
  ['npm run build -- --strict', `npx ${NAME} build --strict`],
  ['npm run catalog --', `npx ${NAME} catalog`],
  ['npm run catalog -- add a v1', `npx ${NAME} catalog add a v1`],
  ['npm start -- --watch', `npx ${NAME} start --watch`],
  ['`npm run diff`: x', `\`npx ${NAME} diff\`: x`],
  ['$(npm run -s probe -- URL)', `$(npx ${NAME} probe URL)`],
  ['npm run build && npm run hosts', `npx ${NAME} build && npx ${NAME} hosts`],
  ['npm test, npm run bench -- serve', 'npm test, npm run bench -- serve'],
];

for (const [ours, theirs] of texts) {
  test(`"${ours}" is "${theirs}" in the package`, () => assert.equal(toPackageCalls(ours), theirs));
}

test('no command of the package tells people to run a command of the checkout', async (t) => {
  const files = (await readdir(path.join(installed, 'lib'))).filter((name) => name.endsWith('.js'));
  for (const name of files) {
    const code = await readFile(path.join(installed, 'lib', name), 'utf8');
    assert.doesNotMatch(code, /npm (run|start)\b/, name);
  }
  const cwd = await makeFolder(t);
  const overview = await runPackage(t, cwd, ['--help']);
  assert.match(overview.stdout, new RegExp(`^Usage: npx ${NAME} COMMAND \\[flags\\]\n`));
  for (const name of COMMANDS.keys()) {
    assert.match(overview.stdout, new RegExp(`^ {2}${name} +[A-Z]`, 'm'));
    const { code, stdout } = await runPackage(t, cwd, [name, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^Usage: npx ${NAME} ${name} (?!--)`));
    assert.match(stdout, new RegExp(`^Example:\\s[^]*npx ${NAME} ${name}`, 'm'));
  }
  const version = await runPackage(t, cwd, ['--version']);
  assert.deepEqual(version, { code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  const wrong = await runPackage(t, cwd, ['biuld']);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /^error: unknown command "biuld"; the commands are init, start, build/,
  );
});

test('a build by the package is that of the checkout, byte for byte', async (t) => {
  const cwd = await makeFolder(t);
  for (const name of ['plugins.json', 'marketplace.config.json']) {
    await cp(path.join(ROOT, name), path.join(cwd, name));
  }
  const { code, stderr } = await runPackage(t, cwd, ['build', '--dir', 'theirs']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`npx ${NAME} catalog check lists them`));
  await run(t, { program: 'build', args: ['--dir', 'ours'], cwd });
  const ours = await hashFolder(path.join(cwd, 'ours'));
  assert.ok(Object.keys(ours).length > 1000);
  assert.deepEqual(await hashFolder(path.join(cwd, 'theirs')), ours);
});

test('from an empty folder to a Mattermost server that installs, with the package alone', async (t) => {
  const key = await makeSigningKey();
  const bundle = await makeBundle(makeManifest('com.acme.hello', '1.0.0'));
  const name = 'com.acme.hello-1.0.0.tar.gz';
  const store = await startLoopback(t, serveFiles({ [`/${name}`]: bundle }));
  const files = { [name]: bundle, [`${name}.sig`]: await key.sign(bundle) };
  for (const [file, content] of Object.entries({ ...files, 'key.asc': key.publicKey })) {
    await writeFile(path.join(repository, file), content);
  }
  const succeed = async (...args: string[]) => {
    const { code, stdout, stderr } = await runPackage(t, repository, args);
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
    return stdout;
  };
  await succeed('build', '--strict');
  const url = `${store.url}/${name}`;
  const add = ['hello', 'v1.0.0', '--community', '--bundle', name, '--download-url', url];
  await succeed('catalog', 'add', ...add, '--key', 'key.asc');
  await succeed('catalog', 'check');
  await succeed('catalog', 'verify', '--key', 'key.asc');
  assert.match(await succeed('build', '--strict'), /Catalog +1 release of 1 plugin/);
  assert.match(await succeed('diff', 'plugins.json', 'dist'), /./);
  assert.match(await succeed('hosts'), /HAProxy/);

  const port = String(await freePort());
  const serving = start(t, repository, ['serve', '--port', port]);
  await waitForOutput(serving, `:${port}`);
  const site = `http://127.0.0.1:${port}`;
  const patient = ['--slow', '60000', '--max-seconds', '600'];
  await succeed('probe', site, '--dir', 'dist', '--key', 'key.asc', ...patient);
  const server = {
    version: '9.11.0',
    marketplaceUrl: site,
    keyFiles: [path.join(repository, 'key.asc')],
    settings: ['PluginSettings.AllowInsecureDownloadURL'],
  };
  assert.deepEqual(await installAll(t, server), ['com.acme.hello@1.0.0']);
  serving.child.kill('SIGTERM');
  assert.equal(await serving.ended, 0, serving.stderr);
});

test('a program calls the package with types', async (t) => {
  const cwd = await makeFolder(t);
  await symlink(path.join(repository, 'node_modules'), path.join(cwd, 'node_modules'));
  await writeFile(
    path.join(cwd, 'program.mts'),
    `import { run, type CommandContext } from '${NAME}';
    let printed = '';
    const context: CommandContext = {
      cwd: process.cwd(), environment: {}, now: () => new Date(),
      print: (text: string) => { printed += text; }, report: () => {},
      status: { show: () => {}, clear: () => {} }, askSecret: async () => null,
      web: { get fetch(): never { throw new Error('offline'); } } as never,
    };
    // @ts-expect-error arguments are texts
    const wrong = () => run([1], context);
    const code: 0 | 1 | 2 = await run(['--version'], context);
    console.log(code, printed.trim(), typeof wrong);`,
  );
  const tsc = path.join(ROOT, 'node_modules/.bin/tsc');
  const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node'];
  const roots = ['--typeRoots', path.join(ROOT, 'node_modules/@types')];
  const compiled = promisify(execFile)(tsc, [...options, ...roots, 'program.mts'], { cwd });
  await compiled.catch(({ stdout }) => assert.fail(stdout));
  const { stdout } = await promisify(execFile)(process.execPath, ['program.mjs'], { cwd });
  assert.equal(stdout, `0 ${manifest.version} function\n`);
});
