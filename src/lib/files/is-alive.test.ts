import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { isAlive } from './is-alive.ts';

test('a process is alive until it has ended', async () => {
  assert.ok(isAlive(process.pid));
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'close');
  assert.ok(!isAlive(child.pid ?? 0));
});

/** Some id that is nobody's in particular: it may send signals to nobody else. */
const NOBODY = 65_534;

const isRoot = process.getuid?.() === 0;
const skip = process.platform === 'win32' && 'needs the users of Unix';

test("another user's process is alive, too", { skip }, () => {
  if (!isRoot) return assert.ok(isAlive(1), 'the first process is of the system');
  const module = JSON.stringify(path.join(import.meta.dirname, 'is-alive.ts'));
  const script = `
    import { isAlive } from ${module};
    process.setuid(${NOBODY});
    try { process.kill(process.ppid, 0); } catch ({ code }) { console.log(code); }
    console.log(isAlive(process.ppid));`;
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(stdout, 'EPERM\ntrue\n');
});
