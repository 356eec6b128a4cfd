import { readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, UserError } from '../../lib/errors.ts';
import { explainWriteError } from '../../lib/files/explain-file-error.ts';
import { isAlive } from '../../lib/files/is-alive.ts';
import { parseFileList } from '../../snapshot/parse-snapshot.ts';
import { MANIFEST, readBuilt } from '../../snapshot/read-snapshot.ts';

/** Only builds that finish in the same instant make each other try again. */
const MAXIMUM_ATTEMPTS = 100;

/**
 * The folder that is meant, absolute and past links: what a link leads to is replaced, not the link.
 *
 * @throws {UserError} where it is not one to be replaced: a file, or a folder with something else in it than a build
 */
export async function resolveFolder(folder: string): Promise<string> {
  const resolved = await followLinks(folder);
  for (let attempt = 1; ; attempt++) {
    const found = await stat(resolved).catch(() => undefined);
    if (found === undefined) return resolved;
    if (!found.isDirectory()) {
      throw new UserError(`${folder} is not a folder: name another one with --out, or remove it`);
    }
    const refusal = await findForeign(resolved).then(
      (foreign) => foreign && holdsForeign(folder, foreign),
      (error: unknown) => explainWriteError(error, folder),
    );
    if (refusal === undefined) return resolved;
    // Another process may have put its build there meanwhile: then it is looked at anew.
    const now = await stat(resolved).catch(() => undefined);
    const isSame = now?.ino === found.ino && now.ctimeMs === found.ctimeMs;
    if (isSame || attempt === MAXIMUM_ATTEMPTS) throw refusal;
  }
}

function holdsForeign(folder: string, foreign: string): UserError {
  return new UserError(
    `${folder}/ holds something else than a build, which replaces the folder whole: ${foreign} is not listed in ${MANIFEST}; name another folder with --out, or move that away`,
  );
}

/** The first file or folder inside a folder that no build made; undefined where it is a build, or empty. */
async function findForeign(folder: string): Promise<string | undefined> {
  const own = await listOwn(folder);
  const look = async (place: string): Promise<string | undefined> => {
    const entries = await readdir(path.join(folder, place), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = `${place}${entry.name}${entry.isDirectory() ? '/' : ''}`;
      if (!own.has(name)) return name;
      const inside = entry.isDirectory() ? await look(name) : undefined;
      if (inside !== undefined) return inside;
    }
    return undefined;
  };
  return await look('');
}

/** The files that the manifest in a folder lists, in each form, the folders around them, and itself; none where there is none. */
async function listOwn(folder: string): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  try {
    const manifest = await readBuilt(folder, MANIFEST);
    for (const { path: file } of parseFileList(manifest.toString(), MANIFEST).files) {
      own.add(file).add(`${file}.gz`);
      for (let at = file.indexOf('/'); at >= 0; at = file.indexOf('/', at + 1)) {
        own.add(file.slice(0, at + 1));
      }
    }
    return own.add(MANIFEST);
  } catch {
    return own;
  }
}

/** The folder beside `folder` in which this process makes what will take its place. */
export function nextFolder(folder: string): string {
  return `${folder}.next-${process.pid}`;
}

/**
 * Puts the folder that was made at `nextFolder` into place. The old one is moved aside and then removed, so it is whole
 * wherever this stops: `recoverFolder` brings it back. Where several processes do it at once, each puts its own into
 * place, whole, and the last one stays.
 */
export async function replaceFolder(folder: string): Promise<void> {
  const previous = `${folder}.previous-${process.pid}`;
  for (let attempt = 1; ; attempt++) {
    const isAside = await moved(folder, previous, ['ENOENT']);
    try {
      // Another process may have put its own there in between; then that one is moved aside, too.
      if (await moved(nextFolder(folder), folder, attempt < MAXIMUM_ATTEMPTS ? OCCUPIED : [])) {
        break;
      }
    } catch (error) {
      if (isAside) await moved(previous, folder, ['ENOENT', ...OCCUPIED]);
      throw error;
    }
    await discard(previous);
  }
  await discard(previous);
}

/**
 * Clears up after processes that died: what they were making is removed, and where one died between moving the old folder
 * aside and the new one into place, the old one is put back. Folders of other processes that live are left alone. Those
 * of this one are leftovers, too, for it is not making anything yet: in a container every process may have the same id.
 */
export async function recoverFolder(folder: string): Promise<void> {
  const resolved = await followLinks(folder);
  const parent = path.dirname(resolved);
  const name = path.basename(resolved);
  const siblings = await readdir(parent).catch(() => []);
  for (const sibling of siblings.sort()) {
    const match = /^\.(next|previous|removed)-(\d+)$/.exec(sibling.slice(name.length));
    if (!sibling.startsWith(name) || !match) continue;
    const left = path.join(parent, sibling);
    // What was moved aside is whole: if it is no build, somebody else gave it that name.
    const isForeign = match[1] === 'previous' && !(await isBuild(left));
    if (isForeign) continue;
    // Even a live process may have had the id of a dead one. Should it be the very one that is between its two
    // renames, then it moves the old folder aside again.
    const isBack = match[1] === 'previous' && !(await exists(resolved));
    if (isBack && (await moved(left, resolved, ['ENOENT', ...OCCUPIED]))) continue;
    const pid = Number(match[2]);
    if (pid === process.pid || !isAlive(pid)) await discard(left);
  }
}

async function isBuild(folder: string): Promise<boolean> {
  return (await findForeign(folder).catch(() => folder)) === undefined;
}

/** What `rename` says where there is a folder already that is not empty. */
const OCCUPIED = ['ENOTEMPTY', 'EEXIST'];

/** Renames, and tells whether it did; `refusals` are the reasons for which it may not. */
async function moved(from: string, to: string, refusals: readonly string[]): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (refusals.includes(errorCode(error))) return false;
    throw error;
  }
}

/**
 * Removes a folder. It loses its name first, so that nothing which is half removed is ever put back. What cannot be
 * removed is no reason to fail: the folder that counts is in place, and the next build tries again.
 */
async function discard(folder: string): Promise<void> {
  const removed = folder.replace(/\.(next|previous|removed)-(\d+)$/, `.removed-$2`);
  try {
    if (removed !== folder) await rm(removed, { recursive: true, force: true });
    await moved(folder, removed, ['ENOENT']);
    await rm(removed, { recursive: true, force: true });
  } catch {}
}

/** The absolute path past links; also where what a link leads to is missing, as it is after a process died. */
async function followLinks(folder: string): Promise<string> {
  const link = path.resolve(folder);
  return await realpath(link).catch(async () => {
    const target = await readlink(link).catch(() => '');
    return path.resolve(path.dirname(link), target || link);
  });
}

async function exists(folder: string): Promise<boolean> {
  return await stat(folder).then(
    () => true,
    () => false,
  );
}
