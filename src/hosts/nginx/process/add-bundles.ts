import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { BUNDLES_FOLDER, bundlesIn, openPack } from '../../../pack/format/pack.ts';
import { linkFile } from './add-build.ts';

/**
 * Adds the bundles that a pack lists to the folder that nginx serves from. A bundle of one name never changes.
 *
 * @returns their names
 * @throws {UserError} if the folder is not a pack, or lacks a bundle
 */
export async function addBundles(pack: string, root: string): Promise<string[]> {
  const bundles = bundlesIn(await openPack(pack));
  await mkdir(path.join(root, BUNDLES_FOLDER), { recursive: true });
  for (const { path: name, sizeBytes } of bundles) {
    const [source, target] = [path.join(pack, name), path.join(root, name)];
    if ((await sizeOf(target)) === sizeBytes) continue;
    if ((await sizeOf(source)) !== sizeBytes) {
      throw new UserError(
        `${source} is missing or not whole: see npm run catalog -- mirror --check ${pack}`,
      );
    }
    const making = `${target}.making-${process.pid}`;
    await rm(making, { force: true });
    await linkFile(source, making);
    await rename(making, target);
  }
  return bundles.map(({ path: name }) => path.basename(name));
}

/** Removes all other bundles, and the remains of an addition that died. */
export async function removeOtherBundles(root: string, names: readonly string[]): Promise<void> {
  const folder = path.join(root, BUNDLES_FOLDER);
  const wanted = new Set(names);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!wanted.has(name)) await rm(path.join(folder, name));
  }
}

/** The size of a file; undefined for a link or a folder. */
async function sizeOf(file: string): Promise<number | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
