import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../test/make-folder.ts';
import { runStep } from './fixture-step.ts';

const root = path.join(import.meta.dirname, '..');
const read = async (file: string) => JSON.parse(await readFile(file, 'utf8'));
const about = await read(path.join(root, 'package.json'));

/** A repository with our package.json, whose main lacks the last commit if that is not on it. */
async function makeRepository(t: TestContext, isOnMain: boolean) {
  const cwd = await makeFolder(t);
  const git = (...args: string[]) => {
    const config = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
    const { status, stderr } = spawnSync('git', [...config, ...args], { cwd, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  };
  await cp(path.join(root, 'package.json'), path.join(cwd, 'package.json'));
  git('init', '--quiet');
  git('add', 'package.json');
  git('commit', '--quiet', '--message', 'a');
  git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  if (!isOnMain) git('commit', '--quiet', '--allow-empty', '--message', 'b');
  return cwd;
}

// What is tagged, the tag, whether main has the commit, the error.
const tags: readonly (readonly [string, string, boolean, RegExp | null])[] = [
  ['the version on main', `v${about.version}`, true, null],
  [
    'a commit that is not on main',
    `v${about.version}`,
    false,
    /^::error::the tag is not on main$/m,
  ],
  ['another version', 'v99.0.0', true, /^::error::the tag is not v\d.*, the version in package/m],
  ['a version without v', about.version, true, /^::error::the tag is not v/m],
  ...['$(touch${IFS}hacked)', '`touch${IFS}hacked`', '";touch${IFS}hacked;"'].map(
    (code) =>
      [`code, ${code},`, `v${about.version}${code}`, true, /^::error::the tag is not v/m] as const,
  ),
];

for (const [what, tag, isOnMain, error] of tags) {
  test(`${what} is ${error ? 'refused' : 'released'}`, async (t) => {
    const cwd = await makeRepository(t, isOnMain);
    const { code, stdout } = await runStep('release.yml', 'Compare', {
      cwd,
      env: { GITHUB_REF_NAME: tag },
    });
    assert.equal(code, error ? 1 : 0, stdout);
    if (error) assert.match(stdout, error);
    assert.ok(!(await readdir(cwd)).includes('hacked'));
  });
}

test('the list of what the package needs has each package of the lock but those for development', async (t) => {
  const cwd = await makeFolder(t);
  const { devDependencies: _, private: __, scripts: ___, ...ours } = about;
  await mkdir(path.join(cwd, 'package'));
  await mkdir(path.join(cwd, 'release'));
  await writeFile(path.join(cwd, 'package/package.json'), JSON.stringify(ours));
  await cp(path.join(root, 'package-lock.json'), path.join(cwd, 'package-lock.json'));
  // The lock has all that it needs: no registry is asked.
  const env = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };
  const { code, stderr } = await runStep('release.yml', 'List what it needs', { cwd, env });
  assert.equal(code, 0, stderr);

  const list = await read(path.join(cwd, 'release/sbom.cdx.json'));
  assert.deepEqual([list.bomFormat, list.specVersion], ['CycloneDX', '1.5']);
  assert.equal(list.metadata.component.purl, `pkg:npm/${about.name}@${about.version}`);
  const { packages } = await read(path.join(root, 'package-lock.json'));
  type Locked = { version: string; integrity: string; dev?: boolean };
  const locked = Object.entries(packages as Record<string, Locked>)
    .filter(([folder, { dev }]) => folder !== '' && !dev)
    .map(([folder, { version, integrity }]) => {
      const digest = Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex');
      return `${folder.replace(/^.*node_modules\//, '')} ${version} ${digest}`;
    });
  type Component = { name: string; version: string; hashes: { content: string }[] };
  const listed = (list.components as Component[]).map(
    ({ name, version, hashes }) => `${name} ${version} ${hashes[0]?.content}`,
  );
  assert.deepEqual(listed.sort(), [...new Set(locked)].sort());
});

test('the package is made for the repository that releases it, and sent as one file with its digest', async (t) => {
  const cwd = await makeFolder(t);
  await mkdir(path.join(cwd, 'package'));
  await writeFile(path.join(cwd, 'package/package.json'), '{"name":"a","version":"1.0.0"}');
  // Stands in for `npm run package`, which has its own tests.
  const npm = `[ "$1 $2" = 'run package' ] || exec ${JSON.stringify(npmPath())} "$@"`;
  const env = { GITHUB_REPOSITORY: 'example/marketplace', npm_config_offline: 'true' };
  const made = await runStep('release.yml', 'Package', { cwd, env, programs: { npm } });
  assert.equal(made.code, 0, made.stderr);
  const { repository } = await read(path.join(cwd, 'package/package.json'));
  assert.equal(repository.url, 'git+https://github.com/example/marketplace.git');
  assert.deepEqual(await readdir(path.join(cwd, 'release')), ['package.tgz']);

  const { outputs } = await runStep('release.yml', 'Pack', { cwd });
  const [, SHA256 = ''] = /^sha256=([0-9a-f]{64})$/m.exec(outputs) ?? [];
  const unpack = async () => await runStep('release.yml', 'Unpack', { cwd, env: { SHA256 } });
  assert.equal((await unpack()).code, 0);
  await writeFile(path.join(cwd, '.runner/release.tar'), 'x', { flag: 'a' });
  assert.notEqual((await unpack()).code, 0, 'what was changed on its way is not published');
});

function npmPath(): string {
  return spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
}
