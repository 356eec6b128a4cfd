import assert from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { makeFolder } from '../test/make-folder.ts';
import { runScript } from './fixture-step.ts';

/** A fake gh: records its calls with their input, and reports the pull requests in OPEN as open. */
export const gh = `
echo "gh $*" >> "$ASKED"
while [ $# -gt 0 ]; do
  if [ "$1" = --body-file ]; then sed 's/^/> /' "$2" >> "$ASKED"; fi
  if [ "$1" = list ]; then printf '%s' "$OPEN"; fi
  shift
done`;

/** A clone of a repository with the branch main, in a folder beside it. */
export async function makeClone(t: TestContext) {
  const folder = await makeFolder(t);
  const cwd = path.join(folder, 'clone');
  await mkdir(cwd);
  const git = async (script: string) => {
    const who =
      'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com';
    const { code, stdout, stderr } = await runScript(`${who}; ${script}`, { cwd });
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  await git(
    'git init --quiet --bare --initial-branch main ../origin.git; git init --quiet --initial-branch main .',
  );
  await mkdir(path.join(cwd, '.ci'));
  await cp(path.join(import.meta.dirname, '../.ci/propose'), path.join(cwd, '.ci/propose'));
  await writeFile(path.join(cwd, 'plugins.json'), '[]\n');
  await writeFile(path.join(cwd, '.gitignore'), '.runner\n');
  await git(
    'git add .; git commit --quiet -m first; git remote add origin ../origin.git; git push --quiet origin main',
  );
  /** Back to a fresh checkout, as a next run has it. */
  const checkOut = () =>
    git(
      'git reset --quiet --hard; git switch --quiet --detach origin/main; git branch --quiet --force main origin/main; git switch --quiet main',
    );
  const write = (name: string, text: string) => writeFile(path.join(cwd, name), text);
  const propose = (args: string, body = 'why', open = '') =>
    runScript(`printf '%s' "$BODY" | .ci/propose ${args}`, {
      cwd,
      env: { BODY: body, OPEN: open },
      programs: { gh },
    });
  /** The commits of a branch of the origin, and what it has in a file. */
  const log = (branch: string) => git(`git --git-dir ../origin.git log --format=%s ${branch}`);
  const show = (branch: string, file: string) =>
    git(`git --git-dir ../origin.git show ${branch}:${file}`);
  return { cwd, git, write, checkOut, propose, log, show };
}
