import {
  errorHeaders,
  IMMUTABLE,
  LOADED_FOLDER,
  PAGE_HEADERS,
  PAGES_FOLDER,
  responseHeaders,
  SHORT_LIVED,
} from '../../router/headers/headers.ts';
import {
  MAX_PAIRS,
  MAX_QUERY_LENGTH,
  MAX_VALUE_LENGTH,
} from '../../router/request/parse-query-string.ts';
import type { Decisions } from '../rules/decisions.ts';
import { API_PATHS, type RefusalBodies, UNDECIDED_BODY } from '../rules/fixed-files.ts';
import { FALSE, knownTag, oneOf, PLAIN, TRUE } from '../rules/request-patterns.ts';
import { ESCAPED_PLUS, validVersion } from '../rules/semver-patterns.ts';

/** What `paths.map` has for the path of the list, on whose file the query decides. */
export const BY_QUERY = 'by-query';

/** What `states.map` has where nothing is decided. */
export const NONE = '-';

/** What a value in `paths.map` begins with that is where a page is, for a path that lacks the slash at its end. */
export const SLASHLESS = '>';

/** The type of most files, which the tables leave out. */
export const USUAL_TYPE = 'application/json';

/** What `true.map` has for all that means true. */
export const YES = '1';

/** What stands for a row in `states.map`, of what `true.map` has for its parameters. */
export const rowKey = (enterprise: string, cloud: string) => `${enterprise}/${cloud}`;

/** A step in unary: the longest key in `states.map` with which a request's key begins is that of its state. */
export const inUnary = (step: number) => '+'.repeat(step);

/** What HAProxy answers without the rules: malformed requests, and no answer of the server of files. */
const OWN_ERRORS = [400, 408, 500, 502, 503, 504];

const TEXT = `${PLAIN}{0,${MAX_VALUE_LENGTH}}+`;

const BOOLEAN = oneOf([...TRUE, ...FALSE]);

/** The values of parameters, in the order in which `txn.asked` has them. The patterns capture nothing. */
const VALUES: readonly (readonly [key: string, value: string])[] = [
  ['filter', TEXT],
  ['plugin_id', TEXT],
  ['page', '(?:0|[1-9][0-9]{0,14})?'],
  ['per_page', '(?:100|-1)?'],
  ['server_version', `(?=[^&]{0,${MAX_VALUE_LENGTH}}(?:&|$))(?:${validVersion(ESCAPED_PLUS)})?`],
  ['platform', TEXT],
  ['return_all_versions', `${BOOLEAN}?`],
  ['enterprise_plugins', `${BOOLEAN}?`],
  ['cloud', `${BOOLEAN}?`],
];

/** One of them in `txn.asked`. */
const asked = (key: string) =>
  `var(txn.asked),field(${1 + VALUES.findIndex(([own]) => own === key)},:)`;

/** More than the router reads. */
const BEYOND = `(?!.{${MAX_QUERY_LENGTH + 1}}|(?:[^&]*+&){${MAX_PAIRS}})`;

const PAIR = [
  // One that is sent twice matches nothing: its group is set.
  ...VALUES.map(([key, value], i) => `${key}=(?(${i + 1})(?!))(${value})`),
  `(?!(?:${VALUES.map(([key]) => key).join('|')})=)[a-z_]++=${TEXT}`,
].join('|');

/**
 * The requests that the tables decide, path and query: keys and values that HAProxy and the router read alike, without escapes
 * but that of build metadata.
 */
const DECIDED = `^/+api/v1/plugins(?:\\?${BEYOND}(?:(?:${PAIR})?(?:&|$))*+)?$`;

/** A decided request as its values, with colons between them; another as it is. */
const ASKED = `pathq,regsub('${DECIDED}','${VALUES.map((_value, i) => `\\${i + 1}`).join(':')}')`;

/** Whether gzip is among the codings that a client accepts. */
const GZIP = String.raw`(?i)(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)`;

