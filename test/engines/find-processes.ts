import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A process, with its command. */
export interface FoundProcess {
  readonly pid: number;
  readonly command: string;
}

/** The other processes that name a folder in their command or environment, or work in it. Linux only: none elsewhere. */
export function findProcesses(folder: string): FoundProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .flatMap((pid) => {
      const command = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      const traces = [
        command,
        attempt(() => readFileSync(`/proc/${pid}/environ`, 'utf8')),
        attempt(() => readlinkSync(`/proc/${pid}/cwd`)),
      ];
      const isFound = traces.some((text) => text.includes(folder));
      return isFound ? [{ pid, command: command.replaceAll('\0', ' ').trim() }] : [];
    });
}

/** A process of another user, or one that has ended, is not readable. */
function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
