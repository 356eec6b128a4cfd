import { constants, copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import { servedFiles, signedFile, snapshotFolder } from '../../../snapshot/parse-snapshot.ts';
import { readSignedFile, readSnapshot } from '../../../snapshot/read-snapshot.ts';
import { edgeFiles } from '../../edge-files.ts';

/** The files that nginx reads when it starts or reloads: the router, and configurations to include. */
const READ_AT_START = /^edge\/nginx/;

/**
 * Adds a build to the folder that nginx serves from: first the snapshot, then the router that names it. The router is made
 * from the routing table, because nginx must not run code of the build or follow its configuration. A running nginx keeps
 * the router that it has read, and that router's files, until it reloads.
 *
 * @param build such as `dist`
 * @returns the id of its snapshot
 * @throws {UserError} if there is no build
 */
export async function addBuild(build: string, root: string): Promise<string> {
  const { snapshot } = await readSnapshot(build);
  const { id, router, compress = 'off' } = snapshot;
  const files = servedFiles(snapshot).map((file) => ({
    ...file,
    path: file.path.slice(snapshotFolder(id).length),
  }));
  const made = await edgeFiles({ table: router.table, files, compress, hosts: ['nginx'] });
  const own = made.filter((file) => READ_AT_START.test(file.path));
  await mkdir(path.join(root, 'snapshots'), { recursive: true });
  await mkdir(path.join(root, 'edge'), { recursive: true });
  await addSnapshot(build, root, id);
  for (const { path: name, content } of own) {
    await replaceFile(path.join(root, name), Buffer.from(content));
  }
  return id;
}

/** Removes all other snapshots, and the remains of an addition that died. */
export async function removeOtherSnapshots(root: string, ids: readonly string[]): Promise<void> {
  const folder = path.join(root, 'snapshots');
  for (const name of await readdir(folder)) {
    if (!ids.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function addSnapshot(build: string, root: string, id: string): Promise<void> {
  const target = path.join(root, 'snapshots', id);
  if (await stat(target).catch(() => undefined)) return await replaceSigned(build, root, id);
  const making = `${target}.making-${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await linkFolder(path.join(build, 'snapshots', id), making).catch((error: unknown) => {
    throw new UserError(`${build}/snapshots/${id} cannot be copied to ${root}: ${error}`);
  });
  await rename(making, target);
}

/** Takes over what has been signed about a snapshot since it was added. */
async function replaceSigned(build: string, root: string, id: string): Promise<void> {
  const content = await readSignedFile(build, id);
  if (content) await replaceFile(path.join(root, signedFile(id)), content);
}

/**
 * Makes `to` a copy of the folder `from`. On one file system, files are linked, which takes neither time nor space; a build
 * never changes a file.
 *
 * @throws {Error} if it contains anything but files and folders: nginx would serve the target of a link
 */
async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await linkFolder(source, target);
    else if (entry.isFile()) await linkFile(source, target);
    else throw new Error(`${source} is neither a file nor a folder`);
  }
}

/** Makes a new file `to`, a copy of the file `from`; on one file system, a link. */
export async function linkFile(from: string, to: string): Promise<void> {
  await link(from, to).catch(() => copyFile(from, to, constants.COPYFILE_EXCL));
}
