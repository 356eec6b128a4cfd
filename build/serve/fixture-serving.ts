import type { TestContext } from 'node:test';
import { freePort } from '../../test/engines/free-port.ts';
import { type CommandOptions, start, waitForOutput } from '../cli/fixture-command.ts';

/** Runs a program that serves on a free port until the test ends. Returns its address once it answers. */
export async function serveProgram(t: TestContext, options: CommandOptions): Promise<string> {
  const port = String(await freePort());
  const args = [...(options.args ?? []), '--host', '127.0.0.1', '--port', port];
  const serving = start(t, { ...options, args });
  const url = `http://127.0.0.1:${port}`;
  await waitForOutput(serving, url);
  return url;
}
