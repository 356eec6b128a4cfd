import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import promises, { mkdir, symlink, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import {
  findLeftovers,
  programOf,
  release,
  runHere,
  writeCatalog,
} from '../cli/fixture-command.ts';
import { build } from './build.ts';

const program = 'build';

async function makeProject(t: TestContext): Promise<string> {
  const cwd = await makeFolder(t);
  await writeCatalog(path.join(cwd, 'plugins.json'), [release('jira', '1.0.0')]);
  return cwd;
}

for (const code of ['EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'EACCES']) {
  test(`a build to where no folder can be made reports ${code}`, async (t) => {
    const cwd = await makeProject(t);
    // For nested folders Node reports ENOENT.
    t.mock.method(promises, 'mkdir', async (_: string, options?: { recursive?: boolean }) => {
      const found = options?.recursive ? 'ENOENT' : code;
      throw Object.assign(new Error(found), { code: found, syscall: 'mkdir' });
    });
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.restoreAll();
      syncBuiltinESMExports();
    });
    const ran = await runHere(build, ['--dir', 'a/dist'], { cwd });
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      new RegExp(`^error: .*a/dist cannot be written, ${code}: .+\\n$`, 'm'),
    );
  });
}

test('a file that gets larger than allowed is an error, and nothing is left', async (t) => {
  const cwd = await makeProject(t);
  const command = ['--import', import.meta.resolve('tsx'), programOf(program)];
  const env = { ...process.env, TMPDIR: path.join(cwd, 'tmp') };
  await mkdir(env.TMPDIR);
  // tsx writes its cache first.
  execFileSync(process.execPath, [...command, '--help'], { cwd, env });
  const limited = ['-c', 'ulimit -f 4; exec "$@"', 'bash', process.execPath, ...command];
  const ran = spawnSync('bash', limited, { cwd, env, encoding: 'utf8', timeout: 60_000 });
  assert.match(ran.stderr, /^error: dist cannot be written, EFBIG: .*\(ulimit -f\)\n$/m);
  assert.doesNotMatch(ran.stderr, /This is a bug/);
  assert.equal(ran.status, 1);
  assert.deepEqual(await findLeftovers(path.join(cwd, 'dist')), []);
});

// The folder of a build, the error message.
const folders: readonly (readonly [string, RegExp])[] = [
  ['file/dist', /error: .*file\/dist cannot be written, (ENOTDIR|EEXIST): /],
  ['loop/dist', /error: .*loop\/dist (cannot be written|.*link)/],
  ['x'.repeat(300), /cannot be written, ENAMETOOLONG: its path is too long/],
];

for (const [target, expected] of folders) {
  test(`a build to ${target.slice(0, 20)} reports what is wrong`, async (t) => {
    const cwd = await makeProject(t);
    await writeFile(path.join(cwd, 'file'), '');
    await symlink('loop', path.join(cwd, 'loop'));
    const ran = await runHere(build, ['--dir', target], { cwd });
    assert.match(ran.stderr, expected);
    assert.equal(ran.code, 1);
  });
}
