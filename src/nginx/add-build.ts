import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { parseSnapshot, type SnapshotFile } from '../snapshot/parse-snapshot.ts';
import { linkFolder } from './link-folder.ts';

const MANIFEST = 'snapshot.json';

/** What nginx reads when it starts and when it is told to reload: the router, and configurations to include. */
const READ_AT_START = /^edge\/nginx/;

/**
 * Puts a build into the folder that nginx serves from, beside those that are there: first the snapshot, then the router that
 * names it. An nginx that runs there knows nothing of it until it is told to reload: it answers with the router that it has
 * read, from the files that are there still.
 *
 * @param build such as `dist`
 * @returns the id of its snapshot
 * @throws {UserError} where there is no build
 */
export async function addBuild(build: string, root: string): Promise<string> {
  const manifest = await readBuilt(build, MANIFEST);
  const { id, files } = parseSnapshot(manifest.toString(), path.join(build, MANIFEST));
  const own = files.filter((file) => READ_AT_START.test(file.path));
  if (own.length === 0) {
    throw new UserError(`${build}/ was built without a router for nginx: run npm run build again`);
  }
  const contents = await Promise.all(own.map((file) => readListed(build, file)));
  await mkdir(path.join(root, 'snapshots'), { recursive: true });
  await mkdir(path.join(root, 'edge'), { recursive: true });
  await addSnapshot(build, root, id);
  for (const [i, { path: name }] of own.entries()) {
    await replaceFile(path.join(root, name), contents[i] as Buffer);
  }
  return id;
}

/** Removes all snapshots but those named, and what an addition that died has left. */
export async function removeOtherSnapshots(root: string, ids: readonly string[]): Promise<void> {
  const folder = path.join(root, 'snapshots');
  for (const name of await readdir(folder)) {
    if (!ids.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

async function addSnapshot(build: string, root: string, id: string): Promise<void> {
  const place = path.join(root, 'snapshots', id);
  if (await stat(place).catch(() => undefined)) return;
  const making = `${place}.making-${process.pid}`;
  await rm(making, { recursive: true, force: true });
  await linkFolder(path.join(build, 'snapshots', id), making).catch((error: unknown) => {
    throw new UserError(`${build}/snapshots/${id} cannot be copied to ${root}: ${error}`);
  });
  await rename(making, place);
}

/** Reads a file, and makes sure that it is of the build that lists it: the folder may have been replaced in between. */
async function readListed(build: string, file: SnapshotFile): Promise<Buffer> {
  const content = await readBuilt(build, file.path);
  if (file.sha256 === createHash('sha256').update(content).digest('hex')) return content;
  throw new UserError(`${build}/${file.path} is not of this build: run npm run build again`);
}

async function readBuilt(build: string, file: string): Promise<Buffer> {
  return await readFile(path.join(build, file)).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${build}/${file} cannot be read (${error.code}): run npm run build first`);
  });
}
