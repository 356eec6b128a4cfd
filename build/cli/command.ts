import path from 'node:path';
import { CommanderError, Option, Command as Parser } from 'commander';
import { UsageError } from '../../src/lib/errors.ts';
import type { Web } from '../../src/lib/http/web.ts';
import { configFile } from '../../src/settings/config-file.ts';
import {
  type AskedSettings,
  type Environment,
  readSettings,
} from '../../src/settings/read-settings.ts';
import { type SettingTable, toFlag, type ValuesOf } from '../../src/settings/setting.ts';
import type { ProgressLine } from './progress-line.ts';

/** What a command gets from the process that it runs in. */
export interface CommandContext {
  /** The folder that files are named relative to. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly web: Web;
  readonly now: () => Date;
  /** Writes a result, on stdout. */
  readonly print: (text: string) => void;
  /** Writes a line for people, on stderr. */
  readonly tell: (line: string) => void;
  readonly status: ProgressLine;
  /** Asks a person for what must not be shown; null where nobody can be asked. */
  readonly askSecret: (question: string) => Promise<string | null>;
}

/** A command that can be run, in a process of its own or in that of a test. */
export interface Command {
  /** What is typed to run it, such as `npm run catalog -- add`. */
  readonly call: string;
  /** What it does, in a line. */
  readonly summary: string;
  readonly help: () => string;
  /** The settings that it reads, and the flags that it takes, without dashes. */
  readonly settings: SettingTable;
  readonly flags: readonly string[];
  /**
   * @returns the exit code
   * @throws {UsageError} for wrong flags, {UserError} where it fails
   */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<0 | 1>;
}

/** A flag of one command; `dryRun` is `--dry-run`. */
export interface Flag {
  readonly help: string;
  /** What stands for its value in the help; a flag without one takes none. */
  readonly value?: string;
  /** The value where it is not given. */
  readonly fallback?: string;
  readonly isRepeatable?: boolean;
  /** Other flags, without dashes, that contradict it. */
  readonly conflicts?: readonly string[];
}

type FlagValue<Given extends Flag> = Given extends { readonly value: string }
  ? Given extends { readonly isRepeatable: true }
    ? readonly string[]
    : Given extends { readonly fallback: string }
      ? string
      : string | undefined
  : boolean;

/** What the action of a command works with. */
export interface CommandInput<Table extends SettingTable, Flags> {
  readonly operands: readonly string[];
  readonly flags: {
    readonly [Name in keyof Flags]: Flags[Name] extends Flag ? FlagValue<Flags[Name]> : never;
  };
  readonly settings: AskedSettings<Table>;
  /** Reads the settings again, such as after the configuration file has changed. */
  readonly readAgain: () => Promise<AskedSettings<Table>>;
  /** The name of the configuration file. */
  readonly config: string;
}

/** What a command is made of. */
export interface CommandDefinition<
  Table extends SettingTable,
  Flags extends Readonly<Record<string, Flag>>,
> extends Pick<Command, 'call' | 'summary'> {
  /** What else the help says before the flags. */
  readonly details?: string;
  /** What it takes besides flags, such as `OLD NEW`, `[ID]` or `[NAME...]`. */
  readonly operands?: string;
  /** What to do where there are more or fewer of them: `name two catalogs`. */
  readonly operandsRemedy?: string;
  /** The settings that it reads. */
  readonly settings?: Table;
  /** Those of them that have a flag here. Default: all. */
  readonly settingFlags?: readonly (keyof Table)[];
  readonly defaults?: Partial<ValuesOf<Table>>;
  readonly flags?: Flags;
  /** What the help says after the flags. */
  readonly notes?: string;
  readonly example: string;
  /** What it does. Where it resolves with 1, the command ends with that exit code, and without a message. */
  readonly action: (input: CommandInput<Table, Flags>, context: CommandContext) => Promise<unknown>;
}

/** A flag as the parser and the help need it. */
interface FlagRow extends Omit<Flag, 'fallback'> {
  /** Without dashes. */
  readonly flag: string;
  readonly section: string;
}

/** Makes a command of its parts: a row for each flag is what is parsed, and what the help says. */
export function defineCommand<
  Table extends SettingTable = Record<never, never>,
  const Flags extends Readonly<Record<string, Flag>> = Record<never, never>,
>(definition: CommandDefinition<Table, Flags>): Command {
  const { call, summary, action, defaults } = definition;
  const settings = (definition.settings ?? {}) as Table;
  const rows = [...rowsOfFlags(definition), ...rowsOfSettings(definition)];
  const help = () => `${makeParser(definition, rows).helpInformation()}${closingOf(definition)}`;
  return {
    call,
    summary,
    settings,
    flags: rows.map(({ flag }) => flag),
    help,
    run: async (args, context) => {
      if (asksForHelp(args)) return showHelp(help, context);
      const { operands, given } = parse(makeParser(definition, rows), rows, args);
      checkOperands(definition, operands);
      const { environment, cwd } = context;
      const sources = { flags: given, environment, cwd, ...(defaults ? { defaults } : {}) };
      const readAgain = () => readSettings(settings, sources);
      const own = Object.entries<Flag>(definition.flags ?? {}).map(([name, flag]) => [
        name,
        given[toFlag(name)] ?? valueOfAbsent(flag),
      ]);
      const flags = Object.fromEntries(own) as CommandInput<Table, Flags>['flags'];
      const config = configFile(given['config']).name;
      const input = { operands, flags, settings: await readAgain(), readAgain, config };
      return (await action(input, context)) === 1 ? 1 : 0;
    },
  };
}

