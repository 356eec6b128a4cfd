import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Smaller files stay as they are. */
const MINIMUM_BYTES = 1024;

/** Puts compressed forms into nginx's folder: in the place of the plain ones, or beside them. */
export async function compressSnapshot(root: string, form: 'gzip' | 'both'): Promise<void> {
  const folder = path.join(root, 'snapshots');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file);
    if (content.length < MINIMUM_BYTES) continue;
    await writeFile(`${file}.gz`, gzipSync(content));
    if (form === 'gzip') await rm(file);
  }
}
