import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import { replaceFile } from '../../../lib/files/replace-file.ts';
import { parseSnapshot } from '../../../snapshot/parse-snapshot.ts';
import { readBuilt } from '../../../snapshot/read-built.ts';
import { parseRouter } from '../../../snapshot/table/parse-router.ts';
import { edgeFiles } from '../../edge-files.ts';
import { linkFolder } from './link-folder.ts';

const MANIFEST = 'snapshot.json';

/** What nginx reads when it starts and when it is told to reload: the router, and configurations to include. */
const READ_AT_START = /^edge\/nginx/;

/**
 * Puts a build into the folder that nginx serves from, beside those that are there: first the snapshot, then the router that
 * names it, made anew from the routing table: nginx runs no code of the build, and obeys no configuration of it. An nginx
 * that runs there knows nothing of it until it is told to reload: it answers with the router that it has read, from the files
 * that are there still.
 *
 * @param build such as `dist`
 * @returns the id of its snapshot
 * @throws {UserError} where there is no build
 */
export async function addBuild(build: string, root: string): Promise<string> {
  const manifest = await readBuilt(build, MANIFEST);
  const snapshot = parseSnapshot(manifest.toString(), path.join(build, MANIFEST));
  const { table } = parseRouter(snapshot, path.join(build, MANIFEST));
  const { id, files, compress = 'off' } = snapshot;
  const prefix = `snapshots/${id}/`;
  const served = files
    .filter((file) => file.path.startsWith(prefix))
    .map((file) => ({ ...file, path: file.path.slice(prefix.length) }));
  const own = (await edgeFiles({ table, files: served, compress })).filter((file) =>
    READ_AT_START.test(file.path),
  );
  await mkdir(path.join(root, 'snapshots'), { recursive: true });
  await mkdir(path.join(root, 'edge'), { recursive: true });
  await addSnapshot(build, root, id);
  for (const { path: name, content } of own) {
    await replaceFile(path.join(root, name), Buffer.from(content));
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
