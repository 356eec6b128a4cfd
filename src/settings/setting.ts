import { z } from 'zod';
import { hasUserInfo } from '../lib/json/user-info.ts';

/** One thing that can be set: by a flag, by the environment or in the configuration file. */
export interface Setting<Value> {
  /** The flag without dashes, also the key in `parseArgs`. */
  readonly flag: string;
  readonly environment: string;
  readonly fallback: Value;
  /** What it takes, for messages. */
  readonly takes: string;
  /** From a flag or the environment; null where the text is no such value. */
  readonly parse: (text: string) => Value | null;
  /** What it takes in the configuration file. */
  readonly schema: z.ZodType<Value>;
  /** A second spelling, which every command takes as well. */
  readonly alias?: Alias;
}

/** How else a setting is called: in the configuration file, as a flag, in the environment. */
export interface Alias {
  readonly name: string;
  readonly flag: string;
  readonly environment: string;
}

/** A setting that is too large for a flag, and stands in the configuration file only. */
export type FileSetting<Value> = Pick<Setting<Value>, 'fallback' | 'takes' | 'schema'>;

/** A group of settings, by their names in the configuration file. */
export type SettingTable<Values> = {
  readonly [Name in keyof Values]: Setting<Values[Name]> | FileSetting<Values[Name]>;
};

/** A setting that is on unless it is switched off. */
export function onOrOff(flag: string, environment: string): Setting<boolean> {
  return {
    flag,
    environment,
    fallback: true,
    takes: 'on or off',
    parse: (text) => (text === 'on' ? true : text === 'off' ? false : null),
    schema: z.boolean(),
  };
}

/** A setting that is one of a few words. */
export function oneOf<Word extends string>(
  flag: string,
  environment: string,
  fallback: Word,
  words: readonly Word[],
): Setting<Word> {
  const schema = z.enum(words);
  return {
    flag,
    environment,
    fallback,
    takes: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    parse: (text) => schema.safeParse(text).data ?? null,
    schema,
  };
}

/** A setting that is a whole number above 0. */
export function wholeNumber(
  flag: string,
  environment: string,
  fallback: number,
  unit: string,
): Setting<number> {
  return {
    flag,
    environment,
    fallback,
    takes: `a whole number of ${unit}`,
    parse: parseWholeNumber,
    schema: z.int().min(1),
  };
}

/** A setting that is a text, empty where it is not set. */
export function text(flag: string, environment: string, takes: string): Setting<string> {
  return { flag, environment, fallback: '', takes, parse: (given) => given, schema: z.string() };
}

/** More characters in one text of a list are a mistake. */
const MOST_CHARACTERS = 1000;

/** A setting that is a list of texts, none of them empty. */
export function texts(
  flag: string,
  environment: string,
  fallback: readonly string[],
  takes: string,
): Setting<readonly string[]> {
  const schema = z.array(z.string().min(1).max(MOST_CHARACTERS));
  return {
    flag,
    environment,
    fallback,
    takes: `${takes}, of at most ${MOST_CHARACTERS} characters each, separated by commas`,
    parse: (given) => schema.safeParse(parseList(given)).data ?? null,
    schema,
  };
}

/** A setting that is a web address. An empty default: it is not set. */
export function webAddress(flag: string, environment: string, fallback = ''): Setting<string> {
  return {
    flag,
    environment,
    fallback,
    takes: 'a web address, such as https://marketplace.example.com',
    parse: (given) => (isWebAddress(given) ? given : null),
    schema: z
      .string()
      .refine((given) => given === fallback || isWebAddress(given), 'is no web address'),
  };
}

/** Whether a text is an address that paths can be put behind: over HTTP, without a password, a query or a fragment. */
export function isWebAddress(given: string): boolean {
  if (!/^https?:\/\/[^\s?#]+$/i.test(given) || !URL.canParse(given)) return false;
  return !hasUserInfo(given);
}

/** The parts of a list; null where there is none. The commas inside the braces of a glob, such as `{a,b}.json`, separate nothing. */
export function parseList(text: string): string[] | null {
  const parts = text
    .split(/,(?![^{}]*\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return parts.length > 0 ? parts : null;
}

/** Null where the text is none above 0. */
export function parseWholeNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
