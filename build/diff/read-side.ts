import { stat } from 'node:fs/promises';
import path from 'node:path';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { UserError } from '../../src/lib/errors.ts';
import { readBuild } from './read-build.ts';
import { readRevision } from './read-revision.ts';

/** What goes into `readSide`. */
export interface ReadSideOptions {
  /** The files of the catalog at a git revision. */
  readonly catalog: readonly string[];
  readonly cwd: string;
}

/**
 * The releases that one side of a comparison names: a catalog file or a glob, the folder of a build, or a git revision. What
 * exists under the name comes first.
 *
 * @throws {UserError} where it is none of these, or cannot be used
 */
export async function readSide(
  name: string,
  options: ReadSideOptions,
): Promise<readonly Release[]> {
  const { catalog, cwd } = options;
  const place = path.resolve(cwd, name);
  const found = await stat(place).catch(() => undefined);
  if (found?.isFile() || /[*?]/.test(name)) {
    return (await readCatalog([name], { cwd })).releases;
  }
  const isBuild = await stat(path.join(place, 'snapshot.json')).then(
    () => true,
    () => false,
  );
  if (isBuild) return await readBuild(place);
  const releases = await readRevision(name, catalog, cwd);
  if (releases !== undefined) return releases;
  throw new UserError(
    `${JSON.stringify(name)} is neither a catalog, nor a build, nor a git revision: name a file such as plugins.json, a folder such as dist, or a revision such as HEAD~1 or main:plugins.json`,
  );
}
