import { count, type Problem, UserError } from '../lib/errors.ts';
import { MOST_CATALOG_BYTES, readText } from '../lib/json/read-text.ts';
import { findCatalogFiles } from './find-catalog-files.ts';
import { type CatalogFile, type LocatedRelease, locateReleases } from './located-release.ts';
import { applyToLocated } from './notices/apply-notices.ts';
import type { Notice } from './notices/notice.ts';
import { type NoticeFile, readNotices } from './notices/read-notices.ts';
import { parseCatalog } from './parse-catalog.ts';
import { checkReleases } from './problems/check-releases.ts';
import type { Release } from './release.ts';

export interface ReadCatalogOptions {
  /** The folder that relative patterns start from and that files are named relative to. */
  readonly cwd: string;
}

export interface ReadCatalogResult {
  /** The releases that are offered, in the order of `files` and within a file in its own: with what the notices say of them. */
  readonly releases: Release[];
  /** The same, each with its location. */
  readonly located: LocatedRelease[];
  /** The files read, relative to `cwd`, with `/`. */
  readonly files: string[];
  /** All releases as the files have them, suspended ones too. */
  readonly byFile: CatalogFile[];
  /** The notices beside the files. */
  readonly notices: readonly Notice[];
  readonly noticeFiles: readonly NoticeFile[];
  readonly warnings: Problem[];
}

/**
 * Reads the catalog out of all files that the patterns match, such as `plugins.json` or `catalog/*.json`.
 * Later entries win over earlier ones of the same version, so the order is fixed: patterns as given, and the files of a
 * pattern by path. What the notices beside a file suspend is not among the releases.
 *
 * @throws {UserError} with every problem of every file
 */
export async function readCatalog(
  patterns: readonly string[],
  { cwd }: ReadCatalogOptions,
): Promise<ReadCatalogResult> {
  const found = await findCatalogFiles(patterns, cwd);
  const problems = [...found.problems];
  const files: CatalogFile[] = [];
  let left = MOST_CATALOG_BYTES;
  // One after the other: a catalog in thousands of files must not run out of file handles.
  for (const { file, path } of found.files) {
    const read = await readText(path, file, left);
    if ('problem' in read) {
      problems.push(read.problem);
    } else {
      left -= Buffer.byteLength(read.text);
      const parsed = parseCatalog(read.text, file);
      problems.push(...parsed.problems);
      files.push({ file, releases: parsed.releases });
    }
  }
  const noticed = await readNotices(found.files);
  problems.push(...noticed.problems);
  if (problems.length > 0) {
    throw new UserError(headline(problems), problems);
  }
  const notices = noticed.files.flatMap((one) => one.notices);
  const located = applyToLocated(locateReleases(files), notices);
  return {
    releases: located.map(({ release }) => release),
    located,
    notices,
    noticeFiles: noticed.files,
    files: files.map(({ file }) => file),
    byFile: files,
    warnings: checkReleases(files),
  };
}

function headline(problems: readonly Problem[]): string {
  const files = new Set(problems.map(({ file }) => file)).size;
  return `the catalog cannot be used: ${count(problems.length, 'problem')} in ${count(files, 'file')}`;
}
