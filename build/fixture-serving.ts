import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../src/testing/free-port.ts';
import { type CommandOptions, start } from './fixture-command.ts';

/** Runs a program that serves on a free port until the test ends. Returns its address once it answers. */
export async function serveProgram(t: TestContext, options: CommandOptions): Promise<string> {
  const port = String(await freePort());
  const args = [...(options.args ?? []), '--host', '127.0.0.1', '--port', port];
  const serving = start(t, { ...options, args });
  const url = `http://127.0.0.1:${port}`;
  const limitMs = performance.now() + 30_000;
  while (!serving.stdout.includes(url)) {
    assert.equal(serving.child.exitCode, null, serving.stderr);
    assert.ok(performance.now() < limitMs, `no ${url}: ${serving.stdout}`);
    await sleep(20);
  }
  return url;
}
