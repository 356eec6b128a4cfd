import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { addBuild } from '../../src/hosts/nginx/process/add-build.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import {
  configureNginx,
  listenOn,
  spawnNginx,
  toUrl,
} from '../../src/hosts/nginx/process/nginx-process.ts';
import { waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { UserError } from '../../src/lib/errors.ts';
import { makeReadableFolder } from '../sites/built-site.ts';
import { freePort } from './free-port.ts';

/** nginx answers within a fraction of this, or never. */
const READY_MS = 15_000;

/** Whether nginx can be run; a reason to skip where it cannot. CI installs it. */
export const skipWithoutNginx = reasonToSkip();

function reasonToSkip(): string | false {
  try {
    const { njs } = findNginx(process.env['PATH'] ?? '');
    return njs === undefined && 'nginx has no JavaScript module: install libnginx-mod-http-js';
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/**
 * Serves a build by nginx on a free port. `root` is nginx's folder, `pid` its master process.
 *
 * @param prepare what is done to the folder before nginx starts
 * @param hasNjs whether it uses its JavaScript module
 * @param users the file of those who may ask; default: everybody may
 */
export async function startNginx(
  out: string,
  prepare: (root: string) => Promise<void> = async () => {},
  hasNjs = true,
  users?: string,
) {
  const found = findNginx(process.env['PATH'] ?? '');
  const nginx = hasNjs ? found : { ...found, njs: undefined };
  const root = await makeReadableFolder();
  const id = await addBuild(out, root);
  const listen = listenOn('127.0.0.1', await freePort());
  await configureNginx(nginx, root, { listen, users });
  await prepare(root);
  const child = spawnNginx(nginx, root, 'foreground', {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = child.stderr ? text(child.stderr) : '';
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(root, { recursive: true, force: true });
  };
  const url = toUrl(listen);
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)]);
  const isReady = await waitForSnapshot(url, id, limit);
  if (child.pid === undefined || !isReady) {
    await stop();
    throw new Error(`nginx does not serve: ${await errors}`);
  }
  return { url, root, pid: child.pid, stop };
}
