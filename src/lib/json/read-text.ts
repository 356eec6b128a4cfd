import { readFile, stat } from 'node:fs/promises';
import type { Problem } from '../errors.ts';
import { explainFileError } from '../files/explain-file-error.ts';

/** The text of a file, or the problem with it. */
export type ReadTextResult = { readonly text: string } | { readonly problem: Problem };

/** Bytes of a catalog, in one file or in many: thirty times the largest that was ever public. */
export const MOST_CATALOG_BYTES = 64 * 2 ** 20;

/** Of `/signed.json`; none comes near. */
export const MOST_STATEMENT_BYTES = 2 ** 16;

/**
 * Reads a file that must be UTF-8. A byte order mark stays. `file` is how the problem names it, `most` how many bytes it may
 * have.
 */
export async function readText(
  path: string,
  file: string,
  most: number = MOST_CATALOG_BYTES,
): Promise<ReadTextResult> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > most) return { problem: explainSize(size, file) };
    bytes = await readFile(path);
  } catch (error) {
    return { problem: { level: 'error', file, ...explainFileError(error) } };
  }
  const text = decode(bytes);
  return text === undefined ? { problem: explainBytes(bytes, file) } : { text };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    // Replacing what is not UTF-8, as is usual, would change names without a word.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function explainSize(size: number, file: string): Problem {
  return {
    level: 'error',
    file,
    message: `has ${size} bytes, and a catalog takes at most ${MOST_CATALOG_BYTES}, in all its files together`,
    remedy: 'make icons smaller, or drop old releases',
  };
}

function explainBytes(bytes: Uint8Array, file: string): Problem {
  const lines = Buffer.from(bytes).toString('latin1').split('\n');
  const line = 1 + lines.findIndex((text) => decode(Buffer.from(text, 'latin1')) === undefined);
  return { level: 'error', file, line, message: 'is not UTF-8', remedy: 'save the file as UTF-8' };
}