type Headers = Readonly<Record<string, string>>;

/** Between double quotes HAProxy reads `$` and `\`. */
const quote = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;

const withHeaders = (status: number, headers: Headers) =>
  [
    `status ${status}`,
    ...Object.entries(headers).map(([name, value]) => `hdr ${name} ${quote(value)}`),
  ].join(' ');

/** Of the paths; a variable of the environment, which may be missing. */
export const PREFIX = `\${MARKETPLACE_PREFIX}`;

/** What is sent instead of a file. */
function errorReply(status: number, body: string, more: Headers = {}): string {
  const { 'content-type': type, ...headers } = { ...errorHeaders(body), ...more };
  const text = quote(body).replaceAll(PREFIX, `'"${PREFIX}"'`);
  return `${withHeaders(status, headers)} content-type ${type} string ${text}`;
}

const ownError = (status: number) =>
  errorReply(status, JSON.stringify({ error: 'HAProxy could not answer this request', status }), {
    'cache-control': 'no-store',
  });

/** To the page. The body is where that is, as the router's. */
const MOVED = errorReply(308, '%[var(txn.file),bytes(1)]', {
  location: '%[var(txn.file),bytes(1)]%[var(txn.query)]',
}).replace(/ string (?=\S+$)/, ' lf-string ');

const NOT_DECIDED = errorReply(400, UNDECIDED_BODY);

/** Adds headers that are not there, which HAProxy does not look for then. */
const addHeaders = (headers: Headers, condition = '') =>
  Object.entries(headers)
    .map(([name, value]) => `  http-response add-header ${name} ${quote(value)}${condition}\n`)
    .join('');

