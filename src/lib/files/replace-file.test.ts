import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { makeFolder } from '../../../test/make-folder.ts';
import { partOf, seededRandom, seeds } from '../../../test/random.ts';
import { UserError } from '../errors.ts';
import { replaceFile } from './replace-file.ts';

test('a file is replaced, keeps its access rights, and nothing is left beside it', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a.json');
  await writeFile(file, 'old');
  await chmod(file, 0o640);
  await replaceFile(file, 'new', { expected: 'old' });
  assert.equal(await readFile(file, 'utf8'), 'new');
  assert.equal((await stat(file)).mode & 0o777, 0o640);
  assert.deepEqual(await readdir(folder), ['a.json']);
});

test('what a link leads to is replaced, not the link', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(path.join(folder, 'real'));
  await writeFile(path.join(folder, 'real/a.json'), 'old');
  const link = path.join(folder, 'link.json');
  await symlink('real/a.json', link);
  await replaceFile(link, 'new');
  assert.equal(await readFile(path.join(folder, 'real/a.json'), 'utf8'), 'new');
  assert.deepEqual((await readdir(folder)).sort(), ['link.json', 'real']);
});

test('a file that has changed since it was read is left alone', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a.json');
  await writeFile(file, 'edited meanwhile');
  await assert.rejects(replaceFile(file, 'new', { expected: 'old', name: 'a.json' }), (error) => {
    assert.ok(error instanceof UserError);
    assert.match(error.message, /^a\.json has changed since it was read/);
    return true;
  });
  assert.equal(await readFile(file, 'utf8'), 'edited meanwhile');
  assert.deepEqual(await readdir(folder), ['a.json'], 'and what was written is gone');
});

// What keeps a file from being written, its path, the error message.
const refusals: readonly (readonly [string, string, RegExp])[] = [
  ['a folder that is missing', 'no/a.json', /cannot be written, ENOENT: make the folder first/],
  ['a file in place of a folder', 'file/a.json', /cannot be written, ENOTDIR: a part of its path/],
  ['a folder in its place', 'folder', /cannot be written, (EISDIR|ENOTEMPTY|EEXIST|EPERM): /],
];

for (const [what, name, expected] of refusals) {
  test(`${what} is reported with its reason`, async (t) => {
    const folder = await makeFolder(t);
    await writeFile(path.join(folder, 'file'), '');
    await mkdir(path.join(folder, 'folder'));
    await assert.rejects(replaceFile(path.join(folder, name), 'new'), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      return true;
    });
    assert.deepEqual((await readdir(folder)).sort(), ['file', 'folder']);
  });
}

/** Large enough that writing it takes a while. */
const contents = ['a', 'b'].map((letter) => `[${letter.repeat(4 * 1024 * 1024)}]`);

for (const seed of seeds(1)) {
  test(`kill -9 at ${partOf(200)} moments leaves the old file or the new one (seed ${seed})`, async (t) => {
    const folder = await makeFolder(t);
    const file = path.join(folder, 'plugins.json');
    await writeFile(file, contents[0] ?? '');
    // As one JavaScript file, it starts ten times as fast.
    const bundled = path.join(await makeFolder(t), 'replace-file.mjs');
    const source = path.join(import.meta.dirname, 'replace-file.ts');
    await build({
      entryPoints: [source],
      outfile: bundled,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const script = `
      import { replaceFile } from ${JSON.stringify(bundled)};
      const contents = ['a', 'b'].map((letter) => '[' + letter.repeat(4 * 1024 * 1024) + ']');
      process.stdout.write('ready');
      for (let i = 0; ; i++) await replaceFile(${JSON.stringify(file)}, contents[i % 2]);
    `;
    const random = seededRandom(seed);
    const kills = partOf(200);
    let killedWhileWriting = 0;
    for (let round = 0; round < kills; round++) {
      const writer = runScript(t, script);
      await new Promise((resolve) => writer.stdout?.once('data', resolve));
      await sleep(random.below(30));
      writer.kill('SIGKILL');
      assert.equal(await ended(writer), 'SIGKILL');
      const found = await readFile(file, 'utf8');
      assert.ok(contents.includes(found), `round ${round}: the file has ${found.length} bytes`);
      const names = await readdir(folder);
      killedWhileWriting += names.length > 1 ? 1 : 0;
      assert.ok(names.length <= 2, `round ${round}: the next writer removes leftovers: ${names}`);
    }
    assert.ok(killedWhileWriting > kills / 10, `${killedWhileWriting} of ${kills} while writing`);
  });
}

function runScript(t: TestContext, script: string): ChildProcess {
  const options = ['--input-type=module', '-e', script];
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  return await new Promise((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
}
