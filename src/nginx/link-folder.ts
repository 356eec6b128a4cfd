import { constants, copyFile, link, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes `to` a copy of the folder `from`. Files are linked where both lie on one file system, so they take neither time nor
 * space; a build never changes a file.
 */
export async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await linkFolder(source, target);
    else await link(source, target).catch(() => copyFile(source, target, constants.COPYFILE_EXCL));
  }
}
