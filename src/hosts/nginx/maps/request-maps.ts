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
  // Of true, its first character.
  const axis = (name: string) =>
    `(?:(?=${oneOf(TRUE)}${END})(?<${name}>.)[A-Za-z]*+|${oneOf(FALSE)})?`;
  // Where there is none, nothing matches, but nginx has to know the variable.
  const known = oneOf(platforms.filter(isPlain));
  const release = RELEASE.replace('(', '(?<mm_minor>');
  const version = `(?=[^&]{1,${MAX_VALUE_LENGTH}}(?:&|$))[0-9A-Za-z.-]++(?:${ESCAPED_PLUS}[0-9A-Za-z.-]*+)?`;
  return {
    cloud: axis('mm_cloud'),
    enterprise_plugins: axis('mm_enterprise'),
    filter: `(?<mm_filter>${VALUE})?`,
    page: '(?:0|(?<mm_page>[1-9][0-9]{0,8}))?',
    per_page: `(?:${PAGE_SIZE}|(?<mm_whole>-1))?`,
    platform: `(?:(?<mm_platform>${known})${END}|(?<mm_other>${VALUE}))?`,
    plugin_id: `(?<mm_plugin>(?<mm_id>[0-9a-z._~-]{1,${MAX_VALUE_LENGTH}}+)${END}|(?<mm_capital>${VALUE}))?`,
    return_all_versions: boolean('mm_all'),
    server_version: `(?<mm_version>${release}${END}|${version})?`,
  };
}

/** Where both are searched for, or all versions, the router has the word. */
const UNDECIDED = '(?(<mm_filter>)(?(<mm_plugin>)(?!)|(?(<mm_all>)(?!))))';

const PLUGINS = '/{1,10}api/v1/plugins';

/**
 * Matches requests for plugins that are decided on, behind whatever prefix. It is possessive throughout: with the little stack that
 * nginx gives it, PCRE fails on long queries where it may go back.
 */
export function requestPattern({ platforms }: Decisions): string {
  const values = valuePatterns(platforms);
  const keys = Object.keys(values);
  // A key that comes again matches nothing.
  const known = keys.map((key) => `${key}=(?(+1)(?!))()${values[key]}`);
  const other = `(?!(?:${keys.join('|')})=)[0-9A-Za-z_-]++=${PLAIN}*+`;
  const bounds = `(?!(?:[^&]*+&){${MAX_PAIRS}})(?!(?s:.{${MAX_QUERY_LENGTH + 1}}))`;
  const query = `(?:\\?${bounds}(?:&|(?:${[...known, other].join('|')})(?:&|$))*+)?$${UNDECIDED}`;
  return `^(?<mm_before>[^?]*?)${PLUGINS.replace('plugins', '(?<mm_plugins>plugins)')}${query}`;
}

/**
 * - `$marketplace_at_once`: the file of a request for plugins that is sent whatever the client knows; else empty.
 * - `$marketplace_found`: that of any request; `?` where the rules do not decide; `>` and a relative address where the path lacks a
 *   slash; empty where there is no such page, and 404 below the API. The path is taken as sent, behind the prefix.
 */
export function requestMaps({ digest }: Decisions, fixed: readonly FixedFile[]): string[] {
  // There is no blank in a prefix.
  const row = (path: string, value: string): Row => [`~^([^ ]*+) \\1${path}`, value];
  const others = fixed.filter(({ path }) => !/^\/(files|plugins)\/./.test(path));
  const folder = '/plugins/(?<mm_folder>[0-9a-z.()!_-]+)';
  return [
    map('$request_method:$http_if_none_match:$mm_plugins$mm_before', 'marketplace_at_once', [
      ['GET::plugins', '$mm_answer'],
      ['~^(?:GET|HEAD)::plugins', '$mm_answer_behind'],
      ['default', ''],
    ]),
    map('$mm_before $marketplace_prefix', 'mm_answer_behind', [
      ['~^([^ ]*) \\1$', '$mm_answer'],
      ['default', ''],
    ]),
    map('$marketplace_prefix $request_uri', 'marketplace_found', [
      row(`${PLUGINS}(?:\\?|$)`, '$mm_decided'),
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
    map('$mm_plugins:$mm_answer', 'mm_decided', [
      ['~^plugins:(?<mm_file>.+)', '$mm_file'],
      ['default', '?'],
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
export const ROWS = [':', 't:', ':t', 't:t'];

/** All parameters but version and platform. Of a request for the first page of the newest versions, a row with `:` before it. */
export const PARAMETERS = '$mm_plugin$mm_filter$mm_all$mm_whole$mm_page:$mm_enterprise:$mm_cloud';

/** The longest pattern that fits in what nginx reads as a word, by far. */
const LONGEST_PATTERN = 3500;

/** The version's `$mm_answer`, and what else of the parameters counts. */
export function parameterMaps({ steps }: Decisions): string[] {
  const patterns = stepPatterns(steps, ESCAPED_PLUS);
  const isFit = patterns.every(({ pattern }) => pattern.length <= LONGEST_PATTERN);
  const answerAt = (step: number) => `$mm_answer_${step}`;
  const byVersion: Row[] = [
    [`~^(?!${validVersion(ESCAPED_PLUS)}$)`, ''],
    ...patterns.map(({ step, pattern }): Row => [`~${pattern}`, answerAt(step)]),
    ['default', answerAt(0)],
  ];
  const parts = (whole: string): Row[] => [
    ['', ''],
    ['~^-', whole],
    ['default', 'p$mm_page'],
  ];
  return [
    map('$mm_minor', 'mm_answer', [
      ['', '$mm_answer_of_version'],
      ...[...minorSteps(steps)].map(([minor, step]): Row => [minor, answerAt(step)]),
      ['default', '$mm_answer_of_version'],
    ]),
    map('$mm_version', 'mm_answer_of_version', [
      ['', answerAt(steps.length - 1)],
      ...(isFit ? byVersion : [['default', ''] as const]),
    ]),
    map('$mm_enterprise:$mm_cloud', 'mm_row', [
      [':', ROWS[0] as string],
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
