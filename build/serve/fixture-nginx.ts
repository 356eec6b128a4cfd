import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPid } from '../../src/hosts/nginx/process/nginx-process.ts';
import { findProcesses } from '../../test/engines/find-processes.ts';

/** Ends the nginx that runs in a folder, if any, after the test, even if the folder is gone by then. */
export function endNginx(t: TestContext, root: string): void {
  t.after(async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      for (const { pid } of findProcesses(root)) process.kill(pid, signal);
      const limitMs = performance.now() + 5_000;
      while (findProcesses(root).length > 0 && performance.now() < limitMs) await sleep(20);
    }
  });
}

/** Waits until no nginx runs in a folder. */
export async function waitForEnd(root: string): Promise<void> {
  const limitMs = performance.now() + 10_000;
  while ((await runningPid(root)) !== undefined) {
    assert.ok(performance.now() < limitMs, 'nginx does not end');
    await sleep(20);
  }
}
