import { readFileSync } from 'node:fs';

/** The kernel's unit for times of processes, for programs: a hundredth of a second on every Linux. */
const TICK_SECONDS = 0.01;

/**
 * The processor time that a process and what it has started took so far, in seconds, in user code and in the kernel. Of
 * children that have ended it counts nothing. Linux only.
 *
 * @throws {Error} where there is no such process
 */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name may hold anything, blanks and brackets too; utime and stime are the 14th and 15th field, and the state is the 3rd.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = TICK_SECONDS * (Number(fields[11]) + Number(fields[12]));
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').match(/\d+/g) ?? [];
  return children.reduce((sum, child) => sum + cpuSeconds(Number(child)), own);
}
