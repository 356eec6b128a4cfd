import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack as makeArchive, type Pack as TarStream } from 'tar-stream';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import { explainWriteError, readIfThere, readNeeded } from '../../lib/files/explain-file-error.ts';
import { nextPath, removeLeftovers } from '../../lib/files/replace-file.ts';
import { openPack, PACK_FILE, PACK_SIGNATURE_FILE, type PackFile } from '../format/pack.ts';

/** The list of digests in the archive, in the form that `sha256sum -c` takes. */
export const SUMS_FILE = 'SHA256SUMS';

/** The folder in the archive. */
const TOP = 'pack';

/**
 * Writes a pack into one tar archive, to be carried. Equal packs make equal archives. Every file is compared with the digest in
 * `pack.json` as it is read.
 *
 * @throws {UserError} if the folder is not a pack or not whole, or the archive cannot be written
 */
export async function writeTar(folder: string, file: string): Promise<void> {
  const { files } = await openPack(folder);
  const contents: [string, Buffer][] = [
    [PACK_FILE, await readNeeded(path.join(folder, PACK_FILE))],
  ];
  const signature = await readIfThere(path.join(folder, PACK_SIGNATURE_FILE));
  if (signature !== null) contents.push([PACK_SIGNATURE_FILE, signature]);
  const sums = [
    ...contents.map(([name, content]) => `${digestOf(content)}  ${name}\n`),
    ...files.map(({ path: name, sha256 }) => `${sha256}  ${name}\n`),
  ].join('');
  const next = nextPath(file);
  try {
    await removeLeftovers(file);
    const archive = makeArchive();
    const writing = pipeline(archive, createWriteStream(next));
    const filling = fill(archive, folder, [[SUMS_FILE, Buffer.from(sums)], ...contents], files);
    await Promise.all([filling, writing]);
    const handle = await open(next, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true }).catch(() => {});
    throw explainWriteError(error, file);
  }
}

async function fill(
  archive: TarStream,
  folder: string,
  contents: readonly (readonly [string, Buffer])[],
  files: readonly PackFile[],
) {
  try {
    for (const [name, content] of contents) {
      await addEntry(archive, name, content.length, Readable.from([content]));
    }
    for (const file of files) {
      await addEntry(archive, file.path, file.sizeBytes, readWhole(folder, file));
    }
    archive.finalize();
  } catch (error) {
    archive.destroy();
    throw error;
  }
}

/** Neither time nor owner, so that equal packs make equal archives. */
async function addEntry(archive: TarStream, name: string, size: number, content: Readable) {
  const header = { name: `${TOP}/${name}`, size, mode: 0o644, mtime: new Date(0) };
  await pipeline(content, archive.entry(header));
}

/** The contents of a file of the pack; fails at its end if they are not those that the pack lists. */
function readWhole(folder: string, { path: name, sha256, sizeBytes }: PackFile): Readable {
  const hash = createHash('sha256');
  let bytes = 0;
  const wrong = () =>
    new UserError(`${name} is not whole: run npm run catalog -- mirror --check ${folder}`);
  const check = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(bytes > sizeBytes ? wrong() : null, chunk);
    },
    flush(done) {
      done(bytes === sizeBytes && hash.digest('hex') === sha256 ? null : wrong());
    },
  });
  const source = createReadStream(path.join(folder, name));
  source.on('error', () => check.destroy(wrong()));
  check.on('close', () => source.destroy());
  return source.pipe(check);
}
