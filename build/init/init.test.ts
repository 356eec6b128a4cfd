import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { parse } from 'yaml';
import { runScript } from '../../infra/fixture-step.ts';
import { parseWorkflows, readWorkflows, type Step, stepsOf } from '../../infra/workflows.ts';
import { skipWithoutSsh, startSshd } from '../../src/publish/hosts/fixture-sshd.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { release, runHere, writeCatalog } from '../cli/fixture-command.ts';
import { installPackage, NAME } from '../package/fixture-package.ts';
import { deployCommand } from '../publish/deploy.ts';
import { init } from './init.ts';

const WORKFLOW = '.github/workflows/marketplace.yml';
const { repository, program } = await installPackage({ after });
await writeCatalog(path.join(repository, 'plugins.json'), [release('jira', '1.0.0')]);
const github = await readFile(path.join(repository, WORKFLOW), 'utf8');
const gitlab = await readFile(path.join(repository, '.gitlab-ci.yml'), 'utf8');

/** A workflow with what it has as comments, which people uncomment: the block of YAML that begins with a line. */
function uncomment(text: string, position: number, first: RegExp): string {
  const lines = text.split('\n');
  const starts = lines.flatMap((line, index) => (first.test(line) ? [index] : []));
  const start = starts[position] ?? assert.fail(`there is no ${first} ${position}`);
  const length = lines.slice(start).findIndex((line) => !/^ *# [ -]|^ *# deploy:/.test(line));
  const end = length === -1 ? lines.length : start + length;
  return lines
    .map((line, index) => (index >= start && index < end ? line.replace(/# /, '') : line))
    .join('\n');
}

test('init writes a repository into an empty folder, and into no other', async (t) => {
  const cwd = await makeFolder(t);
  await mkdir(path.join(cwd, 'mine/.git'), { recursive: true });
  const first = await runHere(init, ['mine'], { cwd });
  assert.deepEqual(
    [first.code, first.stderr, first.stdout],
    [0, '', 'Wrote a marketplace into mine/. README.md says what to do next.\n'],
  );
  const names = (await readdir(path.join(cwd, 'mine'))).sort();
  const expected = ['.git', '.github', '.gitignore', '.gitlab-ci.yml', 'README.md'];
  for (const name of [...expected, 'package.json', 'plugins.json']) assert.ok(names.includes(name));
  const { dependencies } = JSON.parse(await readFile(path.join(cwd, 'mine/package.json'), 'utf8'));
  assert.match(dependencies[NAME], /^\d+\.\d+\.\d+$/, 'an exact version');
  const ignored = (await readFile(path.join(cwd, 'mine/.gitignore'), 'utf8')).split('\n');
  for (const secret of ['signing-key.asc', '*.key', '/users']) assert.ok(ignored.includes(secret));

  const again = await runHere(init, ['mine'], { cwd });
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /^error: mine is not empty, it has \.git\w+: name a folder that is\n$/,
  );
  await writeFile(path.join(cwd, 'file'), '');
  assert.equal((await runHere(init, [], { cwd })).code, 1);
  assert.equal(await readFile(path.join(cwd, 'file'), 'utf8'), '');
  const onFile = await runHere(init, ['file'], { cwd });
  assert.equal(onFile.code, 1, onFile.stderr);
  assert.match(onFile.stderr, /^error: /);
});

const steps = (text: string): Step[] =>
  stepsOf(parseWorkflows({ 'marketplace.yml': text })).map(({ step }) => step);

/** Programs that the steps find: npm is called to install what is there already, npx runs the package. */
const programs = {
  npm: 'test "$*" = "ci --ignore-scripts --no-audit --no-fund"',
  npx: `test "$1" = ${NAME} && shift && exec ${program} "$@"`,
};

async function runSteps(t: TestContext, scripts: readonly string[], more: object = {}) {
  const cwd = await makeFolder(t);
  for (const name of ['plugins.json', 'marketplace.config.json']) {
    await writeFile(path.join(cwd, name), await readFile(path.join(repository, name)));
  }
  for (const script of scripts) {
    const ran = await runScript(script, {
      cwd,
      env: { SSH_KEY: 'a key', SSH_KNOWN_HOSTS: 'a host' },
      programs: { ...programs, ...more },
    });
    assert.equal(ran.code, 0, `${script}: ${ran.stdout}${ran.stderr}`);
  }
  return cwd;
}

test('its workflow for GitHub uses the actions that ours do, may only read, and checks and builds', async (t) => {
  const ours = stepsOf(readWorkflows()).map(({ step }) => step.uses);
  const used = steps(github).flatMap(({ uses }) => uses ?? []);
  assert.equal(used.length, 2);
  for (const action of used) assert.ok(ours.includes(action), `${action} is pinned as in ours`);
  const { permissions, on, jobs } = parse(github);
  assert.deepEqual(permissions, { contents: 'read' });
  assert.deepEqual(Object.keys(on), ['pull_request', 'push', 'workflow_dispatch']);
  assert.equal(jobs.marketplace['timeout-minutes'], 30);
  const scripts = steps(github).flatMap(({ run }) => run ?? []);
  assert.equal(scripts.length, 3);
  const cwd = await runSteps(t, scripts);
  assert.ok((await readdir(path.join(cwd, 'dist'))).includes('snapshot.json'));
});

test('its workflow for GitLab checks and builds with a pinned image', async (t) => {
  const { image, build, deploy } = parse(gitlab);
  assert.match(image, /^node:24-bookworm@sha256:[0-9a-f]{64}$/);
  const ours = readWorkflows().texts['ci.yml'] ?? '';
  assert.ok(ours.includes(image), 'pinned as in ours');
  assert.equal(deploy, undefined);
  const cwd = await runSteps(t, build.script);
  assert.ok((await readdir(path.join(cwd, 'dist'))).includes('snapshot.json'));
});

// A way to publish, the position of its comment, the reason to skip.
const WAYS: readonly (readonly ['dir' | 'ssh' | 'bucket', number, string | false])[] = [
  ['dir', 0, false],
  ['ssh', 1, skipWithoutSsh],
  ['bucket', 2, false],
];

for (const [way, position, skip] of WAYS) {
  test(`the workflows deploy by ${way} as their comments have it`, { skip }, async (t) => {
    const onGithub = steps(uncomment(github, position, /^ *# - name: Deploy/));
    const [deploy] = onGithub.filter(({ name }) => name === 'Deploy');
    const script = deploy?.run ?? assert.fail('there is no step');
    assert.equal(deploy?.if, "github.ref == 'refs/heads/main'");
    const { flags } = deployCommand;
    for (const [, flag = ''] of script.matchAll(/ --([a-z-]+)/g)) {
      assert.ok(flags.includes(flag), `deploy has --${flag}`);
    }
    const onGitlab = parse(uncomment(gitlab, position, /^# deploy:/));
    assert.deepEqual(onGitlab.deploy.rules, [{ if: '$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH' }]);
    const theirs = onGitlab.deploy.script.at(-1);
    assert.equal(script.trim().split('\n').at(-1), theirs, 'both deploy alike');
    if (way === 'bucket') return;

    const folder = await makeFolder(t);
    const sshd = way === 'ssh' ? await startSshd(t) : undefined;
    const scripts = onGithub.flatMap(({ run }) => run ?? []);
    const cwd = await runSteps(
      t,
      scripts.map((script) =>
        script
          .replace('dir:/srv/marketplace', `dir:${folder}`)
          .replace('ssh://www@host/srv/marketplace', `${sshd?.url}${folder}`)
          .replace(/--after '.*?'/, `--after 'touch reloaded'`)
          .replace('--site-url https://marketplace.example.com', '--no-probe'),
      ),
      sshd && { ssh: `exec ${sshd.PATH.split(':')[0]}/ssh "$@"` },
    );
    const names = await readdir(folder);
    for (const name of ['current', 'snapshots', 'reloaded']) assert.ok(names.includes(name), name);
    if (sshd === undefined) return;
    const key = path.join(cwd, '.runner/.ssh/id_ed25519');
    assert.equal((await stat(key)).mode & 0o777, 0o600);
    assert.equal(await readFile(key, 'utf8'), 'a key\n');
  });
}
