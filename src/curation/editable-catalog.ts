import path from 'node:path';
import { formatCatalog } from '../catalog/format-catalog.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Entry } from '../catalog/schema.ts';
import { UserError } from '../lib/errors.ts';
import { replaceFile } from '../lib/files/replace-file.ts';
import { readText } from '../lib/json/read-text.ts';

/** A catalog file as it was read, to be changed. */
export interface EditableCatalog {
  /** As the user named it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  /** The exact text of the file. */
  readonly text: string;
  /** In file order, each with exactly the fields that it has there. */
  readonly entries: readonly Entry[];
}

/**
 * Reads a catalog file in order to change it. Fills in nothing, so that unchanged parts are written as they were.
 *
 * @param parse parses its text into entries
 * @throws {UserError} with every problem of the file
 */
export async function openCatalog(
  file: string,
  cwd: string,
  parse: typeof parseEntries = parseEntries,
): Promise<EditableCatalog> {
  const absolute = path.resolve(cwd, file);
  const read = await readText(absolute, file);
  if ('problem' in read) throw new UserError('the catalog cannot be read', [read.problem]);
  return { file, path: absolute, text: read.text, entries: parse(read.text, file) };
}

/**
 * The entries of a catalog's text, unchanged.
 *
 * @throws {UserError} with all its problems
 */
export function parseEntries(text: string, file: string): Entry[] {
  const { problems } = parseCatalog(text, file);
  if (problems.length > 0) throw new UserError(`${file} is not a catalog`, problems);
  return JSON.parse(text.replace(/^\uFEFF/, '')) as Entry[];
}

/**
 * Writes changed entries atomically, in the order and form that every catalog file has.
 *
 * @returns whether the file has changed
 * @throws {UserError} if an entry breaks the rules, or the file has changed since it was read
 */
export async function saveCatalog(
  catalog: EditableCatalog,
  entries: readonly Entry[],
): Promise<boolean> {
  const text = formatCatalog(entries);
  const { problems } = parseCatalog(text, catalog.file);
  if (problems.length > 0) {
    throw new UserError(
      `${catalog.file} was left unchanged, since it would break the rules`,
      problems,
    );
  }
  if (text === catalog.text) return false;
  await replaceFile(catalog.path, text, { expected: catalog.text, name: catalog.file });
  return true;
}
