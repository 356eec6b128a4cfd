import assert from 'node:assert/strict';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../test/make-folder.ts';
import { gh, makeClone } from './fixture-clone.ts';
import { runStep } from './fixture-step.ts';

const HOSTILE = '$(touch hacked) `touch hacked` "; touch hacked; @all';

test('what was changed is committed to a branch of its own, and a pull request opened', async (t) => {
  const { cwd, git, write, propose, log, show } = await makeClone(t);
  await write('plugins.json', '["new"]\n');
  await write('untracked.txt', 'left alone\n');
  const { code, stderr, asked } = await propose("main update 'feat: a title'", HOSTILE);
  assert.equal(code, 0, stderr);
  const [setUp, list, create, body] = asked.trimEnd().split('\n');
  assert.equal(setUp, 'gh auth setup-git');
  assert.match(list ?? '', /^gh pr list --base main --head update --state open /);
  assert.match(
    create ?? '',
    /^gh pr create --base main --head update --title feat: a title --body-file \S+$/,
  );
  assert.equal(body, `> ${HOSTILE}`);
  assert.equal(await log('update'), 'feat: a title\nfirst');
  assert.equal(await log('main'), 'first', 'nothing is pushed to main');
  assert.equal(await show('update', 'plugins.json'), '["new"]');
  assert.equal(
    await git('git --git-dir ../origin.git ls-tree --name-only update untracked.txt'),
    '',
  );
  assert.match(
    await git('git --git-dir ../origin.git log -1 --format=%an update'),
    /^github-actions\[bot\]$/,
  );
  assert.ok(!(await readdir(cwd)).includes('hacked'));
});

test('where nothing was changed, nobody is asked', async (t) => {
  const { write, propose } = await makeClone(t);
  await write('untracked.txt', 'left alone\n');
  const { code, stdout, asked } = await propose('main update title');
  assert.deepEqual([code, stdout, asked], [0, 'Nothing has changed\n', '']);
});

test('a file that is new is proposed where it is named', async (t) => {
  const { write, propose, show } = await makeClone(t);
  await write('lock.json', '{}\n');
  const { code, stderr } = await propose('main refresh title lock.json');
  assert.equal(code, 0, stderr);
  assert.equal(await show('refresh', 'lock.json'), '{}');
});

test('an open proposal is renewed, unless it would stay the same', async (t) => {
  const { write, checkOut, propose, log, show } = await makeClone(t);
  await write('plugins.json', '["one"]\n');
  await propose('main update title');

  await checkOut();
  await write('plugins.json', '["one"]\n');
  const same = await propose('main update title', 'why', '7');
  assert.equal(same.stdout, 'update proposes this already\n');

  await checkOut();
  await write('plugins.json', '["one", "two"]\n');
  const { code, stderr, asked } = await propose("main update 'another title'", 'why', '7');
  assert.equal(code, 0, stderr);
  assert.match(asked, /\ngh pr edit 7 --title another title --body-file \S+\n> why\n?$/);
  assert.equal(await log('update'), 'another title\nfirst');
  assert.equal(await show('update', 'plugins.json'), '["one", "two"]');
});

test('a branch that somebody has worked on is left alone', async (t) => {
  const { git, write, checkOut, propose, log } = await makeClone(t);
  await write('plugins.json', '["one"]\n');
  await propose('main update title');
  await git('git commit --quiet --allow-empty -m mine; git push --quiet origin HEAD:update');
  await checkOut();
  await write('plugins.json', '["two"]\n');
  const { code, stdout } = await propose('main update title');
  assert.equal(code, 0);
  assert.match(stdout, /^::warning::somebody has worked on update/);
  assert.equal(await log('update'), 'mine\ntitle\nfirst');
});

test('a push that is refused fails, and no pull request is opened', async (t) => {
  const { git, write, propose } = await makeClone(t);
  await write('plugins.json', '["one"]\n');
  await git(
    'printf "#!/bin/sh\\nexit 1\\n" > ../origin.git/hooks/pre-receive; chmod +x ../origin.git/hooks/pre-receive',
  );
  const { code, asked } = await propose('main update title');
  assert.notEqual(code, 0);
  assert.doesNotMatch(asked, /gh pr/);
});

const lockOf = (url: string, sha256: string, fetchedAt: string, waiting?: object) =>
  JSON.stringify({ url, fetchedAt, sha256, waiting, releases: [] });
const kept = lockOf('https://a.example.com', 'one', '2026-01-01T00:00:00Z');

