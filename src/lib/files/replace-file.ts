import { readFileSync, renameSync } from 'node:fs';
import { open, readdir, realpath, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { explainWriteError } from './explain-file-error.ts';
import { isAlive } from './is-alive.ts';

export interface ReplaceFileOptions {
  /** The content that the file must still have, as UTF-8; a file with any other content is left alone. */
  readonly expected?: string;
  /** How errors name the file. Default: its path. */
  readonly name?: string;
}

/**
 * Writes a file atomically: at every moment it holds the old content or the new one, even when this process is
 * killed or the machine loses power. Replaces the target of a link, not the link; permissions stay.
 *
 * Of two writers that read the same old content, the second fails, unless it renames between the first one's last check
 * and its renaming.
 *
 * @throws {UserError} where the file cannot be written, or has changed
 */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  { expected, name = file }: ReplaceFileOptions = {},
): Promise<void> {
  const target = await realpath(file).catch(() => path.resolve(file));
  const next = nextPath(target);
  try {
    await removeLeftovers(target);
    await writeSynced(next, content, await modeOf(target));
    if (expected !== undefined && readFileSync(target, 'utf8') !== expected) {
      throw new UserError(
        `${name} has changed since it was read, so it was left as it is: run the command again`,
      );
    }
    renameSync(next, target);
    await syncFolder(path.dirname(target));
  } catch (error) {
    // If even that fails, report the first error.
    await rm(next, { force: true }).catch(() => {});
    throw explainWriteError(error, name);
  }
}

/** The path beside `target` at which this process writes the replacement. */
export function nextPath(target: string): string {
  return `${target}.next-${process.pid}`;
}

/** Removes what processes that died were writing beside `target`. */
export async function removeLeftovers(target: string): Promise<void> {
  const folder = path.dirname(target);
  const prefix = `${path.basename(target)}.next-`;
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d+$/.test(pid) && !isAlive(Number(pid))) await rm(path.join(folder, name));
  }
}

async function writeSynced(file: string, content: string | Uint8Array, mode: number | undefined) {
  const handle = await open(file, 'w');
  try {
    if (mode !== undefined) await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A name is on disk once its folder is synced. Windows cannot open folders, and does not need this. */
async function syncFolder(folder: string) {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function modeOf(file: string): Promise<number | undefined> {
  return await stat(file).then(
    ({ mode }) => mode & 0o777,
    () => undefined,
  );
}
