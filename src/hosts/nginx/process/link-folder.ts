import { constants, copyFile, link, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes `to` a copy of the folder `from`. Files are linked where both lie on one file system, so they take neither time nor
 * space; a build never changes a file.
 *
 * @throws {Error} where there is something else than files and folders: a link would have nginx serve what it leads to
 */
export async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isFile()) await linkFile(source, target);
    else throw new Error(`${source} is neither a file nor a folder`);
  }
}

/** Makes `to`, which is not there yet, a copy of the file `from`: a link where both lie on one file system. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_EXCL));
}
