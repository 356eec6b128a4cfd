import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { BUNDLES_FOLDER, bundlesIn, openPack } from '../../../pack/pack.ts';
import { linkFile } from './link-folder.ts';

/**
 * Puts the bundles that a pack lists into the folder that nginx serves from, beside those that are there. A bundle's name
 * tells its contents.
 *
 * @returns their names
 * @throws {UserError} where the folder is no pack, or lacks a bundle
 */
export async function addBundles(pack: string, root: string): Promise<string[]> {
  const bundles = bundlesIn(await openPack(pack));
  await mkdir(path.join(root, BUNDLES_FOLDER), { recursive: true });
  for (const { path: name, sizeBytes } of bundles) {
    const [source, place] = [path.join(pack, name), path.join(root, name)];
    if ((await sizeOf(place)) === sizeBytes) continue;
    if ((await sizeOf(source)) !== sizeBytes) {
      throw new UserError(
        `${source} is missing or not whole: see npm run catalog -- mirror --check ${pack}`,
      );
    }
    const making = `${place}.making-${process.pid}`;
    await rm(making, { force: true });
    await linkFile(source, making);
    await rename(making, place);
  }
  return bundles.map(({ path: name }) => path.basename(name));
}

/** Removes all bundles but those named, and what an addition that died has left. */
export async function removeOtherBundles(root: string, names: readonly string[]): Promise<void> {
  const folder = path.join(root, BUNDLES_FOLDER);
  const wanted = new Set(names);
  for (const name of await readdir(folder).catch(() => [])) {
    if (!wanted.has(name)) await rm(path.join(folder, name));
  }
}

/** Of a file, not of what a link leads to. */
async function sizeOf(file: string): Promise<number | undefined> {
  const found = await lstat(file).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
