import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { applyNotices } from '../../src/catalog/notices/apply-notices.ts';
import { NOTICES_FILE, parseNotices } from '../../src/catalog/notices/notice.ts';
import { parseCatalog } from '../../src/catalog/parse-catalog.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { UserError } from '../../src/lib/errors.ts';
import { inFolder } from '../cli/in-folder.ts';
import type { Side } from './read-side.ts';

const run = promisify(execFile);

/**
 * The catalog at a git revision: `HEAD~1` for the files that `patterns` name there, `main:plugins.json` for that one, its path
 * from the top of the repository. Undefined if the revision does not exist.
 *
 * @throws {UserError} if the catalog cannot be used
 */
export async function readRevision(
  name: string,
  patterns: readonly string[],
  cwd: string,
): Promise<Side | undefined> {
  const [revision = '', ...file] = name.split(':');
  // From here on the name of the commit is used, which cannot be taken for a flag.
  const commit = await git(
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`],
    cwd,
  ).catch(() => '');
  if (commit === '') return undefined;
  return file.length === 0
    ? await readTree(commit.trim(), patterns, name, cwd)
    : await readBlob(commit.trim(), file.join(':'), name, cwd);
}

async function readBlob(commit: string, file: string, name: string, cwd: string): Promise<Side> {
  const text = await git(['cat-file', 'blob', `${commit}:${file}`], cwd).catch(() => {
    const remedy = 'write the path from the top of the repository, or start it with ./';
    throw new UserError(`${name} is not a file at that revision: ${remedy}`);
  });
  const { releases, problems } = parseCatalog(text, name);
  const beside = file.replace(/[^/]*$/, NOTICES_FILE);
  const noticesText = await git(['cat-file', 'blob', `${commit}:${beside}`], cwd).catch(() => '[]');
  const noticed = parseNotices(noticesText, beside);
  const found = [...problems, ...noticed.problems];
  if (found.length > 0) throw new UserError('the catalog cannot be used', found);
  const apply = applyNotices(noticed.notices);
  return {
    releases: releases.flatMap((release) => apply(release) ?? []),
    notices: noticed.notices,
  };
}

/** Writes the files of the revision into a folder, so that the patterns mean there what they mean here. */
async function readTree(
  commit: string,
  patterns: readonly string[],
  name: string,
  cwd: string,
): Promise<Side> {
  try {
    return await inFolder(async (folder) => {
      await writeBlobs(commit, cwd, folder);
      return await readCatalog(patterns, { cwd: folder });
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(
      error.headline,
      error.problems.map((problem) => ({ ...problem, file: `${name}:${problem.file}` })),
    );
  }
}

/**
 * Writes the blobs of a commit as they are. `git archive` and `git checkout` would obey the attributes that the revision
 * itself sets: leave files out, fill in fields, convert line ends. Links are left out: they may lead out of the folder.
 */
async function writeBlobs(commit: string, cwd: string, folder: string): Promise<void> {
  const rows = (await git(['ls-tree', '-r', '-z', commit], cwd)).split('\0');
  const blobs = rows.flatMap((row) => {
    const [, object = '', file = ''] = /^100\d{3} blob (\w+)\t(.*)$/s.exec(row) ?? [];
    return object === '' || file.split('/').includes('..') ? [] : [{ object, file }];
  });
  const asked = run('git', ['cat-file', '--batch'], {
    ...{ cwd, maxBuffer: MAX_BYTES, encoding: 'buffer' },
  });
  asked.child.stdin?.end(blobs.map(({ object }) => `${object}\n`).join(''));
  const { stdout } = await asked;
  let at = 0;
  for (const { file } of blobs) {
    // Each blob follows a line with its name, type and size, and precedes a line break.
    const start = stdout.indexOf('\n', at) + 1;
    const size = Number(stdout.toString('latin1', at, start).split(' ')[2]);
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, stdout.subarray(start, start + size));
    at = start + size + 1;
  }
}

const MAX_BYTES = 2 ** 30;

async function git(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run('git', args, { cwd, maxBuffer: MAX_BYTES });
  return stdout;
}