/** The configuration of HAProxy. It names the tables that lie beside it. */
export function haproxyConfig({ id, root }: Decisions, refusals: RefusalBodies): string {
  const cached = { etag: `W/"${id}"`, 'cache-control': SHORT_LIVED };
  const fileHeaders = { ...responseHeaders({ '': USUAL_TYPE }, 200, ''), ...cached };
  return `# The marketplace by HAProxy, before a server of plain files: it serves DIR, the folder that holds edge/ and snapshots/.
#
#   MARKETPLACE_LISTEN=:8085 MARKETPLACE_FILES=127.0.0.1:8086 haproxy -f DIR/edge/haproxy/haproxy.cfg
#
# In an HAProxy that runs already, name this file after your own: haproxy -f haproxy.cfg -f DIR/edge/haproxy/haproxy.cfg. In your
# own, "setenv" in the section "global" can set these variables, and a frontend sends requests here:
#
#   default_backend marketplace
#
# Below a path, with MARKETPLACE_PREFIX=/marketplace:
#
#   use_backend marketplace if { path_beg /marketplace/ }
#
# MARKETPLACE_HOST is the name that the server of files is called by, if it goes by one, as those of buckets do.

global
  default-path config
  presetenv MARKETPLACE_FILES 127.0.0.1:8086

defaults marketplace
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-request 10s
${OWN_ERRORS.map((status) => `  http-error ${ownError(status)}\n`).join('')}
.if defined(MARKETPLACE_LISTEN)
frontend marketplace from marketplace
  bind "\${MARKETPLACE_LISTEN}"
  default_backend marketplace
.endif

backend marketplace from marketplace
  server files "\${MARKETPLACE_FILES[*]}"

.if defined(MARKETPLACE_PREFIX)
  http-request set-path /outside unless { path_beg "\${MARKETPLACE_PREFIX}/" }
  http-request replace-path "^\${MARKETPLACE_PREFIX}(/.*)" \\1
.endif

  # What the path as sent leads to: a file, or the query decides on one.
  http-request set-var(txn.file) path,map_str(paths.map)
  acl is_found var(txn.file) -m found
  acl is_read method GET HEAD
  acl is_slashless var(txn.file) -m beg ${SLASHLESS}
  http-request return ${errorReply(404, refusals[404])} if !is_found { path -m reg ^${API_PATHS} }
  http-request return ${errorReply(404, refusals.page)} if !is_found or is_slashless !is_read
  http-request set-var-fmt(txn.query) ?%[query] if is_slashless { query -m found }
  http-request return ${MOVED} if is_slashless
  http-request return ${errorReply(405, refusals[405])} unless is_read
  acl is_by_query var(txn.file) -m str ${BY_QUERY}
  http-request set-var(txn.asked) ${quote(ASKED)} if is_by_query
  http-request return ${NOT_DECIDED} if { var(txn.asked) -m beg / }

  # What is asked for: filter, plugin, versions. Most filters are answered as their plugin.
  http-request set-var-fmt(txn.subject) %[${asked('filter')},lower]:%[${asked('plugin_id')}]:%[${asked('return_all_versions')},map_str(true.map)]
  http-request set-var(txn.subject) var(txn.subject),map_str(subjects.map) unless { var(txn.subject) -m beg : }

  # The page. The first of what has no pages is the whole.
  acl is_whole ${asked('per_page')} -m str -- -1
  http-request set-var(txn.page) ${asked('page')} unless is_whole or { ${asked('page')} -m str 0 }
  http-request set-var(txn.page) str(whole) if is_whole { var(txn.subject),concat(:paged),map_str(subjects.map) -m found }

  # The step of the version. Most are releases, whose minor version has it.
  acl has_step var(txn.step) -m found
  http-request set-var(txn.step) ${asked('server_version')},field(1,.,2),map_str(minors.map) unless { ${asked('server_version')} -m sub -- - }
  http-request set-var(txn.step) ${asked('server_version')},map_reg(steps.map,-) unless has_step

  # The file.
  http-request set-var-fmt(txn.key) %[var(txn.subject)]:%[var(txn.page)]:${rowKey(`%[${asked('enterprise_plugins')},map_str(true.map)]`, `%[${asked('cloud')},map_str(true.map)]`)}:%[var(txn.step)]
  http-request set-var-fmt(txn.key) %[var(txn.key),map_beg(states.map,${NONE})]:%[${asked('platform')}]:
  http-request set-var(txn.file) var(txn.key),map_beg(files.map) if is_by_query
  http-request return ${NOT_DECIDED} if is_by_query

  # The answer: the client has it, or it is in the file, with .gz for those that take it.
  http-request return ${withHeaders(304, { ...responseHeaders({}, 304, ''), ...cached })} if { req.fhdr(if-none-match) -m reg ${quote(knownTag(id))} }
  http-after-response del-header content-length if { status 304 }
  http-after-response set-header cache-control ${quote(IMMUTABLE)} if { var(txn.file) -m beg ${LOADED_FOLDER} } { status 200 304 }
  http-request set-var(txn.gz) var(txn.file),field(2,:) if { req.fhdr(accept-encoding) -m str gzip } or { req.fhdr(accept-encoding) -m reg ${quote(GZIP)} }
  http-request set-uri ${root}%[var(txn.file),field(1,:)]%[var(txn.gz)]
  http-request del-header ^(accept-encoding|range|if-.*)$ -m reg
.if defined(MARKETPLACE_HOST)
  http-request set-header host "\${MARKETPLACE_HOST}"
.endif

  http-response return ${ownError(502)} unless { status 200 }
  http-response del-header ^(?!content-length$|transfer-encoding$|date$) -m reg
${addHeaders(fileHeaders)}  http-response set-header content-type %[var(txn.file),field(3,:)] if { var(txn.file),field(3,:),length gt 0 }
  http-response add-header content-encoding gzip if { var(txn.gz),length gt 0 }
${addHeaders(PAGE_HEADERS, ` if { var(txn.file) -m beg ${PAGES_FOLDER} }`)}`;
}
