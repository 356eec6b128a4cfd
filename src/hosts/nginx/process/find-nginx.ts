import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** An nginx that can run the router. */
export interface Nginx {
  /** What starts it. */
  readonly command: string;
  /** The folder of its modules. */
  readonly modules: string;
}

/** Where systems have it that keep it out of the PATH of ordinary users. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

const JS_MODULE = 'ngx_http_js_module.so';

/** Built into nginx or not; the packages of all distributions have them. */
const BUILT_IN = ['http_gzip_static_module', 'http_gunzip_module'];

/**
 * Looks for nginx and its JavaScript module.
 *
 * @param searchPath folders separated as in PATH
 * @throws {UserError} where one is missing, with what installs it
 */
export function findNginx(searchPath: string): Nginx {
  const folders = [...searchPath.split(path.delimiter), ...SYSTEM_FOLDERS];
  const command = folders
    .map((folder) => path.join(folder, 'nginx'))
    .find((candidate) => existsSync(candidate));
  if (command === undefined) {
    throw new UserError(
      'there is no nginx: install it with its JavaScript module, such as by apt-get install nginx libnginx-mod-http-js',
    );
  }
  const told = spawnSync(command, ['-V'], { encoding: 'utf8' }).stderr ?? '';
  const missing = BUILT_IN.filter((name) => !told.includes(`--with-${name}`));
  if (missing.length > 0) {
    throw new UserError(`${command} was built without ${missing.join(', ')}: take one with it`);
  }
  const modules = modulesFolder(told);
  if (!existsSync(path.join(modules, JS_MODULE))) {
    throw new UserError(
      `nginx has no JavaScript module, ${path.join(modules, JS_MODULE)}: install it, such as by apt-get install libnginx-mod-http-js (Debian, Ubuntu), apk add nginx-mod-http-js (Alpine) or, with nginx.org's packages, nginx-module-njs`,
    );
  }
  return { command, modules };
}

/** The folder that `nginx -V` tells, or the one that it stands for. */
function modulesFolder(told: string): string {
  const option = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(told)?.[1];
  return option('modules-path') ?? path.join(option('prefix') ?? '/usr/local/nginx', 'modules');
}
