import { UsageError, UserError } from '../lib/errors.ts';
import { showValue } from '../lib/json/finding.ts';
import { BUILD_SETTINGS, type BuildSettings } from './build-settings.ts';
import { CATALOG_SETTINGS, type CatalogSettings } from './catalog-settings.ts';
import { configFile, readConfigFile } from './config-file.ts';
import { PUBLISH_SETTINGS, type PublishSettings } from './publish-settings.ts';
import { SERVE_SETTINGS, type ServeSettings } from './serve-settings.ts';
import type { Alias, FileSetting, Setting, SettingTable } from './setting.ts';

/** What `parseArgs` found; a flag given several times is a list. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The settings of a build, and which of them somebody asked for. */
export interface AskedBuildSettings extends BuildSettings {
  /** The names of those that a flag, the environment or the configuration file set. */
  readonly given: ReadonlySet<keyof BuildSettings>;
}

/**
 * The settings of a build: flags, then environment, then the configuration file, then defaults.
 *
 * @param defaults those of a command that has other ones
 * @throws {UsageError} where a flag has a value it cannot take
 * @throws {UserError} where the environment or the configuration file has one
 */
export async function readBuildSettings(
  flags: FlagValues,
  environment: Environment,
  cwd: string,
  defaults: Partial<BuildSettings> = {},
): Promise<AskedBuildSettings> {
  const { values, given } = await readSettings(BUILD_SETTINGS, flags, environment, cwd, defaults);
  const pageSizes = [...new Set([...values.pageSizes, 100])].sort((a, b) => a - b);
  return { ...values, pageSizes, siteUrl: withoutEnd(values.siteUrl), given };
}

/**
 * The settings of publishing: flags, then environment, then the configuration file, then defaults.
 *
 * @throws {UsageError} where a flag has a value it cannot take, or what cannot be guessed is not set
 * @throws {UserError} where the environment or the configuration file has one
 */
export async function readPublishSettings(
  flags: FlagValues,
  environment: Environment,
  cwd: string,
): Promise<PublishSettings> {
  const { values: settings } = await readSettings<PublishSettings>(
    PUBLISH_SETTINGS,
    flags,
    environment,
    cwd,
  );
  for (const name of ['bucket', 'function'] as const) {
    if (settings[name] !== '') continue;
    const { flag, environment: variable } = PUBLISH_SETTINGS[name];
    throw new UsageError(
      `where to publish to is not set: name the ${name} with --${flag}, ${variable} or "${name}" in the configuration file`,
    );
  }
  return { ...settings, siteUrl: withoutEnd(settings.siteUrl) };
}

/** Paths are put behind it. */
function withoutEnd(siteUrl: string): string {
  return siteUrl.replace(/\/+$/, '');
}

/**
 * The settings of the commands that look after the catalog, from the same places.
 *
 * @throws {UsageError} where a flag has a value it cannot take
 * @throws {UserError} where the environment or the configuration file has one
 */
export async function readCatalogSettings(
  flags: FlagValues,
  environment: Environment,
  cwd: string,
): Promise<CatalogSettings> {
  return (await readSettings(CATALOG_SETTINGS, flags, environment, cwd)).values;
}

/**
 * The settings of the commands that serve a build, from the same places.
 *
 * @throws {UsageError} where a flag has a value it cannot take
 * @throws {UserError} where the environment or the configuration file has one
 */
export async function readServeSettings(
  flags: FlagValues,
  environment: Environment,
  cwd: string,
): Promise<ServeSettings> {
  return (await readSettings(SERVE_SETTINGS, flags, environment, cwd)).values;
}

/** The settings of a table, and the names of those that are not left to their defaults. */
async function readSettings<Values>(
  table: SettingTable<Values>,
  flags: FlagValues,
  environment: Environment,
  cwd: string,
  defaults: Partial<Values> = {},
): Promise<{ values: Values; given: ReadonlySet<keyof Values> }> {
  const file = await readConfigFile(configFile(flags['config']), cwd);
  const given = new Set<keyof Values>();
  const rows = Object.entries<Setting<unknown> | FileSetting<unknown>>(table);
  const values = rows.map(([key, setting]) => {
    const name = key as keyof Values;
    const spellings = spellingsOf(key, setting);
    const value =
      ('flag' in setting ? flagOrVariable(setting, spellings, flags, environment) : undefined) ??
      onlyValue(
        UserError,
        spellings.map(({ name }) => [
          `${JSON.stringify(name)} in the configuration file`,
          file[name],
        ]),
      );
    if (value !== undefined) given.add(name);
    return [name, value ?? defaults[name] ?? setting.fallback];
  });
  return { values: Object.fromEntries(values) as Values, given };
}

/** How a setting may be called, by its second spelling too. */
function spellingsOf(name: string, setting: Setting<unknown> | FileSetting<unknown>): Alias[] {
  if (!('flag' in setting)) return [{ name, flag: '', environment: '' }];
  const { flag, environment, alias } = setting;
  return [{ name, flag, environment }, ...(alias ? [alias] : [])];
}

function flagOrVariable(
  setting: Setting<unknown>,
  spellings: readonly Alias[],
  flags: FlagValues,
  environment: Environment,
): unknown {
  const ofFlags = spellings.map(
    ({ flag }) =>
      [
        `--${flag}`,
        flags[flag] === undefined ? undefined : parseFlag(setting, flag, flags[flag]),
      ] as const,
  );
  const ofVariables = spellings.map(
    ({ environment: name }) =>
      [
        name,
        environment[name] ? parseVariable(setting, name, environment[name]) : undefined,
      ] as const,
  );
  return onlyValue(UsageError, ofFlags) ?? onlyValue(UserError, ofVariables);
}

/** The value under the spellings of one setting. @throws {Contradiction} where they say different things */
function onlyValue(
  Contradiction: typeof UsageError | typeof UserError,
  bySpelling: readonly (readonly [string, unknown])[],
): unknown {
  const [first, ...others] = bySpelling.filter(([, value]) => value !== undefined);
  const other = others.find(([, value]) => value !== first?.[1]);
  if (other === undefined) return first?.[1];
  throw new Contradiction(
    `${first?.[0]} and ${other[0]} are one setting, and contradict each other: leave one out`,
  );
}

function parseFlag(
  setting: Setting<unknown>,
  name: string,
  given: string | boolean | readonly string[],
): unknown {
  // A flag that takes no value switches on.
  if (given === true) return true;
  const text = Array.isArray(given) ? given.join(',') : String(given);
  const value = setting.parse(text);
  if (value !== null && text !== '') return value;
  throw new UsageError(`--${name} takes ${setting.takes}, not ${showValue(text)}`);
}

function parseVariable(setting: Setting<unknown>, name: string, text: string): unknown {
  const value = setting.parse(text);
  if (value !== null) return value;
  throw new UserError(`${name} takes ${setting.takes}`, [
    {
      level: 'error',
      message: `in the environment is not that`,
      found: showValue(text),
      remedy: `set it right, or unset it`,
    },
  ]);
}
