import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';

/** An nginx that can serve a build. */
export interface Nginx {
  /** Starts it. */
  readonly command: string;
  /** The folder of its JavaScript module; undefined where it has none, so that it refuses what rules do not decide. */
  readonly njs: string | undefined;
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
 * @throws {UserError} where nginx is missing or unfit, with what to do
 */
export function findNginx(searchPath: string): Nginx {
  const folders = [...searchPath.split(path.delimiter), ...SYSTEM_FOLDERS];
  const command = folders
    .map((folder) => path.join(folder, 'nginx'))
    .find((candidate) => existsSync(candidate));
  if (command === undefined) {
    throw new UserError(
      'nginx is missing: install it, with its JavaScript module if text is to be searched, such as by apt-get install nginx libnginx-mod-http-js',
    );
  }
  const version = spawnSync(command, ['-V'], { encoding: 'utf8' }).stderr ?? '';
  const missing = BUILT_IN.filter((name) => !version.includes(`--with-${name}`));
  if (missing.length > 0) {
    throw new UserError(`${command} was built without ${missing.join(', ')}: use a build with it`);
  }
  const modules = modulesFolder(version);
  return { command, njs: existsSync(path.join(modules, JS_MODULE)) ? modules : undefined };
}

/** The folder that `nginx -V` reports, or its default. */
function modulesFolder(version: string): string {
  const option = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(version)?.[1];
  return option('modules-path') ?? path.join(option('prefix') ?? '/usr/local/nginx', 'modules');
}
