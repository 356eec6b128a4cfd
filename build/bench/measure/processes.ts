import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { UserError } from '../../../src/lib/errors.ts';

/** The repository. */
const ROOT = path.join(import.meta.dirname, '../../..');

/** The kernel's unit for times of processes: a hundredth of a second on every Linux. */
const TICK_SECONDS = 0.01;

/** @throws {UserError} with what the process wrote on stderr, where it cannot be started or fails */
export async function runProcess(command: string, args: readonly string[], signal: AbortSignal) {
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
  // File descriptor 3 carries data of which the program itself is unaware.
  const [stdout, stderr, aside] = [1, 2, 3].map((fd) => text(child.stdio[fd] as Readable));
  try {
    const wallMs = await ended;
    return { stdout: (await stdout) ?? '', aside: (await aside) ?? '', wallMs };
  } catch (error) {
    const reason = `${(error as Error).message}\n${(await stderr) ?? ''}`;
    throw new UserError(`${[command, ...args].join(' ')}: ${reason.trim()}`);
  }
}

/**
 * Runs a program of this repository, with or without a file (`-e`), and takes its peak memory and the processor time of it
 * and its children.
 */
export async function runProgram(program: string, args: readonly string[], signal: AbortSignal) {
  const witness = pathToFileURL(path.join(import.meta.dirname, 'report-usage.ts')).href;
  const all = ['--import', 'tsx', '--import', witness, program, ...args];
  const { aside, stdout, wallMs } = await runProcess(process.execPath, all, signal);
  return { stdout, wallMs, ...(JSON.parse(aside) as ReturnType<typeof ownUsage>) };
}

/** What this process has used so far. */
export function ownUsage() {
  return { cpuMs: ownCpuMs(), peakBytes: peakMemory() };
}

function ownCpuMs(): number {
  try {
    return Math.round(cpuSeconds(process.pid) * 1000);
  } catch {
    const { user, system } = process.cpuUsage();
    return Math.round((user + system) / 1000);
  }
}

/**
 * Starts a program of this repository that serves, and waits until it prints its address.
 *
 * @throws {Error} with what it wrote on stderr, where it ends instead
 */
export async function startServerProcess(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
) {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, program), ...args], {
    cwd: ROOT,
    signal,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').catch(() => {}); // aborted
  const errors = text(child.stderr);
  for await (const line of createInterface(child.stdout)) {
    const url = /\bon (http:\S+)$/.exec(line)?.[1];
    if (url === undefined || child.pid === undefined) continue;
    const stop = async () => {
      child.kill('SIGTERM');
      await ended;
    };
    return { url, pid: child.pid, stop };
  }
  throw new Error(`${program} does not serve: ${await errors}`);
}

/**
 * The most memory that this process has had resident, in bytes, without the processes that it started, such as esbuild's
 * service. On Linux not `process.resourceUsage().maxRSS`, which begins with the parent's.
 */
export function peakMemory(): number {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/**
 * The processor time of a process and its children so far, in seconds. Linux only.
 *
 * @throws {Error} if the process does not exist
 */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may contain blanks and brackets. The 12th to 15th field after it are user and system time, then those of
  // children that have ended.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = TICK_SECONDS * fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? [];
  return children.reduce((sum, child) => sum + cpuSeconds(Number(child)), own);
}
