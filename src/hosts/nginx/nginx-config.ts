import type { ContentTypes } from '../../router/headers/content-types.ts';
import {
  errorHeaders,
  PAGE_HEADERS,
  responseHeaders,
  SHORT_LIVED,
} from '../../router/headers/headers.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { BuildSettings } from '../../settings/build-settings.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { MAX_LINE_BYTES, MAX_LINES } from '../header-limits.ts';
import type { Decisions } from '../rules/decisions.ts';
import {
  fixedFiles,
  type RefusalBodies,
  refusalBodies,
  UNDECIDED_BODY,
} from '../rules/fixed-files.ts';
import { requestPattern } from './maps/request-maps.ts';
import { nginxRules } from './rules.ts';

/** Settings that depend on the machine that nginx runs on. */
export interface NginxMachine {
  /** In the form of a `listen` directive, such as `127.0.0.1:8085`. */
  readonly listen: string;
  /** The folder with njs; undefined where there is none. */
  readonly njs: string | undefined;
  /** The file of users, absolute; undefined where everybody may ask. */
  readonly users?: string | undefined;
}

/** The path to which nginx redirects its own errors. No client can request it, because nginx resolves the dot in requests. */
const ERROR_PAGE = '/./marketplace-error';

/** The folder in Debian, Ubuntu, Alpine, the image `nginx` and the packages of nginx.org. */
const USUAL_MODULES = '/usr/lib/nginx/modules';

/** What the configurations of a build are made of. */
export interface NginxSource {
  readonly table: RoutingTable;
  readonly decisions: Decisions;
  readonly types: ContentTypes;
  /** The forms in which the files of the build are written. */
  readonly compress: BuildSettings['compress'];
}

/**
 * The configurations of a build: for an nginx of its own, and to include in an existing one, which also has the rules and what
 * they do not decide.
 */
export function nginxConfigFiles({ table, decisions, types, compress }: NginxSource): SiteFile[] {
  const contentType = 'text/plain; charset=utf-8';
  const location = nginxLocation(compress, decisions, refusalBodies(table, '$marketplace_prefix/'));
  const contents: Record<string, string> = {
    'nginx.conf': NGINX,
    'nginx-server.conf': SERVER,
    'nginx-location.conf': `${LOCATION_HELP}${location}`,
    'nginx-rules.conf': nginxRules(decisions, fixedFiles(table, decisions, types)),
    'nginx-refuse.conf': REFUSE,
    'nginx-njs.conf': NJS,
  };
  return Object.entries(contents).map(([name, content]) => ({
    path: `edge/${name}`,
    contentType,
    content,
  }));
}

