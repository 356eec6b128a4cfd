import {
  MAX_PAIRS,
  MAX_QUERY_LENGTH,
  MAX_VALUE_LENGTH,
} from '../../../router/request/parse-query-string.ts';
import { PAGE_SIZE } from '../../rules/decide.ts';
import type { Decisions } from '../../rules/decisions.ts';
import { API_PATHS, type FixedFile, slashless } from '../../rules/fixed-files.ts';
import { escapePattern, FALSE, isPlain, oneOf, PLAIN, TRUE } from '../../rules/request-patterns.ts';
import {
  ESCAPED_PLUS,
  minorSteps,
  RELEASE,
  stepPatterns,
  validVersion,
} from '../../rules/semver-patterns.ts';
import { keyOf, map, type Row } from './map.ts';

const VALUE = `${PLAIN}{1,${MAX_VALUE_LENGTH}}+`;

/** Where a value ends. */
const END = '(?=&|$)';

/** The patterns of the parameters' values. Each sets variables, of which those of empty values are empty. */
function valuePatterns(platforms: readonly string[]): Record<string, string> {
  const boolean = (name: string) => `(?:(?<${name}>${oneOf(TRUE)})|${oneOf(FALSE)})?`;
  // Where there is none, nothing matches, but nginx has to know the variable.
  const known = oneOf(platforms.filter(isPlain));
  const release = RELEASE.replace('(', '(?<mm_minor>');
  const version = `(?=[^&]{1,${MAX_VALUE_LENGTH}}(?:&|$))[0-9A-Za-z.-]++(?:${ESCAPED_PLUS}[0-9A-Za-z.-]*+)?`;
  return {
    cloud: boolean('mm_cloud'),
    enterprise_plugins: boolean('mm_enterprise'),
    filter: `(?<mm_filter>${VALUE})?`,
    page: '(?:0|(?<mm_page>[1-9][0-9]{0,8}))?',
    per_page: `(?:${PAGE_SIZE}|(?<mm_whole>-1))?`,
    platform: `(?:(?<mm_platform>${known})${END}|(?<mm_other>${VALUE}))?`,
    plugin_id: `(?:(?<mm_id>[0-9a-z._~-]{1,${MAX_VALUE_LENGTH}}+)${END}|(?<mm_capital>${VALUE}))?`,
    return_all_versions: boolean('mm_all'),
    server_version: `(?<mm_version>${release}${END}|${version})?`,
  };
}

/** Where both are searched for, or all versions, the router has the word. */
const UNDECIDED = '(?(<mm_filter>)(?(<mm_id>)(?!)|(?(<mm_capital>)(?!)|(?(<mm_all>)(?!)))))';

/**
 * Matches the queries that are decided on. It is possessive throughout: with the little stack that nginx gives it, PCRE fails on
 * long queries where it may go back.
 */
function queryPattern(platforms: readonly string[]): string {
  const values = valuePatterns(platforms);
  const keys = Object.keys(values);
  // A key that comes again matches nothing.
  const known = keys.map((key) => `${key}=(?(+1)(?!))()${values[key]}`);
  const other = `(?!(?:${keys.join('|')})=)[0-9A-Za-z_-]++=${PLAIN}*+`;
  const bounds = `(?!(?:[^&]*+&){${MAX_PAIRS}})(?!.{${MAX_QUERY_LENGTH + 1}})`;
  return `(?:\\?${bounds}(?:&|(?:${[...known, other].join('|')})(?:&|$))*+)?$${UNDECIDED}`;
}

/**
 * `$marketplace_found`: the file of a request inside the snapshot; `?` where the rules do not decide; `>` and a relative address
 * where the path lacks a slash; empty where there is no such page, and 404 below the API. The path is taken as sent, behind the
 * prefix.
 */
