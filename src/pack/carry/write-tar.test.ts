import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../../lib/errors.ts';
import { startMirror } from '../fixture-pack.ts';
import { writeTar } from './write-tar.ts';

async function startTar(t: TestContext) {
  const { folder, mirror } = await startMirror(t);
  await mirror();
  const place = await makeFolder(t);
  const file = path.join(place, 'pack.tar');
  const [name = ''] = (await readdir(path.join(folder, 'bundles'))).sort();
  return { folder, place, file, bundle: path.join(folder, 'bundles', name) };
}

test('an archive has every file of the pack, without times and owners, and its digests hold', async (t) => {
  const { folder, place, file, bundle } = await startTar(t);
  await writeTar(folder, file);
  const first = await readFile(file);
  await utimes(bundle, 1, 1);
  await writeFile(path.join(folder, 'bundles/unlisted'), '');
  await writeTar(folder, file);
  assert.ok(first.equals(await readFile(file)));
  const tar = (...args: string[]) => spawnSync('tar', args, { cwd: place, encoding: 'utf8' });
  const listed = tar('--numeric-owner', '--utc', '-tvf', 'pack.tar').stdout.trim().split('\n');
  assert.equal(listed.length, 10);
  for (const line of listed)
    assert.match(line, /^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 pack\/\S+$/);
  assert.equal(tar('-xf', 'pack.tar').status, 0);
  const sums = spawnSync('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
    cwd: path.join(place, 'pack'),
  });
  assert.equal(sums.status, 0, String(sums.stderr));
});

// A change to a pack that was checked; the error.
const damages: readonly (readonly [string, (bundle: string) => Promise<unknown>])[] = [
  ['is gone', (bundle) => rm(bundle)],
  ['grew', (bundle) => appendFile(bundle, 'x')],
  ['was cut', (bundle) => truncate(bundle, 10)],
  ['is another', async (bundle) => writeFile(bundle, (await readFile(bundle)).reverse())],
];

for (const [what, damage] of damages) {
  test(`no archive is written where a bundle ${what}, and the older one stays`, async (t) => {
    const { folder, place, file, bundle } = await startTar(t);
    await writeFile(file, 'older');
    await damage(bundle);
    await assert.rejects(writeTar(folder, file), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(
        error.message,
        /^bundles\/.* is not whole: run npm run catalog -- mirror --check/,
      );
      return true;
    });
    assert.deepEqual(await readdir(place), ['pack.tar']);
    assert.equal(await readFile(file, 'utf8'), 'older');
  });
}

test('where an archive cannot be written, the reason is named', async (t) => {
  const { folder, place } = await startTar(t);
  const file = path.join(place, 'no-such-folder/pack.tar');
  await assert.rejects(writeTar(folder, file), { name: 'UserError', message: /cannot be written/ });
});
