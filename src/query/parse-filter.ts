// Edge dialect: this file is part of the router.
import { matchWhole } from './match-whole.ts';
import { numberKey } from './number-key.ts';
import { parseQueryString } from './parse-query-string.ts';
import { versionKey } from './version-key.ts';

/** The parsed parameters of a request to `/api/v1/plugins`. */
export interface Filter {
  /** Zero-based; below zero only where there is nothing to cut. Beyond 2^53 only its size matters. */
  page: number;
  /** Page size; -1 is everything. */
  perPage: number;
  /** What to look for in ids, names and descriptions: trimmed, not yet lower-cased. Empty: everything. */
  text: string;
  /** The asking server's version, a strict semantic version. Empty: no check. */
  serverVersion: string;
  /** Whether enterprise plugins are wanted. */
  enterprise: boolean;
  /** Whether the server runs in the cloud. */
  cloud: boolean;
  /** `os-arch`, or anything else for the default bundle. */
  platform: string;
  /** Empty: every plugin. */
  pluginId: string;
  /** Every version rather than the newest of each plugin. */
  allVersions: boolean;
}

/** Why a request has no answer; it becomes the body of the error. */
export interface Refusal {
  /** What is wrong, in words. */
  error: string;
  /** The parameter at fault. */
  parameter: string;
  /** Its value, cut to a readable length. */
  value: string;
  /** What would be accepted. */
  allowed: string;
}

/**
 * Reads a raw query string (without `?`). The rules are those of the API; the parameters stand one a row.
 */
export function parseFilter(query: string): Filter | Refusal {
  const values = parseQueryString(query);
  let refusal: Refusal | undefined;
  const read = <Value>(parameter: string, kind: Kind<Value>, fallback: Value): Value => {
    const text = values[`?${parameter}`];
    const value = text ? kind.parse(text) : fallback;
    if (value !== null) return value;
    refusal = refusal || refuse(parameter, text as string, 'is not valid', kind.allowed);
    return fallback;
  };
  const filter = {
    page: read('page', INTEGER, 0),
    perPage: read('per_page', PAGE_SIZE, 100),
    text: read('filter', TEXT, ''),
    serverVersion: read('server_version', VERSION, ''),
    enterprise: read('enterprise_plugins', BOOLEAN, false),
    cloud: read('cloud', BOOLEAN, false),
    platform: read('platform', VERBATIM, ''),
    pluginId: read('plugin_id', VERBATIM, ''),
    allVersions: read('return_all_versions', BOOLEAN, false),
  };
  return refusal || filter;
}

/** The refusal of one parameter. */
export function refuse(parameter: string, value: string, why: string, allowed: string): Refusal {
  return { error: `${parameter} ${why}`, parameter, value: value.slice(0, 80), allowed };
}

/** How a parameter is read: null where a text is not what is allowed. */
interface Kind<Value> {
  parse: (text: string) => Value | null;
  allowed: string;
}

const VERBATIM: Kind<string> = { parse: (text) => text, allowed: '' };

const TEXT: Kind<string> = { parse: trim, allowed: '' };

const VERSION: Kind<string> = {
  parse: (text) => (versionKey(text) ? text : null),
  allowed: 'a semantic version, such as 9.5.0',
};

const BOOLEAN: Kind<boolean> = { parse: boolean, allowed: 'true or false' };

const INTEGER: Kind<number> = { parse: integer, allowed: 'an integer' };

const PAGE_SIZE: Kind<number> = { parse: pageSize, allowed: 'an integer from -1 up' };

// What has variables of its own is a function declaration: in a `var` list, which a minifier makes of constants, njs 0.7 takes
// the declarators after an arrow function with a `let` for uninitialized.

/** The spellings of Go's strconv.ParseBool. */
function boolean(text: string): boolean | null {
  const match = matchWhole(/^(?:(true|TRUE|True|[1tT])|false|FALSE|False|[0fF])/, text);
  return match && !!match[1];
}

function pageSize(text: string): number | null {
  const value = integer(text);
  return value !== null && value < -1 ? null : value;
}

/** Decimal integers of 64 bits, optionally signed. */
function integer(text: string): number | null {
  const match = matchWhole(/^([+-]?)0*(\d*)/, text);
  const tooLarge = numberKey(
    match && match[1] === '-' ? '9223372036854775809' : '9223372036854775808',
  );
  return match && /\d/.test(text) && numberKey(match[2] as string) < tooLarge ? Number(text) : null;
}

/** The white space that Go's strings.TrimSpace trims; `trim()` and `\s` differ between engines. */
const BLANK = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Without the blanks around it. By index, since a pattern that is anchored at the end takes quadratic time over a long run of blanks. */
export function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  while (start < end && BLANK.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