export function requestMaps(
  { platforms, digest }: Decisions,
  fixed: readonly FixedFile[],
): string[] {
  // There is no blank in a prefix.
  const row = (path: string, value: string): Row => [`~^([^ ]*+) \\1${path}`, value];
  const plugins = '/{1,10}api/v1/plugins';
  const others = fixed.filter(({ path }) => !/^\/(files|plugins)\/./.test(path));
  const folder = '/plugins/(?<mm_folder>[0-9a-z.()!_-]+)';
  return [
    map('$marketplace_prefix $request_uri', 'marketplace_found', [
      row(plugins + queryPattern(platforms), '$mm_answer'),
      row(`${plugins}(?:\\?|$)`, '?'),
      ...others.map(({ path, file }) =>
        row(`${escapePattern(path).replace(/^\/api/, '/{1,10}api')}(?:\\?|$)`, file),
      ),
      ...slashless(others).map(([path, to]) => row(`${path}(?:\\?|$)`, `>${to}`)),
      row(`/files/${digest}/(?<mm_number>[1-9][0-9]{0,8})(?:\\?|$)`, '$mm_loaded_file'),
      row(`${folder}/(?:\\?|$)`, '$mm_page_file'),
      row(`${folder}/feed\\.xml(?:\\?|$)`, '$mm_feed_file'),
      row(`${folder}(?:\\?|$)`, '$mm_slashless'),
      row(API_PATHS, '404'),
      ['default', ''],
    ]),
    map('$mm_number', 'mm_loaded_file', fileRows(fixed, /^\/files\/.*\/(.*)$/)),
    map('$mm_folder', 'mm_page_file', fileRows(fixed, /^\/plugins\/(.+)\/$/)),
    ...Object.entries({
      mm_feed_file: 'site/plugins/$mm_folder/feed.xml',
      mm_slashless: '>$mm_folder/',
    }).map(([name, found]) =>
      map('$mm_page_file', name, [
        ['', ''],
        ['default', found],
      ]),
    ),
    map('$marketplace_found', 'marketplace_location', [
      ['~^>(?<mm_to>.*)', '$mm_to'],
      ['default', ''],
    ]),
  ];
}

/** The files whose paths a pattern fits, by what it captures. */
function fileRows(fixed: readonly FixedFile[], pattern: RegExp): Row[] {
  const rows = fixed.flatMap(({ path, file }) => {
    const found = pattern.exec(path)?.[1];
    return found === undefined ? [] : [[keyOf(found), file] as const];
  });
  return [...rows, ['default', '']];
}

/** For each row, what stands for it in keys. */
export const ROWS = ['w', 'x', 'y', 'z'];

/** The longest pattern that fits in what nginx reads as a word, by far. */
const LONGEST_PATTERN = 3500;

/** What of the parameters counts: `$mm_step` is empty where the version is none. */
export function parameterMaps({ steps }: Decisions): string[] {
  const patterns = stepPatterns(steps, ESCAPED_PLUS);
  const isFit = patterns.every(({ pattern }) => pattern.length <= LONGEST_PATTERN);
  const byVersion: Row[] = [
    [`~^(?!${validVersion(ESCAPED_PLUS)}$)`, ''],
    ...patterns.map(({ step, pattern }): Row => [`~${pattern}`, `${step}`]),
    ['default', '0'],
  ];
  const parts = (whole: string): Row[] => [
    ['', ''],
    ['~^-', whole],
    ['default', 'p$mm_page'],
  ];
  return [
    map('$mm_minor', 'mm_step', [
      ['', '$mm_step_of_version'],
      ...[...minorSteps(steps)].map(([minor, step]): Row => [minor, `${step}`]),
      ['default', '$mm_step_of_version'],
    ]),
    map('$mm_version', 'mm_step_of_version', [
      ['', `${steps.length - 1}`],
      ...(isFit ? byVersion : [['default', ''] as const]),
    ]),
    map('$mm_enterprise:$mm_cloud', 'mm_row', [
      ...[':', 'true:', ':true', 'true:true'].map((key, row): Row => [key, ROWS[row] as string]),
      ['~^:', ROWS[2] as string],
      ['~:$', ROWS[1] as string],
      ['default', ROWS[3] as string],
    ]),
    map('$mm_all', 'mm_versions', [
      ['', 'l'],
      ['default', 'a'],
    ]),
    // Of an answer that has pages, the first stands for itself; else for the whole.
    map('$mm_whole$mm_page', 'mm_page_of_many', parts('w')),
    map('$mm_whole$mm_page', 'mm_page_of_one', parts('')),
  ];
}
