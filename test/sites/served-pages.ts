import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '../../src/catalog/release.ts';
import { startServer } from '../../src/hosts/embedded/start-server.ts';
import { addBuild } from '../../src/hosts/nginx/process/add-build.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import {
  configureNginx,
  listenOn,
  spawnNginx,
  toUrl,
} from '../../src/hosts/nginx/process/nginx-process.ts';
import { servedSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { UserError } from '../../src/lib/errors.ts';
import { buildSite } from '../../src/site/build-site.ts';
import { PLAIN_SITE } from './plain-site.ts';
import { GENEROUS } from './planned-site.ts';

/** A site that is served. */
export interface ServedSite {
  readonly url: string;
  stop(): Promise<void>;
}

/** nginx answers within a fraction of this, or never. */
const READY_MS = 15_000;

/** Builds a catalog with what is always published, in a folder that every user may read, as the workers of an nginx must. */
export async function buildPages(releases: readonly Release[]) {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-pages-'));
  await chmod(folder, 0o755);
  const out = path.join(folder, 'dist');
  const little = {
    search: false,
    everyPageSize: false,
    pageSizes: [100],
    compress: 'gzip',
  } as const;
  const build = { buildTag: 'v1.0.0', buildHash: 'abcdef0123', out, releases };
  await buildSite({ ...GENEROUS, ...PLAIN_SITE, ...little, ...build });
  return { out, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** By the embedded server. */
export async function serveEmbedded(out: string): Promise<ServedSite> {
  const { url, close } = await startServer({ dir: out, host: '127.0.0.1', port: 0, pollMs: 0 });
  return { url, stop: close };
}

/** Why nginx cannot be run; false where it can. CI installs it. */
export const skipWithoutNginx = reasonToSkip();

function reasonToSkip(): string | false {
  try {
    findNginx(process.env['PATH'] ?? '');
    return false;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** By an nginx of its own, on a free port. */
export async function serveByNginx(out: string): Promise<ServedSite> {
  const nginx = findNginx(process.env['PATH'] ?? '');
  const root = await mkdtemp(path.join(tmpdir(), 'marketplace-nginx-'));
  await chmod(root, 0o755);
  const id = await addBuild(out, root);
  const listen = listenOn('127.0.0.1', await freePort());
  await configureNginx(nginx, root, listen);
  const child = spawnNginx(nginx, root, 'foreground', { stdio: 'ignore' });
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(root, { recursive: true, force: true });
  };
  const url = toUrl(listen);
  const end = performance.now() + READY_MS;
  while ((await servedSnapshot(url)) !== id) {
    if (performance.now() > end) {
      await stop();
      throw new Error('nginx does not serve');
    }
    await sleep(20);
  }
  return { url, stop };
}

/** nginx does not choose a port by itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
