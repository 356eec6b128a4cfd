import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../errors.ts';
import { replaceFile } from './replace-file.ts';

test('power may fail at any moment: content is on the disk before it has the name, and then the name is', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a.json');
  await writeFile(file, 'old');
  const handle = await open(file);
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  const steps: string[] = [];
  const { sync } = prototype;
  t.mock.method(prototype, 'sync', async function (this: typeof handle) {
    const isFolder = (await this.stat()).isDirectory();
    steps.push(isFolder ? 'folder on the disk' : `${(await this.stat()).size} bytes on the disk`);
    return await sync.call(this);
  });
  const { renameSync } = fs;
  t.mock.method(fs, 'renameSync', (from: string, to: string) => {
    steps.push('named');
    renameSync(from, to);
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  await replaceFile(file, 'new content');
  assert.deepEqual(steps, ['11 bytes on the disk', 'named', 'folder on the disk']);
});

test('a change is noticed also where it was made while the new content was being written', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a.json');
  await writeFile(file, 'old');
  const handle = await open(file);
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  await handle.close();
  t.mock.method(prototype, 'sync', async () => {
    fs.writeFileSync(file, 'edited meanwhile');
  });
  await assert.rejects(replaceFile(file, 'new', { expected: 'old' }), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, /has changed since it was read/);
    return true;
  });
  assert.equal(await readFile(file, 'utf8'), 'edited meanwhile');
});

test('what another process is writing is left alone; what a dead one was writing is removed', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'a.json');
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'close');
  const names = {
    alive: `a.json.next-${process.ppid}`,
    dead: `a.json.next-${dead.pid}`,
    others: ['a.json.next-', `a.json.next-${dead.pid}x`, `b.json.next-${dead.pid}`],
  };
  for (const name of [names.alive, names.dead, ...names.others]) {
    await writeFile(path.join(folder, name), 'half');
  }
  await replaceFile(file, 'new');
  const expected = ['a.json', names.alive, ...names.others];
  assert.deepEqual((await readdir(folder)).sort(), expected.sort());
});
