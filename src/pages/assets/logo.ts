import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../lib/errors.ts';
import { explainFileError } from '../../lib/files/explain-file-error.ts';
import { type Picture, recognize, SVG_TYPE } from './picture.ts';

/** Content types by extension. */
const TYPES: Readonly<Record<string, string>> = { '.svg': SVG_TYPE, '.png': 'image/png' };

/** Every page shows it. */
const MOST_BYTES = 256 * 1024;

/**
 * Reads the logo of the site.
 *
 * @param file its path in the settings; empty: none
 * @throws {UserError} if it cannot be read or is not a picture that pages can show
 */
export async function readLogo(file: string, cwd: string): Promise<Picture | undefined> {
  if (file === '') return undefined;
  const refuse = (message: string, remedy: string) =>
    new UserError('the logo cannot be used', [{ level: 'error', file, message, remedy }]);
  const type = TYPES[path.extname(file).toLowerCase()];
  if (type === undefined) {
    throw refuse('is neither .svg nor .png', 'name a picture in one of these formats');
  }
  const content = await readFile(path.resolve(cwd, file)).catch((error: unknown) => {
    throw new UserError('the logo cannot be used', [
      { level: 'error', file, ...explainFileError(error) },
    ]);
  });
  if (content.length > MOST_BYTES) {
    throw refuse(`has ${content.length} bytes`, `use one of at most ${MOST_BYTES} bytes`);
  }
  const picture = recognize(type, content);
  if (picture === undefined)
    throw refuse(`is not ${type}`, 'save it in the format of its extension');
  return picture;
}

/** The default logo: a jigsaw piece in the accent color. */
export function defaultLogo(accentColor: string): Picture {
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="${accentColor}"/><path fill="#fff" stroke="#000" stroke-opacity=".25" stroke-width=".75" d="M8 11a2 2 0 0 1 2-2h3.2a2.8 2.8 0 1 1 5.6 0H22a2 2 0 0 1 2 2v3.2a2.8 2.8 0 1 0 0 5.6V23a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2z"/></svg>`;
  return { contentType: SVG_TYPE, content: Buffer.from(text) };
}
