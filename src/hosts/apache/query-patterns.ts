import {
  MAX_PAIRS,
  MAX_QUERY_LENGTH,
  MAX_VALUE_LENGTH,
} from '../../router/request/parse-query-string.ts';
import { FALSE, oneOf, PLAIN, TRUE } from '../rules/request-patterns.ts';
import { ESCAPED_PLUS, validVersion } from '../rules/semver-patterns.ts';

// Regular expressions of PCRE for raw queries. The guard lets through only queries in which there is nothing to decode, so
// Apache reads them as the router does; quantifiers are possessive where a hostile query could make it search for long.

/** A value in which there is nothing to decode. */
const VALUE = `${PLAIN}{0,${MAX_VALUE_LENGTH}}`;

/**
 * What servers send to list and to install, in their order; older ones leave keys out. Captures: 1 cloud, 2 edition, 3 platform,
 * 4 plugin, 5 all versions, 6 the minor version of the server; booleans as `true` or nothing.
 */
export function serverQuery(platforms: readonly string[]): string {
  const number = '(?:0|[1-9]\\d{0,8})';
  const optional = (pair: string) => `(?:${pair}&)?`;
  return [
    optional('build_enterprise_ready=(?:true|false)'),
    optional('cloud=(?:(true)|false)'),
    optional('enterprise_plugins=(?:(true)|false)'),
    'filter=&',
    optional('local_only=false'),
    'page=0&',
    optional(`platform=(?:(${oneOf(platforms)})|${VALUE})`),
    optional(`plugin_id=(${VALUE})`),
    optional('remote_only=false'),
    optional('return_all_versions=(?:(true)|false)'),
    `server_version=((?:0|[1-9]\\d?)\\.(?:0|[1-9]\\d?))\\.${number}`,
  ].join('');
}

/** The guard: pairs in any order, whose known keys have valid values, and nothing to decode but the `+` of a version. */
export function plainQuery(): string {
  const either = `${oneOf([...TRUE, ...FALSE])}?`;
  const values = {
    cloud: either,
    enterprise_plugins: either,
    return_all_versions: either,
    page: '\\d{0,15}',
    per_page: '(?:100|-1)?',
    server_version: `(?=[^& ]{0,${MAX_VALUE_LENGTH}}[& ])(?:${validVersion(ESCAPED_PLUS)})?`,
  };
  const known = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  const other = `(?!${oneOf(Object.keys(values))}=)[a-z_]+=${VALUE}`;
  const pair = `(?:(?:${known.join('|')}|${other})(?=[& ]))?+`;
  return `(?=[^ ]{0,${MAX_QUERY_LENGTH}} )(?:${pair}&){0,${MAX_PAIRS - 1}}+${pair}`;
}

/**
 * Reads a query that passed the guard. Captures: 1 cloud, 2 edition, 3 all versions, each if it is true; 4 plugin, 5 filter,
 * 6 page, 7 page size if it is -1, 8 platform if it is known, 9 server version.
 */
export function readQuery(platforms: readonly string[]): string {
  const first = (key: string, value: string) =>
    `(?=(?:(?:(?!${key}=)[^&]*+&)*+${key}=(${value})(?:&|$))?)`;
  return [
    first('cloud', oneOf(TRUE)),
    first('enterprise_plugins', oneOf(TRUE)),
    first('return_all_versions', oneOf(TRUE)),
    first('plugin_id', '[^&]*'),
    first('filter', '[^&]*'),
    first('page', '\\d*'),
    first('per_page', '-1'),
    first('platform', oneOf(platforms)),
    first('server_version', '[^&]*'),
  ].join('');
}
