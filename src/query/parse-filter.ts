// Edge dialect: this file is part of the router.
import { matchWhole } from './match-whole.ts';
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

/** The white space that Go's strings.TrimSpace trims; `trim()` and `\s` differ between engines. */
const BLANK = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/**
 * Reads a raw query string (without `?`). The rules are those of the API; the parameters stand one a row.
 */
export function parseFilter(query: string): Filter | Refusal {
  const values = parseQueryString(query);
  let refusal: Refusal | undefined;
  const read = <Value>(
    parameter: string,
    parse: (text: string) => Value | null,
    fallback: Value,
    allowed: string,
  ): Value => {
    const text = values[`?${parameter}`];
    if (!text) return fallback;
    const value = parse(text);
    if (value !== null) return value;
    if (!refusal) refusal = refuse(parameter, text, 'is not valid', allowed);
    return fallback;
  };
  const filter = {
    page: read('page', integerFrom(-Infinity), 0, 'an integer from 0 up'),
    perPage: read('per_page', integerFrom(-1), 100, 'an integer from -1 up'),
    text: read('filter', trim, '', ''),
    serverVersion: read('server_version', version, '', 'a semantic version, such as 9.5.0'),
    enterprise: read('enterprise_plugins', boolean, false, 'true or false'),
    cloud: read('cloud', boolean, false, 'true or false'),
    platform: read('platform', verbatim, '', ''),
    pluginId: read('plugin_id', verbatim, '', ''),
    allVersions: read('return_all_versions', boolean, false, 'true or false'),
  };
  return refusal || filter;
}

/** The refusal of one parameter. */
export function refuse(parameter: string, value: string, why: string, allowed: string): Refusal {
  return { error: `${parameter} ${why}`, parameter, value: value.slice(0, 80), allowed };
}

const verbatim = (text: string) => text;

/** By index, since a pattern that is anchored at the end takes quadratic time over a long run of blanks. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANK.test(text.charAt(start))) start++;
  while (start < end && BLANK.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const version = (text: string) => (versionKey(text) ? text : null);

/** The spellings of Go's strconv.ParseBool. */
const TRUE = ['true', '1', 't', 'T', 'TRUE', 'True'];
const FALSE = ['false', '0', 'f', 'F', 'FALSE', 'False'];

function boolean(text: string): boolean | null {
  if (TRUE.indexOf(text) >= 0) return true;
  return FALSE.indexOf(text) >= 0 ? false : null;
}

/** Decimal integers of 64 bits, optionally signed, from `least` up. */
function integerFrom(least: number) {
  return (text: string): number | null => {
    if (!matchWhole(/^[+-]?\d+/, text)) return null;
    const digits = text.replace(/^[+-]?0*/, '');
    const tooLarge = digits.length > 19 || (digits.length === 19 && digits > '9223372036854775807');
    return tooLarge || Number(text) < least ? null : Number(text);
  };
}
