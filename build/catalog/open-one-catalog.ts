import { findCatalogFiles } from '../../src/catalog/find-catalog-files.ts';
import { type EditableCatalog, openCatalog } from '../../src/curation/editable-catalog.ts';
import { UserError } from '../../src/lib/errors.ts';

/**
 * Opens the file that a command will change: the catalog, if it is one file.
 *
 * @param parse parses its text into entries, for a command that takes more than today's form
 * @throws {UserError} if it is several files, none, or unreadable
 */
export async function openOneCatalog(
  patterns: readonly string[],
  cwd: string,
  parse?: Parameters<typeof openCatalog>[2],
): Promise<EditableCatalog> {
  const { files, problems } = await findCatalogFiles(patterns, cwd);
  if (problems.length > 0) throw new UserError('the catalog cannot be read', problems);
  const [first, ...others] = files;
  if (first === undefined || others.length > 0) {
    const names = files.map(({ file }) => file).join(', ');
    throw new UserError(`the catalog is ${names}: name the file to change with --catalog`);
  }
  return await openCatalog(first.file, cwd, parse);
}
