import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { explainFileError } from '../../lib/files/explain-file-error.ts';
import { type Picture, recognize, SVG_TYPE } from './picture.ts';

/** By extension. */
const TYPES: Readonly<Record<string, string>> = { '.svg': SVG_TYPE, '.png': 'image/png' };

/** It stands on every page. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads the site's own picture.
 *
 * @param file as the settings name it; empty: none
 * @throws {UserError} where it cannot be read or is no picture that pages can show
 */
export async function readLogo(file: string, cwd: string): Promise<Picture | undefined> {
  if (file === '') return undefined;
  const refuse = (message: string, remedy: string) =>
    new UserError('the logo cannot be used', [{ level: 'error', file, message, remedy }]);
  const type = TYPES[path.extname(file).toLowerCase()];
  if (type === undefined) {
    throw refuse('is neither .svg nor .png', 'name a picture of one of the two');
  }
  const content = await readFile(path.resolve(cwd, file)).catch((error: unknown) => {
    throw new UserError('the logo cannot be used', [
      { level: 'error', file, ...explainFileError(error) },
    ]);
  });
  if (content.length > MOST_BYTES) {
    throw refuse(`has ${content.length} bytes`, `take one of at most ${MOST_BYTES}`);
  }
  const picture = recognize(type, content);
  if (picture === undefined) throw refuse(`is no ${type}`, 'save it as what its name says');
  return picture;
}
