import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createScanner } from 'jsonc-parser';
import { z } from 'zod';
import { errorCode, UsageError, UserError } from '../lib/errors.ts';
import { explainFileError } from '../lib/files/explain-file-error.ts';
import { formatLocation, type JsonPath } from '../lib/json/finding.ts';
import { createLocator } from '../lib/json/locate.ts';
import { type ParsedJson, parseJson } from '../lib/json/parse-json.ts';
import { BUILD_SETTINGS } from './build-settings.ts';
import { CATALOG_SETTINGS } from './catalog-settings.ts';
import { PUBLISH_SETTINGS } from './publish-settings.ts';
import { SERVE_SETTINGS } from './serve-settings.ts';
import type { SettingTable } from './setting.ts';

/** The default configuration file; it need not exist. */
const DEFAULT_FILE = 'marketplace.config.json';

/** All settings: one file holds those of all commands. */
export const SETTINGS: SettingTable = {
  ...BUILD_SETTINGS,
  ...SERVE_SETTINGS,
  ...CATALOG_SETTINGS,
  ...PUBLISH_SETTINGS,
};

/** The same, also under their second names. */
const SPELLINGS: SettingTable = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([name, setting]) => [
    [name, setting],
    ...('alias' in setting && setting.alias ? [[setting.alias.name, setting]] : []),
  ]),
);

/** Selects the configuration file. */
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
    const isMissing = errorCode(error) === 'ENOENT';
    if (!isNamed && isMissing) return {};
    throw new UserError('the configuration cannot be read', [
      { level: 'error', file: name, ...explainFileError(error) },
    ]);
  }
  return parseConfig(text, name);
}

/**
 * The settings in a text of JSON, which may have comments, and commas after last elements.
 *
 * @throws {UserError} with every problem of the file
 */
export function parseConfig(text: string, name: string): Readonly<Record<string, unknown>> {
  const shape = Object.fromEntries(
    Object.entries(SPELLINGS).map(([key, setting]) => [key, setting.schema.optional()]),
  );
  const bare = toStrictJson(text.replace(/^\uFEFF/, ''));
  const json = parseSettings(bare, name);
  if ('problems' in json) throw new UserError(`${name} is not JSON`, json.problems);
  const parsed = z.strictObject(shape).safeParse(json.value);
  if (parsed.success) return parsed.data;
  const locate = createLocator(bare);
  throw new UserError(
    `${name} has settings that cannot be taken`,
    parsed.error.issues.map((issue) => {
      const setting = SPELLINGS[String(issue.path[0])];
      return {
        level: 'error' as const,
        file: name,
        ...locate(issue.path as JsonPath, false)?.position,
        ...(issue.path.length > 0 ? { path: formatLocation(issue.path as JsonPath) } : {}),
        message: issue.message.charAt(0).toLowerCase() + issue.message.slice(1),
        remedy: setting
          ? `it takes ${typeof setting.fallback === 'boolean' ? 'true or false' : setting.takes}${Array.isArray(setting.fallback) ? ', as a JSON array' : ''}`
          : `known settings: ${Object.keys(SETTINGS).join(', ')}`,
      };
    }),
  );
}

/**
 * Strict JSON: blanks replace comments and trailing commas, so that every line and column stays the same.
 */
function toStrictJson(text: string): string {
  const scanner = createScanner(text);
  const tokens: string[] = [];
  // The last two that mean something.
  let [beforeLast, last] = [-1, -1];
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    const from = scanner.getTokenOffset();
    const token = text.slice(from, from + scanner.getTokenLength());
    const isComment = /^\/[/*]/.test(token);
    tokens.push(isComment ? token.replace(/[^\r\n]/g, ' ') : token);
    if (isComment || token.trim() === '') continue;
    const isAfterElement = beforeLast >= 0 && !/^[[{,]$/.test(tokens[beforeLast] ?? '');
    if (/^[\]}]$/.test(token) && tokens[last] === ',' && isAfterElement) tokens[last] = ' ';
    [beforeLast, last] = [last, tokens.length - 1];
  }
  return tokens.join('');
}

function parseSettings(text: string, file: string): ParsedJson {
  if (text.trim() !== '') return parseJson(text, file);
  const remedy = 'write {} where there is nothing to set';
  return { problems: [{ level: 'error', file, message: 'is empty', remedy }] };
}
