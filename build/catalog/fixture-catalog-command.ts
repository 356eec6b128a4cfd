import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Web } from '../../src/lib/http/web.ts';
import { impatientWeb } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { explainError } from '../cli/cli.ts';
import type { CatalogCommand } from './catalog-command.ts';

export interface CatalogRunOptions {
  readonly cwd: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly web?: Web;
  /** What a person types when asked for what must not be shown; nobody is there where it is left out. */
  readonly secret?: string;
  readonly now?: Date;
}

/** The moment at which commands run in tests. */
export const NOW = new Date('2024-05-17T12:00:00Z');

/** Runs a command in this process, and tells what it would have written and how it would have ended. */
export async function runCatalog(
  command: CatalogCommand,
  args: readonly string[],
  { cwd, environment = {}, web = impatientWeb(), secret, now = NOW }: CatalogRunOptions,
) {
  let stdout = '';
  let stderr = '';
  let code: 0 | 1 | 2 = 0;
  try {
    await command.run([...args], {
      cwd,
      environment,
      web,
      now: () => now,
      print: (text) => {
        stdout += text;
      },
      tell: (line) => {
        stderr += `${line}\n`;
      },
      status: { show: () => {}, clear: () => {} },
      askSecret: async () => secret ?? null,
    });
  } catch (error) {
    const { text, exitCode } = explainError(error);
    stderr += text;
    code = exitCode;
  }
  return { code, stdout, stderr };
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
