import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** An nginx that can run the router. */
export interface Nginx {
  /** Starts it. */
  readonly command: string;
  /** The folder of its modules. */
  readonly modules: string;
}

/** Paths where some systems install it, outside the PATH of ordinary users. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

const JS_MODULE = 'ngx_http_js_module.so';

/** Compiled into nginx, as in the packages of all distributions. */
const BUILT_IN = ['http_gzip_static_module', 'http_gunzip_module'];

/**
 * Looks for nginx and its JavaScript module.
 *
 * @param searchPath folders separated as in PATH
 * @throws {UserError} where one is missing, with how to install it
 */
export function findNginx(searchPath: string): Nginx {
  const folders = [...searchPath.split(path.delimiter), ...SYSTEM_FOLDERS];
  const command = folders
    .map((folder) => path.join(folder, 'nginx'))
    .find((candidate) => existsSync(candidate));
  if (command === undefined) {
    throw new UserError(
      'nginx is missing: install it with its JavaScript module, such as by apt-get install nginx libnginx-mod-http-js',
    );
  }
  const version = spawnSync(command, ['-V'], { encoding: 'utf8' }).stderr ?? '';
  const missing = BUILT_IN.filter((name) => !version.includes(`--with-${name}`));
  if (missing.length > 0) {
    throw new UserError(`${command} was built without ${missing.join(', ')}: use a build with it`);
  }
  const modules = modulesFolder(version);
  if (!existsSync(path.join(modules, JS_MODULE))) {
    throw new UserError(
      `nginx has no JavaScript module, ${path.join(modules, JS_MODULE)}: install it, such as by apt-get install libnginx-mod-http-js (Debian, Ubuntu), apk add nginx-mod-http-js (Alpine) or, with nginx.org's packages, nginx-module-njs`,
    );
  }
  return { command, modules };
}

/** The folder that `nginx -V` reports, or its default. */
function modulesFolder(version: string): string {
  const option = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(version)?.[1];
  return option('modules-path') ?? path.join(option('prefix') ?? '/usr/local/nginx', 'modules');
}
