import { CommanderError, Option, Command as Parser } from 'commander';
import { UsageError } from '../../src/lib/errors.ts';
import { showValue } from '../../src/lib/json/finding.ts';
import { hideUserInfo } from '../../src/lib/json/user-info.ts';
import { type SettingTable, toFlag } from '../../src/settings/setting.ts';

/** A flag of one command; `dryRun` is `--dry-run`. */
export interface Flag {
  readonly help: string;
  /** The placeholder for its value in the help; a flag without one takes no value. */
  readonly value?: string;
  /** The value where it is not given. */
  readonly fallback?: string;
  readonly isRepeatable?: boolean;
  /** Other flags, without dashes, that contradict it. */
  readonly conflicts?: readonly string[];
}

/** A flag as the parser and the help need it. */
export interface FlagRow extends Omit<Flag, 'fallback'> {
  /** Without dashes. */
  readonly flag: string;
  readonly section: string;
}

/** The parts of a `CommandDefinition` for flags and help. */
interface Parts {
  readonly call: string;
  readonly summary: string;
  readonly details?: string;
  readonly operands?: string;
  readonly operandsRemedy?: string;
  readonly settings?: SettingTable;
  readonly settingFlags?: readonly PropertyKey[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly flags?: Readonly<Record<string, Flag>>;
  readonly notes?: string;
  readonly example: string;
}

/** The flags of a command, its own and those of its settings. */
export function listFlags(parts: Parts): FlagRow[] {
  return [...listOwnFlags(parts), ...listSettingFlags(parts)];
}

function listOwnFlags({ flags, settings }: Parts): FlagRow[] {
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

function listSettingFlags({ settings = {}, settingFlags, defaults = {} }: Parts): FlagRow[] {
  return Object.entries(settings).flatMap(([name, setting]) => {
    if (!('parse' in setting) || !(settingFlags ?? [name]).includes(name)) return [];
    const { flag, environment, alias, section, valueName: value, isRepeatable = false } = setting;
    const fallback = showDefault(defaults[name] ?? setting.fallback);
    const from = `${fallback === '' ? '' : `default: ${fallback}, `}env: ${environment}`;
    const row = { flag, section, value, isRepeatable, help: `${setting.help} (${from})` };
    return alias ? [row, { ...row, flag: alias.flag, help: `the same as --${flag}` }] : [row];
  });
}

/** A default as a flag would give it; empty if there is none. */
export function showDefault(fallback: unknown): string {
  if (typeof fallback === 'boolean') return fallback ? 'on' : 'off';
  return String(fallback);
}

function makeParser(parts: Parts, rows: readonly FlagRow[]): Parser {
  const { call, summary, details, operands = '' } = parts;
  // npm takes flags for its own up to the dashes.
  const separator = /^npm (?!.* -- )/.test(call) ? '-- ' : '';
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

/** The text of `--help`. */
export function formatHelp(parts: Parts, rows: readonly FlagRow[]): string {
  const { notes, example } = parts;
  const isOneLine = !example.includes('\n');
  const examples = isOneLine ? ` ${example}` : `\n  ${example.replaceAll('\n', '\n  ')}`;
  const closing = `${notes ? `\n${notes}\n` : ''}\nExample:${examples}\n`;
  return `${makeParser(parts, rows).helpInformation()}${closing}`;
}

/**
 * The flags given, by name without dashes, and the operands.
 *
 * @throws {UsageError} if a flag is unknown, lacks its value or contradicts another, or there are too many or few operands
 */
export function parseArguments(parts: Parts, rows: readonly FlagRow[], args: readonly string[]) {
  checkValues(rows, args);
  const parser = makeParser(parts, rows);
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
    const message = error.message.replace(/^error: /, '').replace(/\n(?=\(Did)/, ' ');
    // Of a flag that is misspelt, the value is shown, too.
    throw new UsageError(hideUserInfo(message));
  }
  for (const { flag, conflicts = [] } of rows) {
    const other = conflicts.find((name) => given[name] !== undefined);
    if (given[flag] === undefined || other === undefined) continue;
    throw new UsageError(`--${flag} and --${other} contradict each other: leave one out`);
  }
  checkOperands(parts, parser.args);
  return { operands: parser.args, given };
}

/** The parser gives a flag whatever follows: `--dir --plan` would build into a folder of that name. */
function checkValues(rows: readonly FlagRow[], args: readonly string[]) {
  const withValue = new Set(rows.flatMap(({ flag, value }) => (value ? `--${flag}` : [])));
  for (let i = 0; i < args.length && args[i] !== '--'; i++) {
    const flag = args[i] ?? '';
    if (!withValue.has(flag)) continue;
    i++;
    const next = args[i] ?? '';
    if (!/^-./s.test(next)) continue;
    throw new UsageError(`${flag} has no value: write ${flag}=${next} to give it this one`);
  }
}

function checkOperands({ operands = '', operandsRemedy }: Parts, given: readonly string[]) {
  const names = operands.split(' ').filter((name) => name !== '');
  const least = names.filter((name) => !name.startsWith('[')).length;
  const most = operands.includes('...') ? Number.POSITIVE_INFINITY : names.length;
  if (given.length >= least && given.length <= most) return;
  const surplus = given[most];
  throw new UsageError(operandsRemedy ?? `unexpected argument ${showValue(surplus)}`);
}
