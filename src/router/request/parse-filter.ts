// Edge dialect: this file is part of the router.
import { matchWhole } from './match-whole.ts';
import {
  MAX_PAIRS,
  MAX_QUERY_LENGTH,
  MAX_VALUE_LENGTH,
  type Parameters,
  parseQueryString,
} from './parse-query-string.ts';
import { numberKey, versionKey } from './version-key.ts';

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
  /** What would be accepted. */
  allowed: string;
}

/**
 * Reads a raw query string (without `?`). The rules are those of the API; the parameters stand one a row.
 */
export function parseFilter(query: string): Filter | Refusal {
  return readFilter(parseQueryString(query));
}

/** The same for a query string that has been taken apart. */
export function readFilter(parameters: Parameters | null): Filter | Refusal {
  let refusal: Refusal | undefined;
  const read = <Value>(
    parameter: string,
    fallback: Value,
    parse: (text: string) => Value | null,
    allowed: string,
  ): Value => {
    const text = parameters ? parameters[`?${parameter}`] : null;
    const value = text ? parse(text) : text === null ? text : fallback;
    if (value !== null) return value;
    const what = parameters ? parameter : 'query';
    refusal = refusal || refuse(what, 'valid', text === null ? READ : allowed);
    return fallback;
  };
  const filter = {
    page: read('page', 0, integer, 'an integer'),
    perPage: read('per_page', 100, pageSize, 'an integer >= -1'),
    text: read('filter', '', trim, ''),
    serverVersion: read('server_version', '', version, 'a semantic version'),
    enterprise: read('enterprise_plugins', false, boolean, EITHER),
    cloud: read('cloud', false, boolean, EITHER),
    platform: read('platform', '', verbatim, ''),
    pluginId: read('plugin_id', '', verbatim, ''),
    allVersions: read('return_all_versions', false, boolean, EITHER),
  };
  return refusal || filter;
}

/** The refusal of a parameter that is not what it should be: `valid` or `published`. */
export const refuse = (parameter: string, what: string, allowed: string): Refusal => ({
  error: `${parameter} is not ${what}`,
  parameter,
  allowed,
});

const EITHER = 'true or false';

/** What is read. */
const READ = `${MAX_QUERY_LENGTH} characters, ${MAX_PAIRS} keys, ${MAX_VALUE_LENGTH} a value, one spelling`;

// What has variables of its own is a function declaration: in a `var` list, which a minifier makes of constants, njs 0.7 takes
// the declarators after an arrow function with a `let` for uninitialized.

const verbatim = (text: string) => text;

const version = (text: string) => versionKey(text) && text;

/** The spellings of Go's strconv.ParseBool. */
function boolean(text: string): boolean | null {
  const match = matchWhole(/^(?:(TRUE|[tT](rue)?|1)|FALSE|[fF](alse)?|0)/, text);
  return match && !!match[1];
}

function pageSize(text: string): number | null {
  const value = integer(text);
  return (value as number) < -1 ? null : value;
}

/** Decimal integers of 64 bits, optionally signed: compared with the keys of 2^63 and 2^63 + 1. */
function integer(text: string): number | null {
  const match = matchWhole(/^([+-]?)0*(\d+)/, text);
  return match && numberKey(match[2] as string) < `S922337203685477580${match[1] === '-' ? 9 : 8}`
    ? Number(text)
    : null;
}

/** Backwards, without the blanks in front: the white space of Go's strings.TrimSpace, which no engine's own is. */
const cutAndReverse = (text: string): string =>
  text
    .replace(/^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/, '')
    .split('')
    .reverse()
    .join('');

/** Without the blanks around it. By two turns, since a pattern that is anchored at the end takes quadratic time. */
export const trim = (text: string): string => cutAndReverse(cutAndReverse(text));
