import { UNAUTHORIZED } from '../../router/access.ts';
import type { ContentTypes } from '../../router/headers/content-types.ts';
import {
  cacheControlOf,
  errorHeaders,
  PAGE_HEADERS,
  PAGES_FOLDER,
  responseHeaders,
  SHORT_LIVED,
} from '../../router/headers/headers.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import type { Decisions } from '../rules/decisions.ts';
import {
  API_PATHS,
  fixedFiles,
  refusalBodies,
  slashless,
  UNDECIDED_BODY,
} from '../rules/fixed-files.ts';
import { FALSE, knownTag, oneOf, PLAIN, TRUE } from '../rules/request-patterns.ts';
import { validVersion } from '../rules/semver-patterns.ts';
import { type CaddyTables, caddyTables, NONE, type Row } from './caddy-tables.ts';

/** The part of a snapshot that the rules of Caddy are made of. */
export interface CaddySource {
  readonly table: RoutingTable;
  readonly decisions: Decisions;
  readonly contentTypes: ContentTypes;
}

const PLUGINS_TYPE = 'application/json';

type Headers = Readonly<Record<string, string>>;

/** In a Caddyfile, text between backquotes is taken as it is. */
const quote = (text: string) => `\`${text}\``;

/** Of the paths; a variable of the environment, which may be missing. */
const PREFIX = '{$MARKETPLACE_PREFIX}';

/** The path as sent, behind the address of a proxy and a prefix, without slashes too many in front of the API; then the query. */
const TARGET = `^(?:https?://[^/?]*)?${PREFIX}(?:/{0,9}(/api/v1/(?:plugins|labels|health))|(/[^?]*))(\\?.+)?(?:\\?|$)`;

/**
 * What a target may be: keys and values that Caddy and the router read alike, and no more of them than the router reads. Each begins
 * with a slash or `http`, because `vars_regexp` also tries the text `<nil>`, and the name that it is given.
 */
const READABLE = [
  '[^?]*(?:\\?(?:&|[a-z_]+=[0-9A-Za-z._~-]*(?:%2[Bb][0-9A-Za-z.-]*)?(?:&|$))*)?$',
  '[^?]*(?:\\?.{0,1000})?$',
  '(?:[^&]*&){0,31}[^&]*$',
  '[^?]*(?:\\?(?:[^&]{0,256}(?:&|$))*)?$',
].map((pattern) => `^(?:/|https?:/)${pattern}`);

/** The values that decide. Of a key that is repeated, Caddy has the values with commas between them, which match no pattern. */
const VALUES =
  '{mm_cloud}|{mm_enterprise}|{query.filter}|{query.page}|{query.per_page}|{query.platform}|{query.plugin_id}|{mm_all}|{query.server_version}';

/** The booleans of these, and their parameters. */
const BOOLEANS = {
  '{mm_cloud}': 'cloud',
  '{mm_enterprise}': 'enterprise_plugins',
  '{mm_all}': 'return_all_versions',
};

const SPELLINGS: readonly Row[] = [
  ['', 'false'],
  [`~^${oneOf(TRUE)}$`, 'true'],
  [`~^${oneOf(FALSE)}$`, 'false'],
];

const TEXT = `(${PLAIN}*)`;
const EITHER = '(?:(true)|false)';
const NUMBER = '[1-9][0-9]{0,14}';

/**
 * Captures cloud, edition, filter, -1 for the whole, the page where that is not the first, platform, plugin, versions and server
 * version.
 */
const DECIDED = `^${[
  ...[EITHER, EITHER, TEXT, `(?:(?:0|${NUMBER})?\\|(-1)|(?:0|(${NUMBER}))?\\|(?:100)?)`],
  ...[TEXT, TEXT, EITHER, `(${validVersion()})?`],
].join('\\|')}$`;

const PART = '(?:0|[1-9][0-9]{0,3})';

/**
 * The same of most requests, as servers send them. Short enough, and at every character so plain what comes next, that Go reads it
 * without a step back: that takes a third of the time of the other patterns.
 */
const AS_SERVERS_SEND = `^${PREFIX}//?api/v1/plugins\\?${[
  ...['build_enterprise_ready=(?:true|false)', 'cloud=(?:(true)|false)'],
  ...['enterprise_plugins=(?:(true)|false)', 'filter=()', 'local_only=(?:true|false)'],
  ...['page=0()()', 'platform=([0-9a-z-]{0,30})', 'plugin_id=([0-9A-Za-z._~-]{0,99})'],
  ...['remote_only=(?:true|false)', 'return_all_versions=(?:(true)|false)'],
  `server_version=(${PART}\\.${PART}\\.${PART})`,
].join('&')}$`;

