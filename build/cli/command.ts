import path from 'node:path';
import { UsageError } from '../../src/lib/errors.ts';
import type { Web } from '../../src/lib/http/web.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { configFile } from '../../src/settings/config-file.ts';
import {
  type AskedSettings,
  type Environment,
  readSettings,
} from '../../src/settings/read-settings.ts';
import { type SettingTable, toFlag, type ValuesOf } from '../../src/settings/setting.ts';
import { type Flag, formatHelp, listFlags, parseArguments } from './command-flags.ts';
import type { ProgressLine } from './progress-line.ts';

/** The input of a command from its process. */
export interface CommandContext {
  /** The folder that files are named relative to. */
  readonly cwd: string;
  readonly environment: Environment;
  readonly web: Web;
  readonly now: () => Date;
  /** Writes a result, on stdout. */
  readonly print: (text: string) => void;
  /** Writes a line for people, on stderr. */
  readonly report: (line: string) => void;
  readonly status: ProgressLine;
  /** Asks the user for a secret; null if there is no terminal. */
  readonly askSecret: (question: string) => Promise<string | null>;
}

/** 0 done, 1 failed, 2 not even tried. */
export type ExitCode = 0 | 1 | 2;

/** A command, to be run by `runProgram` or by a test. */
export interface Command {
  /** The command line to run it, such as `npm run catalog -- add`. */
  readonly call: string;
  /** Its purpose, in one line. */
  readonly summary: string;
  readonly help: () => string;
  /** The settings that it reads, and the flags that it takes, without dashes. */
  readonly settings: SettingTable;
  readonly flags: readonly string[];
  /**
   * @returns the exit code
   * @throws {UsageError} for wrong flags, {UserError} where it fails
   */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<ExitCode>;
}

type FlagValue<Given extends Flag> = Given extends { readonly value: string }
  ? Given extends { readonly isRepeatable: true }
    ? readonly string[]
    : Given extends { readonly fallback: string }
      ? string
      : string | undefined
  : boolean;

/** The input of a command's action. */
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

/** The definition of a command. */
export interface CommandDefinition<
  Table extends SettingTable,
  Flags extends Readonly<Record<string, Flag>>,
> extends Pick<Command, 'call' | 'summary'> {
  /** More about it, which the help shows before the flags. */
  readonly details?: string;
  /** Its operands, such as `OLD NEW`, `[ID]` or `[NAME...]`. */
  readonly operands?: string;
  /** The remedy if there are more or fewer of them: `name two catalogs`. */
  readonly operandsRemedy?: string;
  /** The settings that it reads. */
  readonly settings?: Table;
  /** Those of them that have a flag here. Default: all. */
  readonly settingFlags?: readonly (keyof Table)[];
  readonly defaults?: Partial<ValuesOf<Table>>;
  readonly flags?: Flags;
  /** Text of the help after the flags. */
  readonly notes?: string;
  readonly example: string;
  /** Runs the command. If it resolves with 1 or 2, the command exits with that, without a message. */
  readonly action: (input: CommandInput<Table, Flags>, context: CommandContext) => Promise<unknown>;
}

/** Makes a command: what is parsed and what the help shows come from the same rows. */
export function defineCommand<
  Table extends SettingTable = Record<never, never>,
  const Flags extends Readonly<Record<string, Flag>> = Record<never, never>,
>(definition: CommandDefinition<Table, Flags>): Command {
  const { call, summary, action, defaults } = definition;
  const settings = (definition.settings ?? {}) as Table;
  const rows = listFlags(definition);
  const help = () => formatHelp(definition, rows);
  return {
    call,
    summary,
    settings,
    flags: rows.map(({ flag }) => flag),
    help,
    run: async (args, context) => {
      if (asksForHelp(args)) return showHelp(help, context);
      const { operands, given } = parseArguments(definition, rows, args);
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
      const code = await action(input, context);
      return code === 1 || code === 2 ? code : 0;
    },
  };
}

/** Makes one command out of several; the last word of each `call` chooses it. */
export function defineGroup(
  definition: Pick<Command, 'call' | 'summary'> & { readonly example: string },
  commands: readonly Command[],
): Command {
  const byName = new Map(commands.map((command) => [/\S+$/.exec(command.call)?.[0], command]));
  const width = Math.max(...[...byName.keys()].map((name = '') => name.length)) + 2;
  const lines = [...byName].map(([name, { summary }]) => `  ${name?.padEnd(width)}${summary}`);
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
        `unknown command ${showValue(name)}; the commands are ${[...byName.keys()].join(', ')}`,
      );
    },
  };
}

/** A file or folder as the user named it, for messages; absolute where the command runs in another folder than its process. */
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

function valueOfAbsent({ value, isRepeatable, fallback }: Flag) {
  if (value === undefined) return false;
  return isRepeatable ? [] : fallback;
}
