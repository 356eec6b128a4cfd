import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findCatalogFiles } from '../../src/catalog/find-catalog-files.ts';
import { besideCatalog } from '../../src/catalog/notices/read-notices.ts';

/** The current state of a build's inputs. */
export interface Inputs {
  /** Changes whenever a file changes, appears or disappears: which files there are, and when they changed. */
  readonly fingerprint: string;
  /** The folders that the files are in, absolute. */
  readonly folders: readonly string[];
}

/**
 * Looks at the files of the catalog, at the notices beside them and at some others, without reading them.
 *
 * @param patterns the patterns of the catalog's files
 * @param others such as the configuration file; they need not be there
 */
export async function lookAtInputs(
  patterns: readonly string[],
  others: readonly string[],
  cwd: string,
): Promise<Inputs> {
  const found = await findCatalogFiles(patterns, cwd);
  const files = [
    ...others.map((file) => path.resolve(cwd, file)),
    ...found.files.map((file) => file.path),
    ...new Set(found.files.map(({ file }) => path.resolve(cwd, besideCatalog(file)))),
  ];
  const marks: string[] = [];
  // One after the other: a catalog in thousands of files must not run out of file handles.
  for (const file of files) marks.push(`${await markFile(file)} ${file}`);
  const named = patterns.map((pattern) => path.resolve(cwd, pattern));
  return {
    fingerprint: [...marks, ...found.problems.map(({ file }) => `- ${file}`)].join('\n'),
    folders: [...new Set([...files, ...named].map((file) => path.dirname(file)))],
  };
}

async function markFile(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (found === undefined) return '-';
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
}
