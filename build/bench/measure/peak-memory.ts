import { readFileSync } from 'node:fs';

/**
 * The most memory a process had resident so far, in bytes; undefined where the system does not tell. Without what it started
 * itself, such as esbuild's service. Not `process.resourceUsage().maxRSS`: on Linux that begins with the parent's.
 */
export function peakMemory(pid: number | 'self'): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
