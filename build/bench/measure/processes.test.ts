import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { cpuSeconds, runProgram } from './processes.ts';

const skip = !existsSync('/proc/self/stat') && 'needs the /proc of Linux';

/** Prints when it has used 0.3 s of a processor, and waits. */
const BUSY = `
  while (process.cpuUsage().user + process.cpuUsage().system < 300_000);
  console.log('done');
  setInterval(() => {}, 1000);
`;

test('the time of a process is that of its children, too', { skip }, async (t) => {
  const before = cpuSeconds(process.pid);
  const child = spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  await once(child.stdout, 'data');
  const taken = cpuSeconds(child.pid ?? 0);
  assert.ok(taken > 0.25 && taken < 1, `${taken} s, where it took a little over 0.3`);
  assert.ok(
    cpuSeconds(process.pid) - before >= taken - 0.02,
    'it is part of the time of its parent',
  );
});

test('a program is measured with the children that it has waited for', { skip }, async () => {
  const child = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(
    'while (process.cpuUsage().user + process.cpuUsage().system < 300_000);',
  )}])`;
  const { signal } = new AbortController();
  const [idle, busy] = [
    await runProgram('-e', ['0'], signal),
    await runProgram('-e', [child], signal),
  ];
  assert.ok(idle.cpuMs > 0 && idle.peakBytes > 1e7);
  assert.ok(busy.cpuMs >= 290, `${busy.cpuMs} ms`);
});
