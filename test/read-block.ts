import { readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

/**
 * A block of code from a page, so that tests run what the page tells people to run.
 *
 * @param page such as `docs/private.md`
 * @param language the name after the fence
 * @param text the beginning of the block
 */
export async function readBlock(page: string, language: string, text: string): Promise<string> {
  const content = await readFile(path.join(ROOT, page), 'utf8');
  const blocks = [...content.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.filter(([, kind, code = '']) => kind === language && code.startsWith(text));
  const [[, , code = ''] = []] = found;
  if (found.length !== 1) throw new Error(`${page} has ${found.length} blocks ${language} ${text}`);
  return code;
}
