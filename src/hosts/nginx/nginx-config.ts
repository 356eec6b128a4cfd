import type { BuildSettings } from '../../settings/build-settings.ts';
import type { SiteFile } from '../../snapshot/site-files.ts';
import { MAX_LINE_BYTES, MAX_LINES } from '../header-limits.ts';

/** Settings that depend on the machine that nginx runs on. */
export interface NginxMachine {
  /** In the form of a `listen` directive, such as `127.0.0.1:8085`. */
  readonly listen: string;
  /** The folder of nginx's modules. */
  readonly modules: string;
}

/** The path to which nginx redirects its own errors. No client can request it, because nginx resolves the dot in requests. */
const ERROR_PAGE = '/./marketplace-error';

/** The folder in Debian, Ubuntu, Alpine, the image `nginx` and the packages of nginx.org. */
const USUAL_MODULES = '/usr/lib/nginx/modules';

/**
 * The two configurations of a build: for an nginx of its own, and to include in an existing one.
 *
 * @param compress the forms in which the files of the build are written
 */
export function nginxConfigFiles(compress: BuildSettings['compress']): SiteFile[] {
  const contentType = 'text/plain; charset=utf-8';
  const location = nginxLocation(compress);
  return [
    { path: 'edge/nginx.conf', contentType, content: nginxConfig(location) },
    { path: 'edge/nginx-location.conf', contentType, content: `${LOCATION_HELP}${location}` },
  ];
}

/** The complete configuration of a build, `edge/nginx.conf`, adapted to a machine. */
export function moveNginxConfig(config: string, { listen, modules }: NginxMachine): string {
  return config
    .replace(/(?<=^ *)listen \S+;/m, () => `listen ${listen};`)
    .replace(`load_module ${USUAL_MODULES}/`, () => `load_module ${modules}/`);
}

/**
 * A complete configuration for an ordinary user: nginx writes only to its prefix folder, the one with `edge/` and
 * `snapshots/`.
 */
function nginxConfig(location: string): string {
  return `# The marketplace on an nginx of its own. DIR is the folder that holds edge/ and snapshots/:
#
#   nginx -e stderr -p DIR -c DIR/edge/nginx.conf
#
# "listen" below sets address and port. To keep changes, make them in a copy, such as DIR/nginx.conf.

# If nginx reports that the file is missing: apt-get install libnginx-mod-http-js (Debian, Ubuntu), apk add nginx-mod-http-js
# (Alpine), or nginx-module-njs (nginx.org). "nginx -V" shows the folder of modules as --modules-path.
load_module ${USUAL_MODULES}/ngx_http_js_module.so;

pid nginx.pid;
worker_processes auto;
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

  js_path edge;
  js_import marketplace from nginx.js;

  server {
    listen 8085;
    large_client_header_buffers ${MAX_LINES} ${MAX_LINE_BYTES};
    client_header_timeout 10s;

    # Errors without the router: malformed requests, and missing files of a build.
    error_page 400 405 408 412 413 414 500 501 505 ${ERROR_PAGE};
    error_page 494 =431 ${ERROR_PAGE};
    error_page 403 404 =500 ${ERROR_PAGE};
    location = ${ERROR_PAGE} {
      internal;
      default_type application/json;
      add_header Cache-Control no-store always;
      add_header Access-Control-Allow-Origin * always;
      add_header X-Content-Type-Options nosniff always;
      return 500 '{"error":"nginx could not answer this request","status":$status}';
    }

    # Bundles, if there are any in bundles/ beside edge/ and snapshots/. The router answers 404 for others.
    location ~ ^/bundles/[\\w.-]+$ {
      root .;
      types { }
      default_type application/gzip;
      add_header Cache-Control "public, max-age=60";
      add_header X-Content-Type-Options nosniff;
      client_max_body_size 0;
      error_page 403 404 = /;
      error_page 405 412 416 500 ${ERROR_PAGE};
    }

    location / {
      root .;
${location.replace(/^(?=.)/gm, '      ')}    }
  }
}
`;
}

const LOCATION_HELP = `# The marketplace as a location of an existing nginx. DIR is the folder that holds edge/ and snapshots/:
#
#   server {
#     js_import marketplace from DIR/edge/nginx.js;
#     location / {
#       root DIR;
#       include DIR/edge/nginx-location.conf;
#     }
#   }
#
# Below a path, so that the MarketplaceURL is https://host/marketplace:
#
#     location /marketplace/ {
#       set $marketplace_prefix /marketplace;
#       root DIR;
#       include DIR/edge/nginx-location.conf;
#     }
#
# The bundles of a pack, made by "npm run catalog -- mirror --to PACK --base-url https://host":
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

/** The router runs once per request, when nginx first needs the status; it sets path and body, too. */
function nginxLocation(compress: BuildSettings['compress']): string {
  return `js_var $marketplace_path;
js_var $marketplace_body;
js_set $marketplace_status marketplace.status;
js_header_filter marketplace.setHeaders;

# nginx makes entity tags of time and size, which two builds may share. The tag of the router is the snapshot.
etag off;
if_modified_since off;
add_header Last-Modified "";
max_ranges 0;
# Bodies of requests are not read.
client_max_body_size 0;

# ${FORMS[compress]}
gzip_static ${compress === 'gzip' ? 'always' : 'on'};
gunzip on;
gzip on;
gzip_min_length 1024;
gzip_types *;
gzip_proxied any;
gzip_http_version 1.0;

if ($marketplace_status = 304) { return 304; }
if ($marketplace_status = 400) { return 400 $marketplace_body; }
if ($marketplace_status = 404) { return 404 $marketplace_body; }
if ($marketplace_status = 405) { return 405 $marketplace_body; }
rewrite ^ $marketplace_path break;
`;
}
