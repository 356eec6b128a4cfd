import { readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, UserError } from '../../lib/errors.ts';
import { explainWriteError, makeFolders } from '../../lib/files/explain-file-error.ts';
import { isAlive } from '../../lib/files/is-alive.ts';
import { parseFileList, signedFile } from '../../snapshot/parse-snapshot.ts';
import { MANIFEST, readBuilt } from '../../snapshot/read-snapshot.ts';

/** Only builds that finish at the same instant make each other try again. */
const MAXIMUM_ATTEMPTS = 100;

/**
 * Makes a build and replaces the one at `folder`, if any. The folder changes only when all is written, and
 * the old build is whole wherever this stops: it is moved aside and then removed, and `recoverFolder` brings it back. Where
 * several processes do this at once, each puts its own build into place, whole, and the last one stays.
 *
 * @param write makes the build in the folder it is given
 * @throws {UserError} if `folder` contains something other than a build, or cannot be written
 */
export async function replaceFolder<Result>(
  folder: string,
  write: (next: string) => Promise<Result>,
): Promise<Result> {
  await recoverFolder(folder);
  const resolved = await resolveFolder(folder);
  const next = `${resolved}.next-${process.pid}`;
  try {
    await makeFolders(next);
    const result = await write(next);
    await putIntoPlace(next, resolved);
    return result;
  } catch (error) {
    await rm(next, { recursive: true, force: true }).catch(() => {});
    throw explainWriteError(error, folder);
  }
}

/**
 * The absolute path with links resolved: the target of a link is replaced, not the link.
 *
 * @throws {UserError} if it may not be replaced: a file, or a folder with something other than a build
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
    // Another process may have put its build there meanwhile: then look again.
    const now = await stat(resolved).catch(() => undefined);
    const isSame = now?.ino === found.ino && now.ctimeMs === found.ctimeMs;
    if (isSame || attempt === MAXIMUM_ATTEMPTS) throw refusal;
  }
}

function holdsForeign(folder: string, foreign: string): UserError {
  return new UserError(
    `${folder}/ holds something other than a build, which replaces the whole folder: ${foreign} is not listed in ${MANIFEST}; name another folder with --out, or move it away`,
  );
}

/** The first file or folder that no build made; undefined where the folder is a build, or empty. */
async function findForeign(folder: string): Promise<string | undefined> {
  const own = await listOwn(folder);
  const look = async (subfolder: string): Promise<string | undefined> => {
    const entries = await readdir(path.join(folder, subfolder), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = `${subfolder}${entry.name}${entry.isDirectory() ? '/' : ''}`;
      if (!own.has(name)) return name;
      const inside = entry.isDirectory() ? await look(name) : undefined;
      if (inside !== undefined) return inside;
    }
    return undefined;
  };
  return await look('');
}

/** The manifest in a folder, the files it lists, in each form, and the folders around them; nothing without a manifest. */
async function listOwn(folder: string): Promise<ReadonlySet<string>> {
  const own = new Set<string>();
  try {
    const manifest = await readBuilt(folder, MANIFEST);
    const { id, files } = parseFileList(manifest.toString(), MANIFEST);
    for (const file of [...files.map(({ path }) => path), signedFile(id)]) {
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

async function putIntoPlace(next: string, folder: string): Promise<void> {
  const previous = `${folder}.previous-${process.pid}`;
  for (let attempt = 1; ; attempt++) {
    const isAside = await moved(folder, previous, ['ENOENT']);
    try {
      // Another process may have put its own there in between; then that one is moved aside, too.
      const refusals = attempt < MAXIMUM_ATTEMPTS ? OCCUPIED : [];
      if (await moved(next, folder, refusals)) return await discard(previous);
    } catch (error) {
      if (isAside) await moved(previous, folder, ['ENOENT', ...OCCUPIED]);
      throw error;
    }
    await discard(previous);
  }
}

/**
 * Cleans up after processes that died: removes what they were making, and restores the old folder if one died between
 * moving it aside and putting the new one into place. Folders of other live processes stay. Those with the id of this process
 * are leftovers, because it is not making anything yet: in a container every process may have the same id.
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
    // A folder that was moved aside is whole: one that is not a build got its name from somebody else.
    const isForeign = match[1] === 'previous' && !(await isBuild(left));
    if (isForeign) continue;
    // A live process may have the id of a dead one, so its id proves nothing. If it really is between its two renames, it
    // moves the old folder aside again.
    const isBack = match[1] === 'previous' && !(await exists(resolved));
    if (isBack && (await moved(left, resolved, ['ENOENT', ...OCCUPIED]))) continue;
    const pid = Number(match[2]);
    if (pid === process.pid || !isAlive(pid)) await discard(left);
  }
}

async function isBuild(folder: string): Promise<boolean> {
  return (await findForeign(folder).catch(() => folder)) === undefined;
}

/** How `rename` refuses a target that is a folder and not empty. */
const OCCUPIED = ['ENOTEMPTY', 'EEXIST'];

/** Renames a folder; false if that fails for one of `refusals`. */
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
 * Removes a folder. It is renamed first, so that no half-removed folder is ever put back. A failure is ignored: the new
 * folder is in place, and the next build tries again.
 */
async function discard(folder: string): Promise<void> {
  const removed = folder.replace(/\.(next|previous|removed)-(\d+)$/, `.removed-$2`);
  try {
    if (removed !== folder) await rm(removed, { recursive: true, force: true });
    await moved(folder, removed, ['ENOENT']);
    await rm(removed, { recursive: true, force: true });
  } catch {}
}

/** The absolute path past links, also where the target of a link is missing, as it is after a process died. */
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
