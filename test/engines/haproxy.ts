import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { freePort } from './free-port.ts';

/** HAProxy answers within a fraction of this, or never. */
const READY_MS = 15_000;

/** The path of the program; undefined where it is not installed. */
export const HAPROXY = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin']
  .map((folder) => path.join(folder, 'haproxy'))
  .find((candidate) => existsSync(candidate));

/** Why a test of HAProxy is skipped. CI installs it. */
export const skipWithoutHaproxy =
  HAPROXY === undefined && 'HAProxy is missing: apt-get install haproxy';

/** The configuration of a build. */
export const haproxyConfigOf = (dir: string) => path.join(dir, 'edge/haproxy/haproxy.cfg');

/** How HAProxy is started. */
export interface HaproxyOptions {
  /** Of its own environment, which has little else. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** The path that it serves below. */
  readonly prefix?: string;
  /** Configurations in front of that of the build. */
  readonly configs?: readonly string[];
  /** More arguments, such as `-W`. */
  readonly flags?: readonly string[];
}

/**
 * Serves a build by HAProxy on a free port, in front of a server of plain files.
 *
 * @param dir the folder of the build; it may be a link that is switched to another one
 */
export async function startHaproxy(dir: string, options: HaproxyOptions = {}) {
  const { variables = {}, prefix = '', configs = [], flags = [] } = options;
  const { snapshot } = await readSnapshot(dir);
  const files = await startFileServer(dir);
  const listen = `127.0.0.1:${await freePort()}`;
  const args = [...configs, haproxyConfigOf(dir)].flatMap((config) => ['-f', config]);
  const child = spawn(HAPROXY ?? 'haproxy', [...flags, '-db', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { MARKETPLACE_LISTEN: listen, MARKETPLACE_FILES: files.address, ...variables },
  });
  const errors = text(child.stderr);
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    files.close();
  };
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)]);
  const url = `http://${variables['WEB'] ?? listen}`;
  const isReady = await waitForSnapshot(url + prefix, snapshot.id, limit);
  if (child.pid === undefined || !isReady) {
    await stop();
    throw new Error(`HAProxy does not serve: ${await errors}`);
  }
  return { url, pid: child.pid, files, stop };
}

/** A server that knows nothing but files. Its headers and conditions must not get to a client. */
async function startFileServer(dir: string) {
  const listener: RequestListener = async (request, response) => {
    const file = path.join(dir, new URL(request.url ?? '/', 'http://localhost').pathname);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return void response.writeHead(404, { 'x-of': 'files' }).end('no file');
    if (request.headers['if-none-match']) return void response.writeHead(304).end();
    response.writeHead(200, {
      'content-type': 'application/octet-stream',
      'content-length': found.size,
      'last-modified': found.mtime.toUTCString(),
      'accept-ranges': 'bytes',
      vary: 'Origin',
      etag: '"of-the-file-server"',
      'cache-control': 'no-store',
      'x-of': 'files',
    });
    if (request.method === 'HEAD') return void response.end();
    createReadStream(file)
      .on('error', () => response.destroy())
      .pipe(response);
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { address: `127.0.0.1:${port}`, close };
}
