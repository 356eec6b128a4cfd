import { UsageError, UserError } from '../lib/errors.ts';
import { showValue } from '../lib/json/finding.ts';
import { BUILD_SETTINGS, type BuildSettings } from './build-settings.ts';
import { configFile, readConfigFile } from './config-file.ts';
import type { Alias, FileSetting, Setting, SettingTable, ValuesOf } from './setting.ts';

/** The values of flags, by flag without dashes; one given several times is a list. */
export type FlagValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings come from, besides the configuration file. */
export interface SettingSources<Values> {
  readonly flags: FlagValues;
  readonly environment: Environment;
  /** The folder of the configuration file. */
  readonly cwd: string;
  /** Those of a command that has other ones. */
  readonly defaults?: Partial<Values>;
}

/** The settings of a table, and the names of those that a flag, the environment or the configuration file set. */
export type AskedSettings<Table extends SettingTable> = ValuesOf<Table> & {
  readonly given: ReadonlySet<string>;
};

/** The settings of a build, and which of them were set. */
export type AskedBuildSettings = BuildSettings & { readonly given: ReadonlySet<string> };

/** The settings of a build from flags, environment and configuration file. */
export async function readBuildSettings(
  flags: FlagValues,
  environment: Environment,
  cwd: string,
): Promise<AskedBuildSettings> {
  return await readSettings(BUILD_SETTINGS, { flags, environment, cwd });
}

/**
 * The settings of a table: flags, then environment, then configuration file, then defaults.
 *
 * @throws {UsageError} where a flag has a value it cannot take, or a required setting is empty
 * @throws {UserError} where the environment or the configuration file has a value it cannot take
 */
export async function readSettings<Table extends SettingTable>(
  table: Table,
  { flags, environment, cwd, defaults = {} }: SettingSources<ValuesOf<Table>>,
): Promise<AskedSettings<Table>> {
  const file = await readConfigFile(configFile(flags['config']), cwd);
  const given = new Set<string>();
  const values = Object.entries(table).map(([name, setting]) => {
    const spellings = spellingsOf(name, setting);
    const value =
      ('parse' in setting ? fromFlag(setting, spellings, flags) : undefined) ??
      ('parse' in setting ? fromVariable(setting, spellings, environment) : undefined) ??
      onlyValue(
        UserError,
        spellings.map(({ name }) => [`"${name}" in the configuration file`, file[name]]),
      );
    if (value !== undefined) given.add(name);
    const found = value ?? (defaults as Partial<Record<string, unknown>>)[name] ?? setting.fallback;
    if (!('parse' in setting)) return [name, found];
    return [name, setting.tidy ? setting.tidy(found) : found];
  });
  return { ...(Object.fromEntries(values) as ValuesOf<Table>), given };
}

/** How a setting may be spelled. */
function spellingsOf(name: string, setting: Setting<unknown> | FileSetting<unknown>): Alias[] {
  if (!('parse' in setting)) return [{ name, flag: '', environment: '' }];
  const { flag, environment, alias } = setting;
  return [{ name, flag, environment }, ...(alias ? [alias] : [])];
}

function fromFlag(setting: Setting<unknown>, spellings: readonly Alias[], flags: FlagValues) {
  return onlyValue(
    UsageError,
    spellings.map(({ flag }) => {
      const given = flags[flag];
      // A flag that takes no value switches on.
      if (given === undefined || given === true) return [`--${flag}`, given];
      const text = Array.isArray(given) ? given.join(',') : String(given);
      const value = setting.parse(text);
      if (value !== null && text !== '') return [`--${flag}`, value];
      throw new UsageError(`--${flag} takes ${setting.takes}, not ${showValue(text)}`);
    }),
  );
}

function fromVariable(
  setting: Setting<unknown>,
  spellings: readonly Alias[],
  environment: Environment,
) {
  return onlyValue(
    UserError,
    spellings.map(({ environment: name }) => {
      const text = environment[name];
      // An empty variable is not set.
      if (!text) return [name, undefined];
      const value = setting.parse(text);
      if (value !== null) return [name, value];
      throw new UserError(`${name} takes ${setting.takes}`, [
        {
          level: 'error',
          message: 'is its value in the environment',
          found: showValue(text),
          remedy: 'correct it, or unset it',
        },
      ]);
    }),
  );
}

/** The value under the spellings of one setting. @throws {Contradiction} where they differ */
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
