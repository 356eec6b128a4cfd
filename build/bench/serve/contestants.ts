import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { skipWithoutApache, startApache } from '../../../test/engines/apache.ts';
import { CADDY, skipWithoutCaddy, startCaddy } from '../../../test/engines/caddy.ts';
import { freePort } from '../../../test/engines/free-port.ts';
import { skipWithoutHaproxy, startHaproxy } from '../../../test/engines/haproxy.ts';
import { skipWithoutNginx, startNginx } from '../../../test/engines/nginx.ts';
import { startServerProcess } from '../measure/processes.ts';

/** A server process that is measured. Its children count, too. */
export interface Contestant {
  readonly url: string;
  readonly pid: number;
  /** What it is asked: the API, as servers ask it, or files by their paths. */
  readonly asks: Asks;
}

/** `files` leaves the form to the server; `forms` names the `.gz` itself where the client takes gzip. */
type Asks = 'api' | 'files' | 'forms';

/** The servers in the order in which they are measured, each after its yardstick, and why one is not. */
export const SERVERS = {
  nginxFiles: { title: 'nginx, plain files', skip: skipWithoutNginx },
  nginxRules: { title: 'nginx, rules', skip: skipWithoutNginx },
  nginxBoth: { title: 'nginx, rules then njs', skip: skipWithoutNginx },
  nginxNjs: { title: 'nginx, njs alone', skip: skipWithoutNginx },
  apacheFiles: { title: 'Apache, plain files', skip: skipWithoutApache },
  apache: { title: 'Apache, rules', skip: skipWithoutApache },
  caddyFiles: { title: 'Caddy, plain files', skip: skipWithoutCaddy },
  caddy: { title: 'Caddy, rules', skip: skipWithoutCaddy },
  haproxyFiles: {
    title: 'HAProxy, passing through',
    skip: skipWithoutHaproxy || skipWithoutNginx,
  },
  haproxy: { title: 'HAProxy, rules', skip: skipWithoutHaproxy || skipWithoutNginx },
  bare: { title: 'Node, bytes from memory', skip: false },
  embedded: { title: 'embedded server', skip: false },
  dynamic: { title: 'dynamic yardstick', skip: false },
} as const;

export type ServerName = keyof typeof SERVERS;

/** Where servers are started: the build that they serve, its catalog, and what stops them. */
interface Ground {
  readonly dir: string;
  readonly catalog: string;
  readonly signal: AbortSignal;
  /** Called for each that has started. */
  readonly onStart: (stop: () => void | Promise<void>) => void;
}

/** Starts every server that is installed. Those of nginx, Apache and HAProxy that send plain files are processes that also have rules. */
export async function startContestants(
  ground: Ground,
): Promise<Partial<Record<ServerName, Contestant>>> {
  const nginx = SERVERS.nginxRules.skip ? undefined : await startNginxes(ground);
  return {
    ...nginx,
    ...(!SERVERS.apache.skip && (await startApaches(ground))),
    ...(!SERVERS.caddy.skip && (await startCaddies(ground))),
    ...(!SERVERS.haproxy.skip && nginx && (await startHaproxies(ground, nginx.nginxFiles.url))),
    bare: await startOwn(ground, 'files', 'build/bench/serve/bare-server.ts', [ground.dir]),
    embedded: await startOwn(ground, 'api', 'build/serve/serve.ts', [
      ...['--dir', ground.dir],
      ...['--port', '0'],
    ]),
    dynamic: await startOwn(ground, 'api', 'build/bench/serve/dynamic-server.ts', [ground.catalog]),
  };
}

async function startOwn(
  { signal, onStart }: Ground,
  asks: Asks,
  program: string,
  args: readonly string[],
) {
  const server = await startServerProcess(program, args, signal);
  onStart(server.stop);
  return { ...server, asks };
}

/** A request for `/snapshots/…` gets that file, as from any nginx. */
const PLAIN_FILES = `
    location /snapshots/ {
      root .;
      default_type application/json;
      gzip_static on;
    }
`;

