import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { programArguments, ROOT } from '../measure/run-process.ts';

/** A server in a process of its own. */
export interface ServerProcess {
  /** Such as `http://127.0.0.1:8085`. */
  readonly url: string;
  /** Of the process; it may have started others. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program of this repository that serves, and waits until it tells its address on stdout.
 *
 * @throws {Error} with what it wrote on stderr, where it ends instead
 */
export async function startServerProcess(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, programArguments(program, args), {
    cwd: ROOT,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').catch(() => {}); // aborted
  const said = text(child.stderr);
  for await (const line of createInterface(child.stdout)) {
    const url = /\bon (http:\S+)$/.exec(line)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    return {
      url,
      pid: child.pid,
      stop: async () => {
        child.kill('SIGTERM');
        await ended;
      },
    };
  }
  throw new Error(`${program} does not serve: ${await said}`);
}
