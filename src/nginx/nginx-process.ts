import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { moveNginxConfig } from '../site/nginx-config.ts';
import type { Nginx } from './find-nginx.ts';

const CONFIG = 'nginx.conf';
const PID = 'nginx.pid';

/** Of an nginx in the background, inside its folder. */
export const LOG = 'nginx.log';

/** What `listen` takes for an address. */
export function listenOn(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Writes the configuration of an nginx that serves the builds in a folder: that of the build that was added last. */
export async function configureNginx(nginx: Nginx, root: string, listen: string): Promise<void> {
  const config = await readFile(path.join(root, 'edge', CONFIG), 'utf8');
  const place = { listen, modules: nginx.modules };
  await writeFile(path.join(root, CONFIG), moveNginxConfig(config, place));
}

/**
 * What the nginx of a folder listens on.
 *
 * @throws {UserError} where none was configured
 */
export async function configuredListen(root: string): Promise<string> {
  const config = await readFile(path.join(root, CONFIG), 'utf8').catch(() => '');
  const listen = /^\s*listen (\S+);/m.exec(config)?.[1];
  if (listen === undefined) throw new UserError(`no nginx was started in ${root}: start it first`);
  return listen;
}

/** The address for a client on this machine. */
export function toUrl(listen: string): string {
  return `http://${listen.replace(/^0\.0\.0\.0:|^\[::\]:/, 'localhost:')}`;
}

/** The process id of the nginx that runs in a folder. */
export async function runningPid(root: string): Promise<number | undefined> {
  const text = await readFile(path.join(root, PID), 'utf8').catch(() => '');
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

/** Starts an nginx with the configuration of a folder: in the foreground, or as a daemon that logs into the folder. */
export function spawnNginx(
  nginx: Nginx,
  root: string,
  mode: 'foreground' | 'daemon',
  options: SpawnOptions,
): ChildProcess {
  const args = ['-p', root, '-c', path.join(root, CONFIG)];
  return mode === 'daemon'
    ? spawn(nginx.command, [...args, '-e', LOG], options)
    : spawn(nginx.command, [...args, '-e', 'stderr', '-g', 'daemon off;'], options);
}
