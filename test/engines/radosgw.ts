import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

const script = path.join(import.meta.dirname, 'start-radosgw.sh');

/** Why tests of a real S3 server are skipped; false if radosgw is installed. CI installs it. */
export const skipWithoutRadosgw =
  spawnSync('radosgw', ['--version']).error !== undefined &&
  'needs radosgw: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common';

/** The settings of an `S3Client` for a server. */
export interface S3Endpoint {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A running S3 server without buckets. */
export interface Radosgw extends S3Endpoint {
  /** Ends its processes and removes what it stored. */
  stop(): Promise<void>;
}

/** Starting takes ten to twenty seconds. Sometimes its parts do not find each other; then another try helps. */
const START_LIMIT_MS = 60_000;
const START_TRIES = 3;
const STOP_LIMIT_MS = 20_000;

/** Starts a real S3 server, Ceph's RADOS gateway, on loopback, with its state in a folder of its own. */
export async function startRadosgw(): Promise<Radosgw> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await tryToStart();
    } catch (error) {
      if (tries === START_TRIES) throw error;
    }
  }
}

async function tryToStart(): Promise<Radosgw> {
  const folder = await mkdtemp(path.join(tmpdir(), 'marketplace-radosgw-'));
  const port = await findPortPair();
  // In a process group of its own, so that everything the script starts can be ended.
  const child = spawn('bash', [script, folder, String(port)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { pid } = child;
  const endNow = () => pid !== undefined && signalGroup(pid, 'SIGKILL');
  process.once('exit', endNow);
  const stop = async () => {
    process.off('exit', endNow);
    if (pid !== undefined) await endGroup(pid);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const settings = await readOutput(child);
    const setting = (name: string) => new RegExp(`${name}=(\\S+)`).exec(settings)?.[1] ?? '';
    return {
      endpoint: setting('S3_ENDPOINT'),
      region: setting('AWS_REGION'),
      credentials: {
        accessKeyId: setting('AWS_ACCESS_KEY_ID'),
        secretAccessKey: setting('AWS_SECRET_ACCESS_KEY'),
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The output of the script until it ends; its servers continue. */
function readOutput(child: ChildProcessByStdio<null, Readable, null>): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const limit = setTimeout(
      () => reject(new Error(`radosgw did not start within ${START_LIMIT_MS} ms`)),
      START_LIMIT_MS,
    );
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(limit);
      if (code === 0) resolve(output);
      else reject(new Error(`radosgw did not start: ${output}`));
    });
  });
}

/** Ends every process of a group, after a time by force, and waits until they are gone. */
async function endGroup(group: number): Promise<void> {
  const until = Date.now() + STOP_LIMIT_MS;
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; signalGroup(group, signal); signal = 0) {
    if (Date.now() > until) signalGroup(group, 'SIGKILL');
    await sleep(50);
  }
}

/** False if no process of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

/** A free port whose successor is free as well. */
async function findPortPair(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = await tryPort(0);
    if (port !== undefined && (await tryPort(port + 1)) !== undefined) return port;
  }
  throw new Error('found no two consecutive free ports');
}

/** The port (any for 0) if it is free. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
