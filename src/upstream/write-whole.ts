import { open, rename, rm } from 'node:fs/promises';

/** Writes a file whole or not at all: whoever reads it, also after a crash, finds the old text or the new one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const next = `${file}.next-${process.pid}`;
  try {
    const handle = await open(next, 'w');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}
