import { readFile } from 'node:fs/promises';

/** Memory of a process and of its children, as the system counts it: bytes of pages that are in memory. Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const all = [pid, ...(await childrenOf(pid))];
  const sizes = await Promise.all(all.map(residentBytesOfOne));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The processes that a process started and that are there still. */
export async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function residentBytesOfOne(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
}
