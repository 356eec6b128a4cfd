import { z } from 'zod';
import { splitUserInfo } from '../lib/json/user-info.ts';

/** A setting for the configuration file only: it is too large for a flag. */
export interface FileSetting<Value> {
  readonly fallback: Value;
  /** The accepted values, for messages: `a whole number of bytes`. */
  readonly takes: string;
  /** The accepted values in the configuration file. */
  readonly schema: z.ZodType<Value>;
  /** Its purpose, in `--help` and `docs/settings.md`. */
  readonly help: string;
  /** Its heading there. */
  readonly section: string;
}

/** One value that a flag, the environment or the configuration file can give. Its key in the file is its name in the table. */
export interface Setting<Value> extends FileSetting<Value> {
  /** Without dashes. */
  readonly flag: string;
  readonly environment: string;
  /** The placeholder for the value in `--help`, such as `folder`; empty: the flag takes no value and switches on. */
  readonly valueName: string;
  /** From a flag or the environment; null if the text is not a valid value. */
  readonly parse: (text: string) => Value | null;
  /** Whether the flag may be given several times. */
  readonly isRepeatable?: boolean;
  /** A second spelling, which every command takes as well. */
  readonly alias?: Alias;
  /** Makes one value of those that mean the same. */
  tidy?(value: Value): Value;
}

/** How else a setting is spelled: in the configuration file, as a flag, in the environment. */
export type Alias = { readonly name: string } & Pick<Setting<unknown>, 'flag' | 'environment'>;

/** Settings by their names in the configuration file. */
export type SettingTable = Readonly<Record<string, Setting<unknown> | FileSetting<unknown>>>;

/** The values of a table of settings, complete. */
export type ValuesOf<Table extends SettingTable> = {
  readonly [Name in keyof Table]: Table[Name]['fallback'];
};

type Named = 'flag' | 'environment' | 'section';
type Row<Value> = Omit<Setting<Value>, Named> & Partial<Pick<Setting<Value>, Named>>;
type FileRow<Value> = Omit<FileSetting<Value>, 'section'>;

/**
 * Settings under one heading. Flag and variable follow from the name, such as `--max-files` and `MARKETPLACE_MAX_FILES` from
 * `maxFiles`, unless the row names them.
 */
export function section<Rows extends Readonly<Record<string, Row<unknown> | FileRow<unknown>>>>(
  title: string,
  rows: Rows,
) {
  const named = Object.entries(rows).map(([name, row]) => {
    const flag = toFlag(name);
    const environment = `MARKETPLACE_${flag.toUpperCase().replaceAll('-', '_')}`;
    const names = 'parse' in row ? { flag, environment } : {};
    return [name, { ...names, section: title, ...row }];
  });
  return Object.fromEntries(named) as {
    readonly [Name in keyof Rows]: Rows[Name] extends { readonly parse: unknown }
      ? Setting<Rows[Name]['fallback']>
      : FileSetting<Rows[Name]['fallback']>;
  };
}

/** The flag of a name: `max-files` of `maxFiles`. */
export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The parts of a row that its kind does not give. */
type Wording<Value> = Pick<Row<Value>, 'help' | 'flag' | 'environment'>;

/** A setting that is on or off. */
export function onOrOff(row: Wording<boolean> & Pick<Row<boolean>, 'fallback'>): Row<boolean> {
  return {
    valueName: 'on|off',
    takes: 'on or off',
    parse: (text) => (text === 'on' ? true : text === 'off' ? false : null),
    schema: z.boolean(),
    ...row,
  };
}

/** A setting whose value is one of a few words. */
export function oneOf<Word extends string>(
  words: readonly Word[],
  row: Wording<Word> & Pick<Row<Word>, 'fallback'>,
): Row<Word> {
  const schema = z.enum(words);
  return {
    valueName: words.join('|'),
    takes: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    parse: (text) => schema.safeParse(text).data ?? null,
    schema,
    ...row,
  };
}

/** A setting that is a whole number above 0. */
export function wholeNumber(
  unit: string,
  row: Wording<number> & Pick<Row<number>, 'fallback'>,
): Row<number> {
  return {
    valueName: unit,
    takes: `a whole number of ${unit} above 0`,
    parse: parseWholeNumber,
    schema: z.int().min(1),
    ...row,
  };
}

/** A setting that is a text. Where it has no default, it is empty until it is set; where it has one, it is never empty. */
export function text(
  row: Wording<string> & Pick<Row<string>, 'valueName' | 'takes'> & Partial<Row<string>>,
): Row<string> {
  const schema = row.fallback ? z.string().min(1) : z.string();
  return { fallback: '', parse: (given) => given, schema, ...row };
}

/** A setting that is a list of texts, none of them empty. */
export function texts(
  row: Wording<readonly string[]> & Pick<Row<string>, 'takes'> & Partial<Row<readonly string[]>>,
): Row<readonly string[]> {
  const schema = row.schema ?? z.array(z.string().min(1));
  return {
    valueName: 'list',
    fallback: [],
    isRepeatable: true,
    ...row,
    takes: `${row.takes}, separated by commas`,
    parse: (given) => schema.safeParse(parseList(given)).data ?? null,
    schema,
  };
}

/** A setting that is a web address; where it has no default, it is empty until it is set. */
export function webAddress(row: Wording<string> & Partial<Row<string>>): Row<string> {
  const { fallback = '' } = row;
  return {
    valueName: 'url',
    takes: 'a web address, such as https://marketplace.example.com',
    parse: (given) => (isWebAddress(given) ? given : null),
    schema: z
      .string()
      .refine((given) => given === fallback || isWebAddress(given), 'is not a web address'),
    fallback,
    ...row,
  };
}

/**
 * One that may name a user and a password before its host, in a flag or the environment: the file is for everybody's eyes. Who
 * uses it takes them off (`splitUserInfo`).
 */
export function webAddressOfUser(row: Wording<string> & Partial<Row<string>>): Row<string> {
  return webAddress({
    parse: (given) => (isWebAddress(splitUserInfo(given).url) ? given : null),
    ...row,
  });
}

/**
 * Whether a text is an address that paths can be put behind: over HTTP, without a password, a query or a fragment. An @ is the end of
 * a password, also behind a slash, which has to be escaped in a password and would end the host.
 */
export function isWebAddress(given: string): boolean {
  return /^https?:\/\/[^\s?#@]+$/i.test(given) && URL.canParse(given);
}

/** The parts of a list; null if it is empty. Commas inside the braces of a glob, such as `{a,b}.json`, do not separate. */
export function parseList(text: string): string[] | null {
  const parts = text
    .split(/,(?![^{}]*\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 ? parts : null;
}

/** Null unless the text is a number above 0. */
export function parseWholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
