import { escapePattern } from '../../rules/request-patterns.ts';

/** What is looked up, and what it gives. A key that begins with `~` is a pattern. */
export type Row = readonly [key: string, value: string];

/**
 * A `map` of nginx. It is worked out when its variable is read first, and so are the variables in the row that it finds. Except in
 * patterns, it ignores case.
 *
 * @param source with variables, such as `$host`
 * @param name of its variable, without `$`
 */
export function map(source: string, name: string, rows: readonly Row[]): string {
  const lines = rows.map(([key, value]) => `  ${quote(key)} ${quote(value)};\n`);
  return `map ${quote(source)} $${name} {\n${lines.join('')}}\n`;
}

/** In quotes, nginx keeps a backslash, except in front of `"`, `\`, `n`, `r` and `t`. */
function quote(text: string): string {
  return /^[\w/.$-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/** A longer key does not fit in the buckets that nginx makes unless it is told. */
const LONGEST_KEY = 44;

/** What finds a text exactly, among texts without capitals; one with capitals among all. */
export function keyOf(text: string): string {
  if (text.length > LONGEST_KEY || /[A-Z]/.test(text)) return `~^${escapePattern(text)}$`;
  return /^(~|(default|include|hostnames|volatile)$)/.test(text) ? `\\${text}` : text;
}
