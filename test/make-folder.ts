import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Removes what tests made: the context of a test, or `after` of `node:test` for a whole file. */
export interface Cleanup {
  after(remove: () => Promise<void>): void;
}

/** A folder of the test's own, which is removed after it. */
export async function makeFolder(t: Cleanup): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'marketplace-')));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
