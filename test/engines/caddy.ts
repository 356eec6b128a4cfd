import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { makeReadableFolder } from '../sites/built-site.ts';
import { freePort } from './free-port.ts';

/** Caddy answers within a fraction of this, or never. */
const READY_MS = 15_000;

/** The path of the program; undefined where it is not installed. */
export const CADDY = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'caddy'))
  .find((candidate) => existsSync(candidate));

/** Why a test of Caddy is skipped. CI installs it. */
export const skipWithoutCaddy = CADDY === undefined && 'Caddy is missing: apt-get install caddy';

/**
 * Serves a build by Caddy on a free port.
 *
 * @param prefix the path that it serves below
 * @param change what is done to the configuration
 */
export async function startCaddy(dir: string, prefix = '', change?: (config: string) => string) {
  const { snapshot } = await readSnapshot(dir);
  const home = await makeReadableFolder();
  const port = await freePort();
  const admin = `127.0.0.1:${await freePort()}`;
  const shipped = path.join(dir, 'edge/caddy/Caddyfile');
  const config = change === undefined ? shipped : path.join(home, 'Caddyfile');
  if (change !== undefined) await writeFile(config, change(await readFile(shipped, 'utf8')));
  const env = {
    HOME: home,
    MARKETPLACE_DIR: dir,
    MARKETPLACE_HOST: '127.0.0.1',
    MARKETPLACE_PORT: `${port}`,
    MARKETPLACE_ADMIN: admin,
    MARKETPLACE_PREFIX: prefix,
  };
  const flags = ['--config', config, '--adapter', 'caddyfile'];
  const child = spawn(CADDY ?? 'caddy', ['run', ...flags], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env,
  });
  const errors = text(child.stderr);
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)]);
  const url = `http://127.0.0.1:${port}`;
  const isReady = await waitForSnapshot(url + prefix, snapshot.id, limit);
  if (child.pid === undefined || !isReady) {
    await stop();
    throw new Error(`Caddy does not serve: ${await errors}`);
  }
  /** Lets it read its configuration anew, as `caddy reload` does. */
  const reload = async () => {
    const reloading = spawn(CADDY ?? 'caddy', ['reload', ...flags, '--address', admin], {
      stdio: 'ignore',
      env,
    });
    await once(reloading, 'close');
  };
  return { url, pid: child.pid, reload, stop };
}
