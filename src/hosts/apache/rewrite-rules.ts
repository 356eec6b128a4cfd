import type { BuildSettings } from '../../settings/build-settings.ts';
import type { Decisions } from '../rules/decisions.ts';
import { ESCAPED_PLUS, stepPatterns } from '../rules/semver-patterns.ts';
import { lookUp, stepsUpTo } from './map-lines.ts';
import { plainQuery, readQuery, serverQuery } from './query-patterns.ts';

/** What the rules are made from. */
export interface RuleSource {
  readonly decisions: Decisions;
  readonly compress: BuildSettings['compress'];
  /** The folder of the snapshot, as the configuration names it. */
  readonly snapshot: string;
  /** The most parts of a value in the map. */
  readonly parts: number;
}

/** The refusals of the rules. */
export type RefusedStatus = 400 | 404 | 405;

/** What `Accept-Encoding` has where gzip is welcome, in upper or lower case. */
export const ACCEPTS_GZIP =
  '(?:^|[,\\s])(?:x-)?gzip\\s*(?!\\s*;\\s*q=0(?:\\.0*)?\\s*(?:,|$))(?:[,;]|$)';

/** Set where the first rule has found the file. What it finds is an answer of the API: conditions of errors are not evaluated then. */
export const AT_ONCE = 'MARKETPLACE_AT_ONCE';

/** A rule of mod_rewrite: what is done where all conditions hold. */
const rule = (flags: string, ...conditions: string[]): string =>
  [...conditions.map((each) => `RewriteCond ${each}`), `RewriteRule ^ - [${flags}]`].join('\n');

const set = (name: string, value: string) => `E=MARKETPLACE_${name}:${value}`;
const get = (name: string) => `%{ENV:MARKETPLACE_${name}}`;
const skip = (rules: readonly string[]) => `S=${rules.length}`;
const refuse = (status: RefusedStatus) => `R=${status},L`;

const NOT_READING = '%{REQUEST_METHOD} "!^(?:GET|HEAD)$"';
const API = '/{0,9}api/v1/';

/** A request as sent, with a pattern of its method and its path below MARKETPLACE_PATH. */
export const requestOf = (methods: string, pattern: string): string =>
  `^${methods} (?:https?://[^/?\\x23 ]*)?\${MARKETPLACE_PATH}${pattern}`;

/** A condition on the request as sent: Apache chooses by paths in which dots and escapes are resolved. */
const asked = (pattern: string, { methods = '[A-Z]+', not = '' } = {}) =>
  `%{THE_REQUEST} "${not}${requestOf(methods, `${pattern} HTTP/`)}"`;

/**
 * The rules in their order: they put the path of the file, inside the snapshot, into MARKETPLACE_FILE, and send it. What does not
 * lie below MARKETPLACE_PATH is left alone.
 */
export function rewriteRules({ decisions, compress, snapshot, parts }: RuleSource): string[] {
  const find = [...pageRules(decisions, snapshot), ...pluginRules(decisions, parts)];
  const file = `${snapshot}/${get('FILE')}`;
  const check = checkRules(file);
  const send = sendRules(file, compress);
  const leave = rule(skip([...find, ...check, ...send]), asked('\\S*', { not: '!' }));
  const query = serverQuery(decisions.platforms);
  const quick = rule(
    `E=${AT_ONCE}:1,${set('FILE', lookUp('%3/%1'))},${skip([leave, ...find, ...check])}`,
    asked(`${API}plugins\\?${query}`, { methods: '(?:GET|HEAD)' }),
    `"%3 ${lookUp('v:%6', parts)};${lookUp('%4=/%5/%2/%1', parts)}" "^(\\S*) ${answerOf(2)}"`,
  );
  return [quick, leave, ...find, ...check, ...send];
}

/**
 * Matches steps and a row of the map, `0.1.2.;2=b,0=a,`: captures the last of the steps that is in the row, and the answer.
 *
 * @param number of the first capture
 */
const answerOf = (number: number) =>
  `(?:[^;]*\\.)?(\\d+)\\.[^;]*+;(?:[^,]*+,)*?\\${number}=(\\w+),`;

/**
 * Finds everything but plugins, and redirects to pages whose path lacks the slash at its end. What does not exist is refused when it
 * is sent.
 */
function pageRules({ digest }: Decisions, snapshot: string): string[] {
  const query = '(?:\\?[^ ]*)?';
  // A file's name has no more bytes.
  const plugin = 'plugins/(?!\\.+[/? ])[^/?\\x23 ]{1,255}';
  const page = `(?:about/|plugins/|${plugin}/)?`;
  const asset = `(?:(?:feed|sitemap)\\.xml|robots\\.txt|favicon\\.ico|(?:openapi|list)\\.json|${plugin}/feed\\.xml|files/${digest}/[1-9]\\d*)`;
  const file = `${snapshot}/site/%1/index.html`;
  const redirect = rule(
    'R=308,NE,L',
    asked(`(about|plugins|${plugin})${query}`, { methods: '(?:GET|HEAD)' }),
    `"${file}" -f [OR]`,
    `"${file}.gz" -f`,
  );
  return [
    // The page of an error is in ASCII, and names no charset.
    rule('E=suppress-error-charset:1'),
    redirect.replace('^ -', `^ "\${MARKETPLACE_PATH}%1/"`),
    rule(set('FILE', 'site/%1index.html'), asked(`(${page})${query}`)),
    rule(set('FILE', 'site/%1'), asked(`(${asset})${query}`)),
    rule(set('FILE', 'api/%1.json'), asked(`(catalog|signed)\\.json${query}`)),
    rule(set('FILE', 'api/%1.json'), asked(`${API}(labels|health)${query}`)),
  ];
}