async function startNginxes({ dir, onStart }: Ground) {
  const start = async (hasNjs: boolean, changes: Readonly<Record<string, Change>>) => {
    const nginx = await startNginx(
      dir,
      async (root) => {
        for (const [name, change] of Object.entries(changes)) {
          const file = path.join(root, name);
          await writeFile(file, change(await readFile(file, 'utf8')));
        }
      },
      hasNjs,
    );
    onStart(nginx.stop);
    return nginx;
  };
  const configuration = {
    'nginx.conf': (config: string) =>
      config
        .replace('worker_processes auto', 'worker_processes 1')
        .replace(/(?=\n {4}location \/ \{)/, PLAIN_FILES),
  };
  // The pattern of requests for plugins that the rules decide matches none.
  const nothingDecided = {
    'edge/nginx-location.conf': (location: string) => {
      const pattern = '$request_uri ~ "^';
      assert.ok(location.includes(pattern), 'the rules are not those that this was made for');
      return location.replace(pattern, () => `${pattern}(?!)`);
    },
  };
  const rules = await start(false, configuration);
  return {
    nginxFiles: { ...rules, asks: 'files' as const },
    nginxRules: { ...rules, asks: 'api' as const },
    nginxBoth: { ...(await start(true, configuration)), asks: 'api' as const },
    nginxNjs: {
      ...(await start(true, { ...configuration, ...nothingDecided })),
      asks: 'api' as const,
    },
  };
}

type Change = (text: string) => string;

async function startApaches({ dir, onStart }: Ground) {
  const port = await freePort();
  // wrk takes a connection that is closed for a broken one: after so many requests, and where threads get few.
  const plainHost = `
MaxKeepAliveRequests 0
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
Listen 127.0.0.1:${port}
<VirtualHost 127.0.0.1:${port}>
  DocumentRoot \${MARKETPLACE}
  AddEncoding gzip .gz
  <Directory "\${MARKETPLACE}">
    Options FollowSymLinks
    AllowOverride None
    Require all granted
  </Directory>
</VirtualHost>
`;
  const apache = await startApache(dir, (host) => host + plainHost);
  onStart(apache.stop);
  return {
    apacheFiles: { ...apache, url: `http://127.0.0.1:${port}`, asks: 'forms' as const },
    apache: { ...apache, asks: 'api' as const },
  };
}

async function startCaddies({ dir, signal, onStart }: Ground) {
  const port = await freePort();
  const plain = `{
	admin off
	auto_https off
}

http://127.0.0.1:${port} {
	root * ${dir}
	file_server {
		precompressed gzip
	}
}
`;
  const child = spawn(CADDY ?? 'caddy', ['run', '--config', '-', '--adapter', 'caddyfile'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    signal,
  });
  const ended = once(child, 'close').catch(() => {}); // aborted
  child.stdin.end(plain);
  onStart(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const caddy = await startCaddy(dir);
  onStart(caddy.stop);
  const url = `http://127.0.0.1:${port}`;
  return {
    caddyFiles: { url, pid: child.pid as number, asks: 'files' as const },
    caddy: { ...caddy, asks: 'api' as const },
  };
}

/** @param files the URL of the server of files behind it */
async function startHaproxies({ dir, onStart }: Ground, files: string) {
  const port = await freePort();
  const config = path.join(path.dirname(dir), 'pass-through.cfg');
  const behind = new URL(files).host;
  await writeFile(
    config,
    `defaults pass-through
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s

frontend pass-through from pass-through
  bind 127.0.0.1:${port}
  default_backend pass-through

backend pass-through from pass-through
  server files ${behind}
`,
  );
  const variables = { MARKETPLACE_FILES: behind };
  const haproxy = await startHaproxy(dir, { configs: [config], variables });
  onStart(haproxy.stop);
  return {
    haproxyFiles: { ...haproxy, url: `http://127.0.0.1:${port}`, asks: 'forms' as const },
    haproxy: { ...haproxy, asks: 'api' as const },
  };
}
