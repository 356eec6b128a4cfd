import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../../src/lib/errors.ts';

/** The repository. */
export const ROOT = path.join(import.meta.dirname, '../../..');

/** A process that ended well. */
export interface ProcessResult {
  readonly stdout: string;
  /** From start to end. */
  readonly wallMs: number;
  /** What it wrote to file descriptor 3. */
  readonly aside: string;
}

/** @throws {UserError} with what it wrote on stderr, where it cannot be started or fails */
export async function runProcess(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ProcessResult> {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: ROOT,
    signal,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(performance.now() - started);
      else reject(new Error(`it ended with ${code}`));
    });
  });
  const [stdout, stderr, aside] = [1, 2, 3].map((fd) => text(child.stdio[fd] as Readable));
  try {
    const wallMs = await ended;
    return { stdout: (await stdout) ?? '', wallMs, aside: (await aside) ?? '' };
  } catch (error) {
    const said = `${(error as Error).message}\n${(await stderr) ?? ''}`;
    throw new UserError(`${[command, ...args].join(' ')}: ${said.trim()}`);
  }
}

/** Arguments that make Node run a program of this repository. */
export function programArguments(program: string, args: readonly string[]): string[] {
  return ['--import', 'tsx', path.join(ROOT, program), ...args];
}

/** Runs a program of this repository and takes its peak memory. */
export async function runProgram(program: string, args: readonly string[], signal: AbortSignal) {
  const witness = pathToFileURL(path.join(import.meta.dirname, 'tell-peak-memory.ts')).href;
  const all = ['--import', 'tsx', '--import', witness, path.join(ROOT, program), ...args];
  const { aside, ...result } = await runProcess(process.execPath, all, signal);
  return { ...result, peakBytes: Number(aside) };
}
