import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { runningPid } from '../src/nginx/nginx-process.ts';

/** Ends the nginx that runs in a folder with the test, if one does. */
export function endNginx(t: TestContext, root: string): void {
  t.after(async () => {
    const pid = await runningPid(root);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
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
