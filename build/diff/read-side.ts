import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Notice } from '../../src/catalog/notices/notice.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { UserError } from '../../src/lib/errors.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { readBuild } from './read-build.ts';
import { readRevision } from './read-revision.ts';

/** The options of `readSide`. */
export interface ReadSideOptions {
  /** The files of the catalog at a git revision. */
  readonly catalog: readonly string[];
  readonly cwd: string;
}

/** What is offered, and what is said of it. */
export interface Side {
  readonly releases: readonly Release[];
  readonly notices: readonly Notice[];
}

/**
 * The releases on one side of a comparison: of a catalog file or a glob, the folder of a build, or a git revision. An
 * existing file or folder takes precedence.
 *
 * @throws {UserError} if it is none of these, or cannot be used
 */
export async function readSide(name: string, options: ReadSideOptions): Promise<Side> {
  const { catalog, cwd } = options;
  const location = path.resolve(cwd, name);
  const found = await stat(location).catch(() => undefined);
  if (found?.isFile() || /[*?]/.test(name)) {
    return await readCatalog([name], { cwd });
  }
  const isBuild = await stat(path.join(location, 'snapshot.json')).then(
    () => true,
    () => false,
  );
  if (isBuild) return await readBuild(location);
  const side = await readRevision(name, catalog, cwd);
  if (side !== undefined) return side;
  throw new UserError(
    `${showValue(name)} is neither a catalog, nor a build, nor a git revision: name a file such as plugins.json, a folder such as dist, or a revision such as HEAD~1 or main:plugins.json`,
  );
}
