import { UsageError, UserError } from '../errors.ts';
import { BUILD_SETTINGS, type BuildSettings } from './build-settings.ts';
import { CATALOG_SETTINGS, type CatalogSettings } from './catalog-settings.ts';
import { configFile, readConfigFile } from './config-file.ts';
import { PUBLISH_SETTINGS, type PublishSettings } from './publish-settings.ts';
import type { FileSetting, Setting, SettingTable } from './setting.ts';

/** What `parseArgs` found; a flag given several times is a list. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
): Promise<BuildSettings> {
  const settings = await readSettings(BUILD_SETTINGS, flags, environment, cwd, defaults);
  const pageSizes = [...new Set([...settings.pageSizes, 100])].sort((a, b) => a - b);
  return { ...settings, pageSizes, siteUrl: withoutEnd(settings.siteUrl) };
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
  const settings = await readSettings<PublishSettings>(PUBLISH_SETTINGS, flags, environment, cwd);
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
  return await readSettings(CATALOG_SETTINGS, flags, environment, cwd);
}

async function readSettings<Values>(
  table: SettingTable<Values>,
  flags: FlagValues,
  environment: Environment,
  cwd: string,
  defaults: Partial<Values> = {},
): Promise<Values> {
  const file = await readConfigFile(configFile(flags['config']), cwd);
  return Object.fromEntries(
    Object.entries<Setting<unknown> | FileSetting<unknown>>(table).map(([name, setting]) => [
      name,
      ('flag' in setting ? settingValue(setting, flags, environment) : undefined) ??
        file[name] ??
        defaults[name as keyof Values] ??
        setting.fallback,
    ]),
  ) as Values;
}

function settingValue(
  setting: Setting<unknown>,
  flags: FlagValues,
  environment: Environment,
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