/** The rules of a build for Caddy, to import into a site, and a Caddyfile that does. */
export function caddyFiles(source: CaddySource): SiteFile[] {
  const file = (name: string, content: string) => ({
    path: `edge/caddy/${name}`,
    contentType: 'text/plain; charset=utf-8',
    content,
  });
  return [file('Caddyfile', CADDYFILE), file('marketplace.conf', caddyRules(source))];
}

const OWN_ERROR = `{"error":"Caddy could not answer this request","status":500}`;

const CADDYFILE = `# The marketplace by Caddy. DIR is the folder that holds edge/ and snapshots/:
#
#   MARKETPLACE_DIR=DIR caddy run --config DIR/edge/caddy/Caddyfile
#
# The next build is read by "caddy reload", with the same variables and --config.
#
# In a Caddy that runs already, with MARKETPLACE_DIR in its environment, import the rules into a site:
#
#   import DIR/edge/caddy/marketplace.conf
#
# Below a path, with MARKETPLACE_PREFIX=/marketplace in its environment, too:
#
#   handle /marketplace/* {
#     import DIR/edge/caddy/marketplace.conf
#   }

{
	admin {$MARKETPLACE_ADMIN:localhost:2020}
	auto_https off
}

http://:{$MARKETPLACE_PORT:8085} {
	bind {$MARKETPLACE_HOST:0.0.0.0}
	import "{$MARKETPLACE_DIR}/edge/caddy/marketplace.conf"
	handle_errors {
		header {
			Content-Type application/json
			Cache-Control no-store
			Access-Control-Allow-Origin *
			-ETag
			-Vary
		}
		@stranger expression {http.error.status_code} == 401
		respond @stranger ${quote(UNAUTHORIZED.body)} 401
		respond ${quote(OWN_ERROR)} 500
	}
}
`;

const indent = (text: string) => text.replace(/^(?=.)/gm, '\t');

const block = (head: string, lines: readonly string[]) =>
  `${head} {\n${indent(lines.map((line) => line.replace(/\n*$/, '\n')).join(''))}}\n`;

const headerLines = (headers: Headers) =>
  Object.entries(headers).map(([name, value]) => `${name} ${quote(value)}`);

/** Sends an error where a matcher matches. */
const refuse = (matcher: string, status: number, body: string) =>
  block(`route ${matcher}`, [
    block('header', headerLines(errorHeaders(body))),
    `respond ${quote(body)} ${status}`,
  ]);

/** Looks up a text; the row that matches first counts. */
const map = (input: string, outputs: string, rows: readonly Row[], fallback: string) =>
  block(`map ${quote(input)} ${outputs}`, [
    ...rows.map((row) => row.map(quote).join(' ')),
    `default ${fallback}`,
  ]);

/**
 * Every value that is needed again is kept by `vars`: Caddy works out a mapped one anew wherever it is named. It also puts the
 * handlers of a route together anew for each request, so those that few requests need stand in routes of their own.
 */
