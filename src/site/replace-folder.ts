import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** The folder beside `folder` in which this process makes what will take its place. */
export function nextFolder(folder: string): string {
  return `${folder}.next-${process.pid}`;
}

/**
 * Puts the folder that was made at `nextFolder` into place. The old one is moved aside and then removed, so it is whole
 * wherever this stops: `recoverFolder` brings it back.
 */
export async function replaceFolder(folder: string): Promise<void> {
  const previous = `${folder}.previous-${process.pid}`;
  if (existsSync(folder)) await rename(folder, previous);
  await rename(nextFolder(folder), folder);
  await rm(previous, { recursive: true, force: true });
}

/**
 * Clears up after processes that died: what they were making is removed, and where one died between moving the old folder
 * aside and the new one into place, the old one is put back. Folders of processes that live are left alone.
 */
export async function recoverFolder(folder: string): Promise<void> {
  const parent = path.dirname(path.resolve(folder));
  const name = path.basename(folder);
  const siblings = existsSync(parent) ? await readdir(parent) : [];
  for (const sibling of siblings.sort()) {
    const match = /^\.(next|previous)-(\d+)$/.exec(sibling.slice(name.length));
    if (!sibling.startsWith(name) || !match || isAlive(Number(match[2]))) continue;
    const left = path.join(parent, sibling);
    if (match[1] === 'previous' && !existsSync(folder)) await rename(left, folder);
    else await rm(left, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
