import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What tells a process from another one that has got its id since. */
export interface RunningProcess {
  /** When it began, as the system counts. */
  readonly begun: string;
  readonly command: string;
}

/** The process of an id; undefined where there is none. */
export async function lookAtProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    return process.platform === 'linux' ? await readProc(pid) : await askPs(pid);
  } catch {
    return undefined;
  }
}

async function readProc(pid: number): Promise<RunningProcess | undefined> {
  const [stat, command] = await Promise.all(
    ['stat', 'cmdline'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
  );
  // The name of the program stands in parentheses, and may hold any character; the state is the first field after it.
  const [state, ...fields] = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { begun: fields[18] ?? '', command: (command ?? '').replaceAll('\0', ' ').trim() };
}

async function askPs(pid: number): Promise<RunningProcess> {
  const field = async (name: string) => {
    const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', `${name}=`, '-p', `${pid}`]);
    return stdout.trim();
  };
  return { begun: await field('lstart'), command: await field('command') };
}
