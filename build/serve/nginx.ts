import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { addBuild, removeOtherSnapshots } from '../../src/hosts/nginx/process/add-build.ts';
import { addBundles, removeOtherBundles } from '../../src/hosts/nginx/process/add-bundles.ts';
import { claimFolder } from '../../src/hosts/nginx/process/claim-folder.ts';
import { findNginx } from '../../src/hosts/nginx/process/find-nginx.ts';
import {
  configuredMachine,
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
import { readText } from '../../src/lib/json/read-text.ts';
import { SERVE_SETTINGS, type ServeSettings } from '../../src/settings/serve-settings.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { runProgram } from '../cli/cli.ts';
import { type CommandContext, defineCommand, locate } from '../cli/command.ts';

const WITHOUT_NJS =
  'without njs, text search is refused: install it and start again, such as by apt-get install libnginx-mod-http-js (Debian, Ubuntu), apk add nginx-mod-http-js (Alpine) or, with the packages of nginx.org, nginx-module-njs';

/** nginx answers within a fraction of this, or never. */
const READY_MS = 15_000;

export const nginx = defineCommand({
  call: 'npm run nginx',
  summary: 'Serves a build with nginx, as an ordinary user',
  details:
    'Runs in the foreground until Ctrl-C, or as a daemon. nginx serves copies of builds in a folder of its own, so the served one stays whole when npm run build replaces it. --reload switches to the next one without losing a request.',
  settings: SERVE_SETTINGS,
  settingFlags: ['dir', 'users', 'bundles', 'host', 'port', 'nginxRoot'],
  flags: {
    daemon: {
      help: 'run in the background; errors go to nginx.log',
      conflicts: ['reload', 'stop'],
    },
    reload: {
      help: 'make the running nginx serve the build now in --dir; with --bundles, also what the pack has now, besides the bundles from before',
      conflicts: ['stop', 'host', 'port'],
    },
    stop: {
      help: 'end the running nginx when the requests in flight are answered',
      conflicts: ['host', 'port', 'bundles'],
    },
  },
  notes:
    'Needs nginx, and njs for text search, such as: apt-get install nginx libnginx-mod-http-js',
  example: `npm run build
npm run nginx -- --daemon
curl 'http://127.0.0.1:8085/api/v1/plugins?server_version=9.5.0'
npm run build -- --catalog new.json && npm run nginx -- --reload`,
  action: async ({ settings: found, flags }, context) => {
    const dir = locate(found.dir, context);
    const bundles = found.bundles === '' ? '' : locate(found.bundles, context);
    const users = found.users && path.resolve(context.cwd, found.users);
    const settings = { ...found, dir, bundles, users };
    const folder = path.resolve(context.cwd, settings.nginxRoot);
    const root = await realpath(folder).catch(() => folder);
    if (flags.stop) {
      await signal(root, 'SIGQUIT');
      context.print('nginx stops when the requests in flight are answered\n');
    } else if (flags.reload) await reloadNginx(root, settings, context);
    else await startNginx(root, settings, flags.daemon, context);
  },
});

await runProgram(import.meta.url, nginx);

async function startNginx(
  folder: string,
  { dir, bundles, host, port, users }: ServeSettings,
  isDaemon: boolean,
  { environment, print, report }: CommandContext,
) {
  if (port === 0) throw new UsageError('nginx takes no port 0: name one with --port');
  const nginx = findNginx(environment['PATH'] ?? '');
  const root = await claimFolder(folder);
  const pid = await runningPid(root);
  if (pid !== undefined) {
    throw new UserError(
      `nginx runs in ${root} already (process ${pid}): --reload makes it serve ${dir}, --stop ends it`,
    );
  }
  await checkUsers(dir, users);
  const id = await addBuild(dir, root);
  await removeOtherSnapshots(root, [id]);
  await removeOtherBundles(root, bundles === '' ? [] : await addBundles(bundles, root));
  const listen = listenOn(host, port);
  await configureNginx(nginx, root, { listen, users: users || undefined });
  const mode = isDaemon ? 'daemon' : 'foreground';
  // In its own process group, or Ctrl-C in the terminal would reach it and cut off its answers.
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
      `nginx does not serve on ${url}: its reason is ${isDaemon ? `above or in ${path.join(root, LOG)}` : 'above'}`,
    );
  }
  await recordProcess(root);
  if (nginx.njs === undefined) report(WITHOUT_NJS);
  print(`nginx serves snapshot ${id} on ${url}\n`);
  if (!isDaemon) await ended;
}

async function reloadNginx(
  root: string,
  { dir, bundles, users: given }: ServeSettings,
  { environment, print }: CommandContext,
) {
  const nginx = findNginx(environment['PATH'] ?? '');
  const { listen, users: before = '' } = await configuredMachine(root);
  // Users are not lost by a reload that does not name them.
  const users = given || before;
  await needPid(root);
  await checkUsers(dir, users);
  const url = toUrl(listen);
  const previousId = await servedSnapshot(url);
  if (bundles !== '') await addBundles(bundles, root);
  const id = await addBuild(dir, root);
  await configureNginx(nginx, root, { listen, users: users || undefined });
  await signal(root, 'SIGHUP');
  if (!(await waitForSnapshot(url, id, AbortSignal.timeout(READY_MS)))) {
    throw new UserError(
      `nginx does not serve snapshot ${id} on ${url}: its reason is where it was started, or in ${path.join(root, LOG)}`,
    );
  }
  // Workers with the previous router may still be answering.
  if (previousId !== undefined && previousId !== id) {
    await removeOtherSnapshots(root, [id, previousId]);
  }
  print(`nginx serves snapshot ${id} on ${url}\n`);
}

/**
 * Keeps nginx from answering everybody where a build is for users only, and from serving with a file that it cannot read.
 *
 * @throws {UserError}
 */
async function checkUsers(dir: string, users: string) {
  if (users !== '') {
    const read = await readText(users, users);
    if ('problem' in read) throw new UserError('the file of users cannot be used', [read.problem]);
    return;
  }
  const { snapshot } = await readSnapshot(dir);
  if (snapshot.router.table.users === undefined) return;
  throw new UserError(`${dir}/ was built for users only: name their file with --users`);
}

/** @throws {UserError} where no nginx runs in the folder, or it is another user's */
async function signal(root: string, name: NodeJS.Signals) {
  const pid = await needPid(root);
  try {
    process.kill(pid, name);
  } catch (error) {
    throw new UserError(
      `nginx, process ${pid}, does not accept a signal from this user (${errorCode(error)}): run this as the user that started it`,
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

/** The first signal lets nginx finish the requests in flight, the second ends it. */
function forwardSignals(send: (signal: NodeJS.Signals) => void) {
  let isFirst = true;
  const forward = () => {
    send(isFirst ? 'SIGQUIT' : 'SIGTERM');
    isFirst = false;
  };
  process.on('SIGINT', forward);
  process.on('SIGTERM', forward);
}