// The kept lock, the fetched one, the output, whether it is proposed.
const locks: readonly (readonly [string | undefined, string | undefined, RegExp, boolean])[] = [
  [undefined, undefined, /^There is no upstream\n$/, false],
  [kept, kept, /^The upstream has not changed\n$/, false],
  [
    kept,
    lockOf('https://a.example.com', 'one', '2026-02-02T00:00:00Z'),
    /^The upstream has not changed\n$/,
    false,
  ],
  [kept, lockOf('https://a.example.com', 'two', '2026-02-02T00:00:00Z'), /^$/, true],
  [kept, lockOf('https://b.example.com', 'one', '2026-01-01T00:00:00Z'), /^$/, true],
  [undefined, kept, /^$/, true],
  [
    lockOf('https://a.example.com', 'one', '2026-01-01T00:00:00Z', { 'a@1.0.0': '2026-01-05' }),
    lockOf('https://a.example.com', 'one', '2026-01-05T00:00:00Z'),
    /^$/,
    true,
  ],
  [
    lockOf('https://a.example.com', 'one', '2026-01-01T00:00:00Z', { 'a@1.0.0': '2026-01-05' }),
    lockOf('https://a.example.com', 'one', '2026-01-02T00:00:00Z', { 'a@1.0.0': '2026-01-05' }),
    /^The upstream has not changed\n$/,
    false,
  ],
];

for (const [before, now, output, isProposed] of locks) {
  test(`where ${before ?? 'nothing'} is kept and ${now ?? 'nothing'} fetched, ${isProposed ? 'that is proposed' : 'nothing is'}`, async (t) => {
    const { cwd, git, write, show } = await makeClone(t);
    const lock = 'marketplace.upstream.json';
    if (before) {
      await write(lock, before);
      await git(`git add .; git commit --quiet -m lock; git push --quiet origin main`);
    }
    if (now) await write(lock, now);
    const env = { BRANCH: 'main', OPEN: '' };
    const { code, stdout, stderr } = await runStep('refresh-upstream.yml', 'Propose', {
      cwd,
      env,
      programs: { gh },
    });
    assert.equal(code, 0, stderr);
    assert.match(stdout, output);
    const pushed = await git('git --git-dir ../origin.git branch --list refresh-upstream-main');
    assert.equal(pushed !== '', isProposed);
    if (isProposed) assert.equal(await show('refresh-upstream-main', lock), now);
  });
}

test('what waits is named in the pull request, as text and no more', async (t) => {
  const { cwd, write } = await makeClone(t);
  const waiting = { [`jira@1.0.0 ${HOSTILE}\n# head`]: '2026-01-05T00:00:00Z' };
  const lock = lockOf('https://a.example.com', 'one', '2026-01-01T00:00:00Z', waiting);
  await write('marketplace.upstream.json', lock);
  const { code, stderr, asked } = await runStep('refresh-upstream.yml', 'Propose', {
    cwd,
    env: { BRANCH: 'main', OPEN: '' },
    programs: { gh },
  });
  assert.equal(code, 0, stderr);
  const body = asked.split('\n').filter((line) => line.startsWith('> '));
  assert.deepEqual(body.slice(0, 2), ['> What https://a.example.com has now.', '> ']);
  assert.equal(
    body[2],
    `>     jira@1.0.0 ${HOSTILE} # head waits until 2026-01-05T00:00:00Z`,
    'a line of a block of code',
  );
  assert.equal(body.length, 3);
  assert.ok(!(await readdir(cwd)).includes('hacked'));
});

for (const [branch, exists] of [
  ['main', true],
  ['private-beta', false],
] as const) {
  test(`the upstream of ${branch}, which is ${exists ? '' : 'not '}there, is ${exists ? '' : 'not '}looked at`, async (t) => {
    const { cwd, git } = await makeClone(t);
    await git('git fetch --quiet origin');
    const ran = await runStep('refresh-upstream.yml', 'Go to the branch', {
      cwd,
      env: { BRANCH: branch },
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.outputs, exists ? 'exists=yes\n' : '');
    assert.equal(/^::notice::there is no branch private-beta/.test(ran.stdout), !exists);
  });
}

test('what is new on GitHub is proposed, its names as text and no more', async (t) => {
  const { cwd, write } = await makeClone(t);
  const added = JSON.stringify(
    { added: [`jira@1.0.0 ${HOSTILE}\n\`\`\`\n# head`], failures: [] },
    null,
    2,
  );
  await mkdir(path.join(cwd, '.runner'), { recursive: true });
  await write('.runner/added.json', `${added}\n`);
  await write('plugins.json', '["new"]\n');
  const { code, stderr, asked } = await runStep('update.yml', 'Propose', {
    cwd,
    env: { OPEN: '' },
    programs: { gh },
  });
  assert.equal(code, 0, stderr);
  const body = await readFile(path.join(cwd, '.runner/body.md'), 'utf8');
  const [, , ...block] = body.trimEnd().split('\n');
  for (const line of block) assert.match(line, /^ {4}/, 'a line of a block of code');
  assert.ok(asked.includes('touch hacked'));
  assert.ok(!(await readdir(cwd)).includes('hacked'));
});

test('a failed update is reported after the rest was proposed', async (t) => {
  const cwd = await makeFolder(t);
  const npm = 'echo "{}"; exit 1';
  const { code } = await runStep('update.yml', 'Update', { cwd, programs: { npm } });
  assert.equal(code, 1, 'not lost in the pipe');
  const reported = await runStep('update.yml', 'Report what could not be added', { cwd });
  assert.equal(reported.code, 1);
});
