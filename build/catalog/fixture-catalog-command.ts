import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { makeFolder } from '../../test/make-folder.ts';
import type { Command } from '../cli/command.ts';
import { type RunHereOptions, runHere } from '../cli/fixture-command.ts';

export { NOW } from '../cli/fixture-command.ts';

export interface CatalogRunOptions extends Omit<RunHereOptions, 'env'> {
  readonly environment?: Readonly<Record<string, string>>;
}

/** `runHere` for the catalog commands. */
export async function runCatalog(
  command: Command,
  args: readonly string[],
  { environment = {}, ...options }: CatalogRunOptions,
) {
  return await runHere(command, args, { ...options, env: environment });
}

/** A folder with the files given, by path; objects are written as JSON. */
export async function makeProject(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer | object>>,
): Promise<string> {
  const cwd = await makeFolder(t);
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(cwd, name);
    await mkdir(path.dirname(file), { recursive: true });
    const isPlain = typeof content === 'string' || Buffer.isBuffer(content);
    await writeFile(file, isPlain ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
  return cwd;
}
