import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { explainFileError } from './catalog/explain-file-error.ts';
import { UsageError, UserError } from './errors.ts';

/** Everything that can be set, complete: flags, then environment, then the configuration file, then these defaults. */
export interface Settings {
  /** Files or globs of the catalog, in the order in which they are read. */
  readonly catalog: readonly string[];
  /** Folder of the build. */
  readonly out: string;
  /** Page sizes to publish beside the whole answer; 100 is always among them. */
  readonly pageSizes: readonly number[];
  /** Whether to publish text search, where the budget allows. */
  readonly search: boolean;
  /** Whether to publish every page size of the lists of newest versions, where the budget allows. */
  readonly everyPageSize: boolean;
  /** The budget: how many files the answers may take. */
  readonly maxFiles: number;
  /** The budget: how many bytes the answers may take. */
  readonly maxBytes: number;
  /** The largest router to accept, in bytes. CloudFront takes no more than 10,000. */
  readonly routerBytes: number;
  /** Git tag that `/api/v1/health` tells. */
  readonly buildTag: string;
  /** Git hash that `/api/v1/health` tells. */
  readonly buildHash: string;
}

interface Setting<Value> {
  /** The flag without dashes, also the key in `parseArgs`. */
  readonly flag: string;
  readonly environment: string;
  readonly fallback: Value;
  /** What it takes, for messages. */
  readonly takes: string;
  /** From a flag or the environment; null where the text is no such value. */
  readonly parse: (text: string) => Value | null;
  readonly schema: z.ZodType<Value>;
}

/** Page sizes are cut out of every long list, so they are kept within reason. */
const pageSize = z.int().min(1).max(100_000);

const SETTINGS: { readonly [Name in keyof Settings]: Setting<Settings[Name]> } = {
  catalog: {
    flag: 'catalog',
    environment: 'MARKETPLACE_CATALOG',
    fallback: ['plugins.json'],
    takes: 'files or globs, separated by commas',
    parse: (text) => list(text),
    schema: z.array(z.string().min(1)).min(1),
  },
  out: {
    flag: 'out',
    environment: 'MARKETPLACE_OUT',
    fallback: 'dist',
    takes: 'a folder',
    parse: (text) => text,
    schema: z.string().min(1),
  },
  pageSizes: {
    flag: 'page-sizes',
    environment: 'MARKETPLACE_PAGE_SIZES',
    fallback: [10, 20, 25, 50, 100],
    takes: 'whole numbers from 1 to 100000, separated by commas',
    parse: (text) => {
      const sizes = list(text)?.map((part) => wholeNumber(part) ?? 0) ?? [];
      return z.array(pageSize).min(1).safeParse(sizes).success ? sizes : null;
    },
    schema: z.array(pageSize).min(1),
  },
  search: onOrOff('search', 'MARKETPLACE_SEARCH'),
  everyPageSize: onOrOff('every-page-size', 'MARKETPLACE_EVERY_PAGE_SIZE'),
  maxFiles: {
    flag: 'max-files',
    environment: 'MARKETPLACE_MAX_FILES',
    fallback: 20_000,
    takes: 'a whole number of files',
    parse: wholeNumber,
    schema: z.int().min(1),
  },
  maxBytes: {
    flag: 'max-bytes',
    environment: 'MARKETPLACE_MAX_BYTES',
    fallback: 2 * 1024 ** 3,
    takes: 'a whole number of bytes',
    parse: wholeNumber,
    schema: z.int().min(1),
  },
  routerBytes: {
    flag: 'router-bytes',
    environment: 'MARKETPLACE_ROUTER_BYTES',
    fallback: 10_000,
    takes: 'a whole number of bytes',
    parse: wholeNumber,
    schema: z.int().min(1),
  },
  buildTag: {
    flag: 'build-tag',
    environment: 'BUILD_TAG',
    fallback: '',
    takes: 'a git tag',
    parse: (text) => text,
    schema: z.string(),
  },
  buildHash: {
    flag: 'build-hash',
    environment: 'BUILD_HASH',
    fallback: '',
    takes: 'a git hash',
    parse: (text) => text,
    schema: z.string(),
  },
};

/** The `options` of `parseArgs` for the settings, to be joined with a command's own. */
export const SETTING_FLAGS = {
  catalog: { type: 'string', multiple: true },
  out: { type: 'string' },
  'page-sizes': { type: 'string' },
  search: { type: 'string' },
  'every-page-size': { type: 'string' },
  'max-files': { type: 'string' },
  'max-bytes': { type: 'string' },
  'router-bytes': { type: 'string' },
  'build-tag': { type: 'string' },
  'build-hash': { type: 'string' },
  config: { type: 'string' },
} as const;

/** The configuration file that is read where none is named; it need not be there. */
const DEFAULT_FILE = 'marketplace.config.json';

/** What `parseArgs` found; a flag given several times is a list. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/**
 * Fills in the settings.
 *
 * @throws {UsageError} where a flag has a value it cannot take
 * @throws {UserError} where the environment or the configuration file has one
 */
export async function readSettings(
  flags: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<Settings> {
  const file = await readConfigFile(configFile(flags), cwd);
  const settings = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [
      name,
      settingValue(setting, flags, environment) ?? file[name] ?? setting.fallback,
    ]),
  ) as unknown as Settings;
  const pageSizes = [...new Set([...settings.pageSizes, 100])].sort((a, b) => a - b);
  return { ...settings, pageSizes };
}

/**
 * The configuration file that the flags name, or the one that need not be there.
 *
 * @throws {UsageError} where the name is empty
 */
export function configFile(flags: FlagValues): {
  readonly name: string;
  readonly isNamed: boolean;
} {
  const name = flags['config'];
  if (name === '') throw new UsageError('--config takes a file, not ""');
  return { name: typeof name === 'string' ? name : DEFAULT_FILE, isNamed: name !== undefined };
}

function settingValue(
  setting: Setting<unknown>,
  flags: FlagValues,
  environment: Readonly<Record<string, string | undefined>>,
): unknown {
  const flag = flags[setting.flag];
  if (flag !== undefined) {
    const text = Array.isArray(flag) ? flag.join(',') : String(flag);
    const value = setting.parse(text);
    if (value !== null && text !== '') return value;
    throw new UsageError(`--${setting.flag} takes ${setting.takes}, not ${JSON.stringify(text)}`);
  }
  const text = environment[setting.environment];
  if (text === undefined || text === '') return undefined;
  const value = setting.parse(text);
  if (value !== null) return value;
  throw new UserError(`${setting.environment} takes ${setting.takes}`, [
    {
      level: 'error',
      message: `in the environment is not that`,
      found: JSON.stringify(text),
      remedy: `set it right, or unset it`,
    },
  ]);
}

async function readConfigFile({ name, isNamed }: ReturnType<typeof configFile>, cwd: string) {
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
      const setting = SETTINGS[issue.path[0] as keyof Settings] as Setting<unknown> | undefined;
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

/** A setting that is on unless it is switched off. */
function onOrOff(flag: string, environment: string): Setting<boolean> {
  return {
    flag,
    environment,
    fallback: true,
    takes: 'on or off',
    parse: (text) => (text === 'on' ? true : text === 'off' ? false : null),
    schema: z.boolean(),
  };
}

/** The commas inside the braces of a glob, such as `{a,b}.json`, separate nothing here. */
function list(text: string): string[] | null {
  const parts = text
    .split(/,(?![^{}]*\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 ? parts : null;
}

function wholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