function caddyRules({ table, decisions, contentTypes }: CaddySource): string {
  const refusals = refusalBodies(table, `${PREFIX}/`);
  const etag = `W/"${decisions.id}"`;
  const tables = caddyTables(decisions);
  const fixed = fixedFiles(table, decisions, contentTypes);
  const paths: Row[] = [
    ['/api/v1/plugins', 'by-query', PLUGINS_TYPE, '', SHORT_LIVED],
    ...fixed.map(({ path, file, contentType }): Row => {
      const isPage = `${file.startsWith(PAGES_FOLDER)}`;
      return [path, file, contentType, isPage, cacheControlOf(file)];
    }),
    ...slashless(fixed).map(([path, to]): Row => [path, 'slashless', to, '', '']),
  ];
  const { 'x-content-type-options': nosniff = '' } = responseHeaders({}, 200, '');
  return block('route', [
    `@as_sent vars_regexp v {http.request.orig_uri} ${quote(AS_SERVERS_SEND)}`,
    // A variable that was never set equals nothing.
    'vars mm_file other',
    block('vars @as_sent', [
      ...['mm_file by-query', `mm_type ${PLUGINS_TYPE}`, `mm_cache ${quote(SHORT_LIVED)}`],
      'mm_subject =:{re.v.7}:{re.v.8}',
    ]),
    '@other vars {vars.mm_file} other',
    block('route @other', [
      `@sent vars_regexp sent {http.request.orig_uri} ${quote(TARGET)}`,
      'vars @sent mm_path {re.sent.1}{re.sent.2}',
      map('{vars.mm_path}', '{mm_file} {mm_type} {mm_is_page} {mm_cache}', paths, '"" "" "" ""'),
      block('vars', [
        ...['mm_file {mm_file}', 'mm_type {mm_type}', 'mm_is_page {mm_is_page}'],
        'mm_cache {mm_cache}',
      ]),
      '@slashless {\n\tmethod GET HEAD\n\tvars {vars.mm_file} slashless\n}',
      block('route @slashless', [
        block('header', [...headerLines(errorHeaders('')), 'location {vars.mm_type}{re.sent.3}']),
        'respond {vars.mm_type} 308',
      ]),
      `@nothing {\n\tvars {vars.mm_file} ""\n\tvars_regexp mm_path ^${API_PATHS}\n}`,
      refuse('@nothing', 404, refusals[404]),
      '@nowhere vars {vars.mm_file} "" slashless',
      refuse('@nowhere', 404, refusals.page),
      '@odd {\n\tmethod GET HEAD\n\tvars {vars.mm_file} by-query\n}',
      block('route @odd', readRules(tables)),
    ]),
    '@posted not method GET HEAD',
    refuse('@posted', 405, refusals[405]),
    '@by_query vars {vars.mm_file} by-query',
    block('route @by_query', queryRules(tables)),
    // The file server would set its own. A 304 has them, too.
    block('header', [
      ...headerLines({ ...responseHeaders({}, 304, ''), etag, 'cache-control': '{vars.mm_cache}' }),
      ...['-Last-Modified', '-Accept-Ranges', 'defer'],
    ]),
    `@known header_regexp If-None-Match ${quote(knownTag(decisions.id))}`,
    'respond @known 304',
    block(
      'header',
      headerLines({ 'content-type': '{vars.mm_type}', 'x-content-type-options': nosniff }),
    ),
    '@page vars {vars.mm_is_page} true',
    block('header @page', headerLines(PAGE_HEADERS)),
    'request_header -Range',
    'request_header -If-*',
    `rewrite * ${table.root}{vars.mm_file}`,
    block('file_server', ['root "{$MARKETPLACE_DIR}"', 'precompressed gzip']),
  ]);
}

/** Captures what decides on a request that is not as servers send it, and finds out what it asks for, or refuses it. */
const readRules = ({ filters }: CaddyTables): string[] => [
  ...READABLE.flatMap((pattern, i) => [
    `@unreadable${i} not vars_regexp {http.request.orig_uri} ${quote(pattern)}`,
    refuse(`@unreadable${i}`, 400, UNDECIDED_BODY),
  ]),
  ...Object.entries(BOOLEANS).map(([name, key]) => map(`{query.${key}}`, name, SPELLINGS, 'none')),
  `vars mm_values ${quote(VALUES)}`,
  `@invalid not vars_regexp v mm_values ${quote(DECIDED)}`,
  refuse('@invalid', 400, UNDECIDED_BODY),
  'vars mm_subject ={re.v.3}:{re.v.7}:{re.v.8}',
  '@filtered vars_regexp mm_subject ^=[^:]+:',
  map('{vars.mm_subject}', '{mm_filter}', filters, NONE),
  'vars @filtered mm_subject {mm_filter}',
];

/** Finds the file of a request for plugins, or refuses it. */
const queryRules = (tables: CaddyTables): string[] => [
  map('{re.v.9}', '{mm_step}', tables.steps, '0'),
  map(':{re.v.6}', '{mm_platform}', tables.platforms, '0'),
  map('{vars.mm_subject}{re.v.4}:{re.v.6}', '{mm_whole}', tables.wholes, '""'),
  map('{vars.mm_subject}:{re.v.5}{mm_whole}:{re.v.2},{re.v.1}', '{mm_states}', tables.states, NONE),
  map('{mm_step}:{mm_states}', '{mm_state}', tables.picks, NONE),
  map('{mm_state}:{mm_platform}', '{mm_answer}', tables.files, '""'),
  'vars mm_file {mm_answer}',
  '@undecided vars {vars.mm_file} ""',
  refuse('@undecided', 400, UNDECIDED_BODY),
];
