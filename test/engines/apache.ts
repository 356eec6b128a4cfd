import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { readBlock } from '../read-block.ts';
import { makeReadableFolder } from '../sites/built-site.ts';
import { freePort } from './free-port.ts';

/** Debian's paths. */
const APACHE = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';

/** Apache answers within a fraction of this, or never. */
const READY_MS = 15_000;

/** Why tests of Apache are skipped; false where it is installed, as in CI. */
export const skipWithoutApache =
  !existsSync(APACHE) && 'needs Apache: apt-get install --no-install-recommends apache2';

/** What Debian's configuration has: the modules that are on by default, those of docs/hosting.md, and what nobody may read. */
const mainConfig = (root: string, port: number) => `ServerRoot ${root}
ServerName localhost
PidFile ${root}/pid
DefaultRuntimeDir ${root}
Mutex file:${root} default
ErrorLog ${root}/errors.log
Listen 127.0.0.1:${port}
${[
  ...['mpm_event', 'authz_core', 'auth_basic', 'authn_core', 'authn_file', 'authz_user', 'mime'],
  'env',
  ...['dir', 'autoindex', 'filter', 'rewrite', 'headers', 'deflate'],
]
  .map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`)
  .join('\n')}
TypesConfig /etc/mime.types
StartServers 1
ServerLimit 2
ThreadsPerChild 16
MaxRequestWorkers 32
MinSpareThreads 1
MaxSpareThreads 32
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
<Directory />
Options FollowSymLinks
AllowOverride None
Require all denied
</Directory>
`;

/**
 * Serves a build by Apache on a free port, with the virtual host of docs/hosting.md. `root` is the folder in which the build was
 * copied to \`marketplace\`.
 *
 * @param change what is done to the virtual host
 */
export async function startApache(out: string, change = (host: string): string => host) {
  const root = await makeReadableFolder();
  const port = await freePort();
  const folder = path.join(root, 'marketplace');
  await mkdir(folder);
  const id = await copyBuild(out, folder);
  const block = await readBlock('docs/hosting.md', 'apache', 'Listen');
  const host = block
    .replace('Listen 8085\n', '')
    .replace('*:8085', `127.0.0.1:${port}`)
    .replaceAll('/srv/marketplace', folder);
  const config = path.join(root, 'apache.conf');
  await writeFile(config, mainConfig(root, port) + change(host));
  const child = spawn(APACHE, ['-D', 'FOREGROUND', '-f', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = text(child.stderr);
  const ended = once(child, 'close');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    await rm(root, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  const gone = new AbortController();
  void ended.then(() => gone.abort());
  const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)]);
  const [, prefix = '/'] = /^ *Define MARKETPLACE_PATH (\S+)/m.exec(change(host)) ?? [];
  const isReady = await waitForSnapshot(url + prefix.slice(0, -1), id, limit);
  if (child.pid === undefined || !isReady) {
    await stop();
    throw new Error(`Apache does not serve: ${await errors}`);
  }
  return { url, root, pid: child.pid, stop };
}

/** Puts a build beside the one that is there, in the order of docs/hosting.md; Apache serves it after a graceful reload. */
export async function copyBuild(out: string, folder: string): Promise<string> {
  for (const part of ['snapshots', 'edge']) {
    await cp(path.join(out, part), path.join(folder, part), { recursive: true });
  }
  return (await readSnapshot(out)).snapshot.id;
}
