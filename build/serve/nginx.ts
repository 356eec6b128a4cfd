import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addBuild, removeOtherSnapshots } from '../../src/hosts/nginx/process/add-build.ts';
import { addBundles, removeOtherBundles } from '../../src/hosts/nginx/process/add-bundles.ts';
import { claimFolder } from '../../src/hosts/nginx/process/claim-folder.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import {
  configuredListen,
  configureNginx,
  LOG,
  listenOn,
  recordProcess,
  runningPid,
  spawnNginx,
  toUrl,
} from '../../src/hosts/nginx/process/nginx-process.ts';
import { servedSnapshot, waitForSnapshot } from '../../src/hosts/nginx/process/served-snapshot.ts';
import { errorCode, UsageError, UserError } from '../../src/lib/errors.ts';
import { readServeSettings } from '../../src/settings/read-settings.ts';
import { SERVE_FLAGS, type ServeSettings } from '../../src/settings/serve-settings.ts';
import { runCommand } from '../cli/cli.ts';
import { print } from '../cli/print.ts';
import { SERVE_HELP } from './serve-help.ts';

const HELP = `
Serves a build by nginx, as an ordinary user: in the foreground until Ctrl-C, or as a daemon.
Builds are put into a folder of nginx's own, so the one that is served stays whole when
npm run build replaces it; --reload takes the next one without losing a request.

  npm run nginx -- [--dir DIR] [--bundles DIR] [--root DIR] [--host HOST] [--port PORT] [--daemon]
  npm run nginx -- --reload [--dir DIR] [--bundles DIR] [--root DIR]
  npm run nginx -- --stop [--root DIR]

  --dir DIR             the build                                           (dist)
${SERVE_HELP}
  --root DIR            nginx's folder: builds, configuration, pid and log  (.nginx)
  --daemon              in the background; errors go to nginx.log
  --reload              serve the build now in --dir, in the nginx that runs; with --bundles, what the
                        pack has now, too, besides the bundles from before
  --stop                end it when the requests in flight are answered
  --config FILE         settings as JSON                                    (marketplace.config.json)

Needs nginx with njs, such as: apt-get install nginx libnginx-mod-http-js

Example:
  npm run build
  npm run nginx -- --daemon
  curl 'http://127.0.0.1:8085/api/v1/plugins?server_version=9.5.0'
  npm run build -- --catalog new.json && npm run nginx -- --reload
`;

/** nginx answers within a fraction of this, or never. */
const READY_MS = 15_000;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...SERVE_FLAGS,
      root: { type: 'string' },
      daemon: { type: 'boolean', default: false },
      reload: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
    },
  });
  const { daemon, reload, stop } = values;
  if ([daemon, reload, stop].filter(Boolean).length > 1) {
    throw new UsageError('--daemon, --reload and --stop exclude each other');
  }
  if ((reload || stop) && (values.host !== undefined || values.port !== undefined)) {
    throw new UsageError('--host and --port are for starting nginx');
  }
  if (stop && values.bundles !== undefined) throw new UsageError('--bundles is for what is served');
  const settings = await readServeSettings(values, process.env, process.cwd());
  const folder = path.resolve(settings.nginxRoot);
  const root = await realpath(folder).catch(() => folder);
  if (stop) await stopNginx(root);
  else if (reload) await reloadNginx(root, settings);
  else await startNginx(root, settings, daemon);
});

async function startNginx(
  folder: string,
  { dir, bundles, host, port }: ServeSettings,
  isDaemon: boolean,
) {
  if (port === 0) throw new UsageError('nginx takes no port 0: name one with --port');
  const nginx = findNginx(process.env['PATH'] ?? '');
  const root = await claimFolder(folder);
  const pid = await runningPid(root);
  if (pid !== undefined) {
    throw new UserError(
      `nginx runs in ${root} already (process ${pid}): --reload makes it serve ${dir}, --stop ends it`,
    );
  }
  const id = await addBuild(dir, root);
  await removeOtherSnapshots(root, [id]);
  await removeOtherBundles(root, bundles === '' ? [] : await addBundles(bundles, root));
  const listen = listenOn(host, port);
  await configureNginx(nginx, root, listen);
  const mode = isDaemon ? 'daemon' : 'foreground';
  // In a process group of its own, or Ctrl-C would reach it from the terminal and cut off its answers.
  const child = spawnNginx(nginx, root, mode, { stdio: 'inherit', detached: true });
  const gone = new AbortController();
  const ended = once(child, 'exit').then(([code]) => {
    // What becomes a daemon ends well where it is started.
    if (!isDaemon || code !== 0) gone.abort();
  });
  if (!isDaemon) forwardSignals((signal) => child.kill(signal));
  const url = toUrl(listen);
  const limit = AbortSignal.any([gone.signal, AbortSignal.timeout(READY_MS)]);
  const isReady = await waitForSnapshot(url, id, limit);
  if (!isReady) {
    if (!isDaemon) child.kill('SIGQUIT');
    throw new UserError(
      `nginx does not serve on ${url}: it says why ${isDaemon ? `above or in ${path.join(root, LOG)}` : 'above'}`,
    );
  }
  await recordProcess(root);
  print(`nginx serves snapshot ${id} on ${url}\n`);
  if (!isDaemon) await ended;
}

async function reloadNginx(root: string, { dir, bundles }: ServeSettings) {
  const nginx = findNginx(process.env['PATH'] ?? '');
  const listen = await configuredListen(root);
  await needPid(root);
  const url = toUrl(listen);
  const previousId = await servedSnapshot(url);
  if (bundles !== '') await addBundles(bundles, root);
  const id = await addBuild(dir, root);
  await configureNginx(nginx, root, listen);
  await signal(root, 'SIGHUP');
  if (!(await waitForSnapshot(url, id, AbortSignal.timeout(READY_MS)))) {
    throw new UserError(
      `nginx does not serve snapshot ${id} on ${url}: it says why where it was started, or in ${path.join(root, LOG)}`,
    );
  }
  // Workers with the router of the one before may still be answering.
  if (previousId !== undefined && previousId !== id) {
    await removeOtherSnapshots(root, [id, previousId]);
  }
  print(`nginx serves snapshot ${id} on ${url}\n`);
}

async function stopNginx(root: string) {
  await signal(root, 'SIGQUIT');
  print('nginx stops when the requests in flight are answered\n');
}

/** @throws {UserError} where no nginx runs in the folder, or it is another user's */
async function signal(root: string, name: NodeJS.Signals) {
  const pid = await needPid(root);
  try {
    process.kill(pid, name);
  } catch (error) {
    throw new UserError(
      `nginx, process ${pid}, takes no signal of this user (${errorCode(error)}): ask as who started it`,
    );
  }
}

async function needPid(root: string): Promise<number> {
  const pid = await runningPid(root);
  if (pid !== undefined) return pid;
  throw new UserError(
    `no nginx runs in ${root}: start it with npm run nginx, or name its folder with --root`,
  );
}

/** The first signal lets nginx answer what is in flight, the second ends it. */
function forwardSignals(send: (signal: NodeJS.Signals) => void) {
  let isFirst = true;
  const forward = () => {
    send(isFirst ? 'SIGQUIT' : 'SIGTERM');
    isFirst = false;
  };
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
}