/** The complete configuration of a build, `edge/nginx.conf`, adapted to a machine. */
export function moveNginxConfig(config: string, { listen, njs, users }: NginxMachine): string {
  const moved = (users === undefined ? config : withUsers(config, users))
    .replace(/(?<=^ *)listen \S+;/m, () => `listen ${listen};`)
    .replace(/^( *include )nginx-/gm, '$1edge/nginx-');
  if (njs === undefined) return moved;
  return moved
    .replace(/^# (load_module )\S+\/(.*)/m, (_line, start, module) => `${start}${njs}/${module}`)
    .replace('  include edge/nginx-refuse.conf;', NJS_INCLUDE.replace('nginx-', 'edge/nginx-'));
}

/** The comments of the configuration about users, put to use. */
function withUsers(config: string, users: string): string {
  return config
    .replace(/^( *)# users: (.*)$/gm, '$1$2')
    .replace(/^ *location \/ \{\n(?= *root)/m, '')
    .replace(/(?<=auth_basic_user_file )\S+(?=;)/, () => JSON.stringify(users));
}

/** As a comment, and used where there is njs. */
const NJS_INCLUDE = `  js_path edge;
  include nginx-njs.conf;`;

/** What a server of its own is to have, wherever the build is. */
const SERVER = `large_client_header_buffers ${MAX_LINES} ${MAX_LINE_BYTES};
client_header_timeout 10s;

# Errors without the router: malformed requests, and missing files of a build.
error_page 400 401 403 405 408 412 413 414 500 501 505 ${ERROR_PAGE};
error_page 494 =431 ${ERROR_PAGE};
error_page 404 =500 ${ERROR_PAGE};
location = ${ERROR_PAGE} {
  internal;
  default_type application/json;
  add_header Cache-Control no-store always;
  add_header Access-Control-Allow-Origin * always;
  add_header X-Content-Type-Options nosniff always;
  return 500 '{"error":"nginx could not answer this request","status":$status}';
}
`;

/** What the rules do not decide is refused. */
const REFUSE = `map "" $marketplace_status { default 400; }
map "" $marketplace_path { default ""; }
map "" $marketplace_body { default '${UNDECIDED_BODY}'; }
`;

/** What the rules do not decide, the router does: once a request, when nginx first needs the status. It sets path and body, too. */
const NJS = `js_import marketplace from nginx.js;
js_var $marketplace_path;
js_var $marketplace_body;
js_set $marketplace_status marketplace.status;
`;

/**
 * A complete configuration for an ordinary user: nginx writes only to its prefix folder, the one with `edge/` and
 * `snapshots/`.
 */
const NGINX = `# The marketplace on an nginx of its own. DIR is the folder that holds edge/ and snapshots/:
#
#   nginx -e stderr -p DIR -c DIR/edge/nginx.conf
#
# "listen" below sets address and port. To keep changes, make them in a copy beside it, such as DIR/edge/own.conf.

# Rules decide what servers ask for. The rest, such as a search, is refused with 400, unless nginx has njs: apt-get install
# libnginx-mod-http-js (Debian, Ubuntu), apk add nginx-mod-http-js (Alpine), or nginx-module-njs (nginx.org). Then load it here,
# and include nginx-njs.conf below. "nginx -V" shows the folder of modules as --modules-path.
# load_module ${USUAL_MODULES}/ngx_http_js_module.so;

pid nginx.pid;
worker_processes auto;
pcre_jit on;
# How long workers that a reload replaced wait for slow clients.
worker_shutdown_timeout 60s;

events {
}

http {
  access_log off;
  server_tokens off;
  # One folder for all: nothing is proxied, and bodies of requests are not read.
  client_body_temp_path nginx-temp;
  proxy_temp_path nginx-temp;
  fastcgi_temp_path nginx-temp;
  uwsgi_temp_path nginx-temp;
  scgi_temp_path nginx-temp;

  map_hash_bucket_size 256;
  include nginx-rules.conf;
  # With njs, instead of the next line:
${NJS_INCLUDE.replace(/^ /gm, '  #')}
  include nginx-refuse.conf;

  server {
    listen 8085;
    include nginx-server.conf;

    # Bundles, if there are any in bundles/ beside edge/ and snapshots/. The router answers 404 for others.
    location ~ ^/bundles/[\\w.-]+$ {
      # users: auth_basic off;
      root .;
      types { }
      default_type application/gzip;
      add_header Cache-Control "${SHORT_LIVED}";
      add_header X-Content-Type-Options nosniff;
      client_max_body_size 0;
      error_page 403 404 = /;
      error_page 405 412 416 500 ${ERROR_PAGE};
    }

    # For users only, whom DIR/users lists: remove "# users: " everywhere, and the line "location / {" below. nginx obeys
    # "return" before it asks for a password, so what answers is reached by try_files, which comes after.
    # users: auth_basic marketplace;
    # users: auth_basic_user_file ../users;
    # users: location / {
    # users:   client_max_body_size 0;
    # users:   try_files "" @marketplace;
    # users: }
    # users: location ~ ^/+api/v1/health$ {
    # users:   auth_basic off;
    # users:   root .;
    # users:   include nginx-location.conf;
    # users: }
    # users: location @marketplace {
    # users:   auth_basic off;
    location / {
      root .;
      include nginx-location.conf;
    }
  }
}
`;

const LOCATION_HELP = `# The marketplace as a location of an existing nginx. DIR is the folder that holds edge/ and snapshots/:
#
#   include DIR/edge/nginx-rules.conf;
#   include DIR/edge/nginx-refuse.conf;
#   server {
#     location / {
#       root DIR;
#       include DIR/edge/nginx-location.conf;
#     }
#   }
#
# Refused is what rules do not decide, such as a search. Where nginx has njs, the router decides it. Instead of nginx-refuse.conf:
#
#   js_path DIR/edge;
#   include DIR/edge/nginx-njs.conf;
#
# Below a path, so that the MarketplaceURL is https://host/marketplace:
#
#     location /marketplace/ {
#       set $marketplace_prefix /marketplace;
#       root DIR;
#       include DIR/edge/nginx-location.conf;
#     }
#
# A large catalog is looked up faster with "map_hash_max_size 65536;" and "map_hash_bucket_size 256;" beside the first include, and
# with "pcre_jit on;" at the top of nginx.conf.
#
# The bundles of a pack, made by the command catalog mirror with --to PACK --base-url https://host:
#
#     location ~ ^/bundles/[\\w.-]+\\.tar\\.gz$ {
#       root PACK;
#       disable_symlinks on from=PACK;
#       types { }
#       default_type application/gzip;
#       add_header X-Content-Type-Options nosniff;
#     }
#
# Repeat in the location the headers that your server adds everywhere: nginx takes add_header from the innermost block that
# has one.

`;

/** The files that are there decide what is sent. */
const FORMS: Readonly<Record<BuildSettings['compress'], string>> = {
  off: 'This build has plain files only: nginx compresses for clients that accept gzip.',
  gzip: 'This build has its larger files compressed only: nginx decompresses for clients that do not accept gzip.',
  both: 'This build has its larger files plain and compressed: a client gets the form it accepts.',
};

/** The headers of every file. `add_header` is taken from the innermost block that has one. The tag is weak, since nginx compresses. */
const fileHeaders = (id: string, cache: string) =>
  addHeaders({
    'last-modified': '',
    etag: `W/"${id}"`,
    ...responseHeaders({}, 304, ''),
    'cache-control': cache,
  });

/** And of one that is sent. */
const sentHeaders = (id: string, type = '$marketplace_type', cache = '$marketplace_cache') =>
  `${fileHeaders(id, cache)}${addHeaders({ 'content-type': type, 'x-content-type-options': 'nosniff' })}`;

const PAGES = addHeaders(PAGE_HEADERS);

const refusals = (body: string) => addHeaders(errorHeaders(body), ' always');

function addHeaders(headers: Readonly<Record<string, string>>, when = ''): string {
  return Object.entries(headers)
    .map(([name, value]) => `add_header ${name} "${value.replaceAll('"', '\\"')}"${when};\n`)
    .join('');
}

/** nginx sends a body of its own, and its type. */
const MOVED = `${refusals('').replace(/^add_header content-type .*\n/m, '')}return 308 $marketplace_location$is_args$args;
`;

function nginxLocation(
  compress: BuildSettings['compress'],
  decisions: Decisions,
  bodies: RefusalBodies,
): string {
  const { id, root } = decisions;
  const block = (condition: string, text: string) =>
    `if (${condition}) {\n${text.replace(/^(?=.)/gm, '  ')}}\n`;
  const judged = (verdict: number | string, text: string) =>
    block(`$marketplace_verdict = ${verdict}`, text);
  const refuse = (verdict: number | string, status: number, body: string, text = `'${body}'`) =>
    judged(verdict, `${refusals(body)}return ${status} ${text};\n`);
  const found = `rewrite ^ ${root}$marketplace_found break;\n`;
  return `# nginx makes entity tags of time and size, which two builds may share. The tag of the marketplace is the snapshot.
etag off;
if_modified_since off;
max_ranges 0;
# Bodies of requests are not read.
client_max_body_size 0;
# Without a type of nginx's own, that of the header is the only one.
types { }
default_type "";
${sentHeaders(id)}
# ${FORMS[compress]}
gzip_static ${compress === 'gzip' ? 'always' : 'on'};
gunzip on;
gzip on;
gzip_min_length 1024;
gzip_types *;
gzip_proxied any;
gzip_http_version 1.0;

# A 304 must not have the Content-Length of another body. Of a text that might be changed, nginx sends none, nor the text.
ssi_types *;
ssi_last_modified on;
# What servers ask for is found with as few variables as can be.
${[
  block(`$request_uri ~ "${requestPattern(decisions)}"`, ''),
  block(
    '$marketplace_at_once',
    `${sentHeaders(id, 'application/json', SHORT_LIVED)}rewrite ^ ${root}$marketplace_at_once break;\n`,
  ),
  judged(304, `ssi on;\n${fileHeaders(id, '$marketplace_cache')}return 304 none;\n`),
  judged(308, MOVED),
  refuse(400, 400, UNDECIDED_BODY, '$marketplace_body'),
  refuse(404, 404, bodies[404]),
  refuse('nowhere', 404, bodies.page),
  refuse(405, 405, bodies[405]),
  judged('page', `${sentHeaders(id)}${PAGES}${found}`),
  judged('routed', `${sentHeaders(id)}rewrite ^ $marketplace_path break;\n`),
  found,
].join('')}`;
}
