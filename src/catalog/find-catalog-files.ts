import { stat } from 'node:fs/promises';
import { basename, relative, resolve, sep } from 'node:path';
import glob from 'fast-glob';
import type { Problem } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import { hideUserInfo } from '../lib/json/user-info.ts';
import { NOTICES_FILE } from './notices/notice.ts';

/** A file of the catalog. */
export interface FoundFile {
  /** Relative to the working directory, with `/`: the name that messages use. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
}

export interface FindCatalogFilesResult {
  /** Each file once: patterns in the order given, the files of a pattern by name in code unit order. */
  readonly files: FoundFile[];
  /** One for each pattern without a readable file. */
  readonly problems: Problem[];
}

/**
 * Finds the files that the patterns name. A file whose name equals the pattern is taken literally, even where
 * the name has glob characters, such as `a[1].json`. No pattern means the notices beside the catalog.
 */
export async function findCatalogFiles(
  patterns: readonly string[],
  cwd: string,
): Promise<FindCatalogFilesResult> {
  const files = new Map<string, FoundFile>();
  const problems: Problem[] = [];
  if (patterns.length === 0) {
    const remedy = 'name its files, such as plugins.json';
    problems.push({ level: 'error', message: 'no catalog is named', remedy });
  }
  for (const pattern of patterns) {
    const found = await findFiles(pattern, cwd);
    if (!Array.isArray(found)) {
      problems.push(found);
      continue;
    }
    for (const path of found) {
      // A second match does not move a file: a Map keeps the position of the first.
      files.set(path, { path, file: nameOf(path, cwd) });
    }
  }
  return { files: [...files.values()], problems };
}

/** The absolute paths of the files that a pattern names, or why there are none. */
async function findFiles(pattern: string, cwd: string): Promise<string[] | Problem> {
  const path = resolve(cwd, pattern);
  const file = nameOf(path, cwd) || '.';
  try {
    if (!(await stat(path)).isDirectory()) {
      return [path];
    }
    const remedy = `name its files, such as ${file}/*.json`;
    return { level: 'error', file, message: 'is a directory', remedy };
  } catch (error) {
    return pattern !== '' && glob.isDynamicPattern(pattern)
      ? matchFiles(pattern, cwd)
      : // An address that was meant for another flag.
        { level: 'error', file: hideUserInfo(file), ...explainFileError(error) };
  }
}

async function matchFiles(pattern: string, cwd: string): Promise<string[] | Problem> {
  const refused = { level: 'error', file: pattern } as const;
  try {
    const paths = (await glob(pattern, { cwd, absolute: true }))
      .map((path) => resolve(path))
      .filter((path) => basename(path) !== NOTICES_FILE);
    return paths.length > 0
      ? paths.sort((a, b) => compareText(nameOf(a, cwd), nameOf(b, cwd)))
      : {
          ...refused,
          message: 'matches no file',
          remedy: 'check the pattern and the working directory',
        };
  } catch (error) {
    return { ...refused, ...explainFileError(error) };
  }
}

function nameOf(path: string, cwd: string): string {
  return relative(cwd, path).split(sep).join('/');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