/** Finds plugins by any query in which there is nothing to decode, and refuses others. */
function pluginRules(decisions: Decisions, parts: number): string[] {
  const truths = [3, 2, 1].map((capture) => lookUp(`true:%${capture}`)).join('/');
  const read = rule(
    [
      set('KEY', `%4=\${marketplace_lower:%5}/${truths}`),
      set('PAGE', '%7/%6'),
      set('PLATFORM', '%8'),
      set('VERSION', '%9'),
    ].join(),
    `%{QUERY_STRING} "^${readQuery(decisions.platforms)}"`,
  );
  const rules = [
    rule(refuse(405), NOT_READING),
    rule(refuse(400), asked(`${API}plugins(?:\\?${plainQuery()})?`, { not: '!' })),
    read,
    ...stepRules(decisions, parts),
    ...answerRules(decisions, parts),
  ];
  return [rule(skip(rules), asked(`${API}plugins(?:\\?[^ ]*)?`, { not: '!' })), ...rules];
}

/** Sets STEPS, those up to the step of VERSION. */
function stepRules({ steps }: Decisions, parts: number): string[] {
  const patterns = [...stepPatterns(steps, ESCAPED_PLUS), { step: 0, pattern: '' }];
  const byPattern = patterns.map(({ step, pattern }, i) =>
    rule(
      `${set('STEPS', stepsUpTo(step))},${skip(patterns.slice(i + 1).map(() => ''))}`,
      `${get('VERSION')} "${pattern}"`,
    ),
  );
  const byMinor = rule(
    `${set('STEPS', '%1')},${skip(byPattern)}`,
    `${get('VERSION')} "^(?:(\\d{1,2}\\.\\d{1,2})\\.\\d+(?:${ESCAPED_PLUS}.*)?)?$"`,
    `"${lookUp('v:%1', parts)}" (.+)`,
  );
  return [byMinor, ...byPattern];
}

/** Sets FILE by KEY, PAGE, STEPS and PLATFORM. */
function answerRules({ decisions }: Decisions, parts: number): string[] {
  const key = get('KEY');
  const whole = lookUp(`${key}/-1`, parts);
  const rules = [
    rule(set('ROW', lookUp(key, parts))),
    // Plugins that are unknown have no releases; of other subjects the map has all that can be decided.
    rule(refuse(400), `${get('ROW')} ^$`, `${key} "!^[^=]+=/"`),
    rule(set('ROW', lookUp(`${key}/%1`, parts)), `${get('PAGE')} "^/0*([1-9]\\d*)$"`),
    rule(set('ROW', whole), `${get('PAGE')} ^-1/`, `"${whole}" .`),
    // From the map, without which nothing is known to be empty.
    rule(set('FILE', lookUp('empty'))),
    rule(
      set('FILE', lookUp(`%2/${get('PLATFORM')}`)),
      `"${get('STEPS')};${get('ROW')}" "^${answerOf(1)}"`,
    ),
  ];
  if (decisions.some(({ subject, allVersions }) => subject === 'list' && allVersions)) return rules;
  const wholeView = rule(
    `${set('FILE', lookUp('whole:%1'))},${skip(rules)}`,
    '%{QUERY_STRING} "!(?:^|&)platform=[^&]"',
    `"${key} ${get('PAGE')} ${get('VERSION')}" "^=/true/true/(true|) -1/\\d* $"`,
  );
  return [wholeView, ...rules];
}

/** Refuses what has no file, and other methods than GET and HEAD. */
const checkRules = (file: string): string[] => [
  rule(refuse(404), `${get('FILE')} ^$`),
  rule(refuse(405), NOT_READING, `"${file}" -f [OR]`, `"${file}.gz" -f`),
  rule(refuse(404), NOT_READING),
];

/** Sends a file in the form that the client accepts. */
function sendRules(file: string, compress: BuildSettings['compress']): string[] {
  const send = (path: string, ...conditions: string[]) =>
    rule('L', ...conditions).replace('^ -', `^ "${path}"`);
  const gzip = `${file}.gz`;
  return [
    ...(compress === 'both'
      ? [send(gzip, `%{HTTP:Accept-Encoding} "${ACCEPTS_GZIP}" [NC,NV]`, `"${gzip}" -f`)]
      : []),
    ...(compress === 'gzip' ? [send(gzip, `"${gzip}" -f`)] : []),
    send(file),
  ];
}
