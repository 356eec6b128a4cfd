import { z } from 'zod';

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

/** Whether a text is an http(s) address that paths can be added to: without a query or a fragment. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/[^\s/?#]+[^\s?#]*$/.test(text) && URL.canParse(text);
}