/** Makes one command of several, which are called by the last word of theirs. */
export function defineGroup(
  definition: Pick<Command, 'call' | 'summary'> & { readonly example: string },
  commands: readonly Command[],
): Command {
  const byName = new Map(commands.map((command) => [/\S+$/.exec(command.call)?.[0], command]));
  const lines = [...byName].map(([name, { summary }]) => `  ${name?.padEnd(9)}${summary}`);
  const { call, summary, example } = definition;
  const help = () =>
    `Usage: ${call} COMMAND [flags]\n\n${summary}.\n\nCommands (each has --help):\n${lines.join('\n')}\n\nExample: ${example}\n`;
  return {
    call,
    summary,
    settings: {},
    flags: [],
    help,
    run: async ([name = '', ...args], context) => {
      const command = byName.get(name);
      if (command) return await command.run(args, context);
      if (asksForHelp([name, ...args])) return showHelp(help, context);
      throw new UsageError(
        `there is no command ${JSON.stringify(name)}; there are ${[...byName.keys()].join(', ')}`,
      );
    },
  };
}

/** A file or folder that the user named: as it was named, for messages, unless that means another one in this process. */
export function locate(name: string, { cwd }: Pick<CommandContext, 'cwd'>): string {
  return cwd === process.cwd() ? name : path.resolve(cwd, name);
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h');
}

function showHelp(help: () => string, { print }: CommandContext): 0 {
  print(help());
  return 0;
}

type AnyDefinition = Omit<
  CommandDefinition<SettingTable, Readonly<Record<string, Flag>>>,
  'action' | 'defaults' | 'settingFlags'
> & {
  readonly settingFlags?: readonly PropertyKey[];
  readonly defaults?: Readonly<Record<string, unknown>>;
};

function rowsOfFlags({ flags, settings }: AnyDefinition): FlagRow[] {
  const config = {
    config: { value: 'file', help: 'settings as JSON (default: marketplace.config.json)' },
  };
  return Object.entries<Flag>({ ...flags, ...(settings ? config : {}) }).map(([name, flag]) => ({
    ...flag,
    flag: toFlag(name),
    section: 'Flags',
    help: flag.fallback ? `${flag.help} (default: ${flag.fallback})` : flag.help,
  }));
}

function rowsOfSettings({ settings = {}, settingFlags, defaults = {} }: AnyDefinition): FlagRow[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    if (!('parse' in setting) || !(settingFlags ?? [name]).includes(name)) return [];
    const { flag, environment, alias, section, valueName: value, isRepeatable = false } = setting;
    const fallback = showDefault(defaults[name] ?? setting.fallback);
    const from = `${fallback === '' ? '' : `default: ${fallback}, `}env: ${environment}`;
    const row = { flag, section, value, isRepeatable, help: `${setting.help} (${from})` };
    return alias ? [row, { ...row, flag: alias.flag, help: `the same as --${flag}` }] : [row];
  });
}

/** A default as a flag would give it; empty where there is none. */
export function showDefault(fallback: unknown): string {
  if (typeof fallback === 'boolean') return fallback ? 'on' : 'off';
  return String(fallback);
}

function makeParser(definition: AnyDefinition, rows: readonly FlagRow[]): Parser {
  const { call, summary, details, operands = '' } = definition;
  const separator = / -- /.test(call) ? '' : '-- ';
  const parser = new Parser(call)
    .usage(`${separator}${operands === '' ? '' : `${operands} `}[flags]`)
    .description(`${summary}.${details === undefined ? '' : `\n\n${details}`}`)
    .helpOption(false)
    .allowExcessArguments()
    .configureHelp({ helpWidth: 100 })
    .configureOutput({ writeErr: () => {} })
    .exitOverride();
  for (const { flag, value, help, section } of rows) {
    const option = new Option(`--${flag}${value ? ` <${value}>` : ''}`, help);
    parser.addOption(option.helpGroup(`${section}:`));
  }
  return parser;
}

function closingOf({ notes, example }: AnyDefinition): string {
  const examples = example.includes('\n')
    ? `\n  ${example.replaceAll('\n', '\n  ')}`
    : ` ${example}`;
  return `${notes ? `\n${notes}\n` : ''}\nExample:${examples}\n`;
}

/** @throws {UsageError} where a flag is unknown, lacks its value, or contradicts another */
function parse(parser: Parser, rows: readonly FlagRow[], args: readonly string[]) {
  const given: Record<string, string | true | readonly string[]> = {};
  for (const { flag, isRepeatable } of rows) {
    parser.on(`option:${flag}`, (value: string | null) => {
      const before = given[flag] ?? [];
      given[flag] = isRepeatable
        ? [...(before as readonly string[]), value ?? '']
        : (value ?? true);
    });
  }
  try {
    parser.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    throw new UsageError(error.message.replace(/^error: /, '').replace(/\n(?=\(Did)/, ' '));
  }
  for (const { flag, conflicts = [] } of rows) {
    const other = given[flag] && conflicts.find((name) => given[name] !== undefined);
    if (!other) continue;
    throw new UsageError(`--${flag} and --${other} contradict each other: leave one out`);
  }
  return { operands: parser.args, given };
}

/** @throws {UsageError} where there are more or fewer than the command takes */
function checkOperands({ operands = '', operandsRemedy }: AnyDefinition, given: readonly string[]) {
  const names = operands.split(' ').filter((name) => name !== '');
  const least = names.filter((name) => !name.startsWith('[')).length;
  const most = operands.includes('...') ? Number.POSITIVE_INFINITY : names.length;
  if (given.length >= least && given.length <= most) return;
  const surplus = given[most];
  throw new UsageError(operandsRemedy ?? `unexpected argument ${JSON.stringify(surplus)}`);
}

function valueOfAbsent({ value, isRepeatable, fallback }: Flag) {
  if (value === undefined) return false;
  return isRepeatable ? [] : fallback;
}
