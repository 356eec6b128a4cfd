import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { explainFileError } from '../catalog/explain-file-error.ts';
import { UsageError, UserError } from '../errors.ts';
import { BUILD_SETTINGS } from './build-settings.ts';
import { CATALOG_SETTINGS } from './catalog-settings.ts';
import { PUBLISH_SETTINGS } from './publish-settings.ts';
import type { FileSetting } from './setting.ts';

/** The configuration file that is read where none is named; it need not be there. */
const DEFAULT_FILE = 'marketplace.config.json';

/** The one file holds the settings of every command. */
const SETTINGS: Readonly<Record<string, FileSetting<unknown>>> = {
  ...BUILD_SETTINGS,
  ...CATALOG_SETTINGS,
  ...PUBLISH_SETTINGS,
};

/** Which configuration file is meant. */
export interface ConfigFile {
  readonly name: string;
  /** Whether a person named it: then it must be there. */
  readonly isNamed: boolean;
}

/**
 * The configuration file that the flag `--config` names, or the one that need not be there.
 *
 * @throws {UsageError} where the name is empty
 */
export function configFile(config: unknown): ConfigFile {
  if (config === '') throw new UsageError('--config takes a file, not ""');
  return {
    name: typeof config === 'string' ? config : DEFAULT_FILE,
    isNamed: config !== undefined,
  };
}

/** @throws {UserError} where the file cannot be read, or with every problem of it */
export async function readConfigFile(
  { name, isNamed }: ConfigFile,
  cwd: string,
): Promise<Readonly<Record<string, unknown>>> {
  let text: string;
  try {
    text = await readFile(path.resolve(cwd, name), 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isNamed && isMissing) return {};
    throw new UserError('the configuration cannot be read', [
      { level: 'error', file: name, ...explainFileError(error) },
    ]);
  }
  return parseConfig(text, name);
}

/** @throws {UserError} with every problem of the file */
export function parseConfig(text: string, name: string): Readonly<Record<string, unknown>> {
  const shape = Object.fromEntries(
    Object.entries(SETTINGS).map(([key, setting]) => [key, setting.schema.optional()]),
  );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name} is not JSON: ${(error as Error).message}`);
  }
  const parsed = z.strictObject(shape).safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${name} has settings that cannot be taken`,
    parsed.error.issues.map((issue) => {
      const setting = SETTINGS[String(issue.path[0])];
      return {
        level: 'error' as const,
        file: name,
        ...(issue.path.length > 0 ? { path: issue.path.join('.') } : {}),
        message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
        remedy: setting
          ? `it takes ${typeof setting.fallback === 'boolean' ? 'true or false' : setting.takes}${Array.isArray(setting.fallback) ? ', as a JSON array' : ''}`
          : `known settings: ${Object.keys(SETTINGS).join(', ')}`,
      };
    }),
  );
}
