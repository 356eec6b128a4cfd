import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { UserError } from '../../src/errors.ts';
import { inFolder } from '../in-folder.ts';

const run = promisify(execFile);

/**
 * The catalog at a git revision: `HEAD~1` for the files that `patterns` name there, `main:plugins.json` for that one, its path
 * from the top of the repository. Undefined where there is no such revision.
 *
 * @throws {UserError} where the catalog cannot be used
 */
export async function readRevision(
  name: string,
  patterns: readonly string[],
  cwd: string,
): Promise<Release[] | undefined> {
  const [revision = '', ...file] = name.split(':');
  // From here on the name of the commit is used, which cannot be taken for a flag.
  const commit = await git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    cwd,
  ).catch(() => '');
  if (commit === '') return undefined;
  return file.length === 0
    ? await readTree(commit.trim(), patterns, name, cwd)
    : await readBlob(`${commit.trim()}:${file.join(':')}`, name, cwd);
}

async function readBlob(object: string, name: string, cwd: string): Promise<Release[]> {
  const text = await git(['cat-file', 'blob', object], cwd).catch(() => {
    const remedy = 'write the path from the top of the repository, or start it with ./';
    throw new UserError(`${name} is no file at that revision: ${remedy}`);
  });
  const { releases, problems } = parseCatalog(text, name);
  if (problems.length > 0) throw new UserError('the catalog cannot be used', problems);
  return releases;
}

/** Unpacks the revision, so that the patterns mean there what they mean here. */
async function readTree(
  commit: string,
  patterns: readonly string[],
  name: string,
  cwd: string,
): Promise<Release[]> {
  try {
    return await inFolder(async (folder) => {
      const archive = path.join(folder, '.revision.tar');
      await git(['archive', '--format=tar', `--output=${archive}`, commit], cwd);
      await run('tar', ['-xf', archive, '-C', folder]);
      return (await readCatalog(patterns, { cwd: folder })).releases;
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.headline,
      error.problems.map((problem) => ({ ...problem, file: `${name}:${problem.file}` })),
    );
  }
}

async function git(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run('git', args, { cwd, maxBuffer: 2 ** 30 });
  return stdout;
}
