import { constants } from 'node:os';
import {
  type RunningServer,
  type ServerOptions,
  startServer,
} from '../../src/hosts/embedded/start-server.ts';
import type { ServeSettings } from '../../src/settings/serve-settings.ts';
import { type CommandContext, locate } from '../cli/command.ts';

/** The settings that the embedded server obeys. */
export const EMBEDDED = [
  'dir',
  'users',
  'bundles',
  'host',
  'port',
  'log',
  'maxConnections',
  'maxUnreadBytes',
] as const;

/** The options of `serveUntilSignal`. */
export interface ServeOptions
  extends Pick<ServeSettings, (typeof EMBEDDED)[number]>,
    Pick<ServerOptions, 'recover'> {
  /** Called once the server answers, such as to start watching for changes. */
  readonly onReady?: (server: RunningServer) => void;
}

/** Ctrl-C reaches this process from the terminal, and again from npm and tsx. */
const sameSignalMs = 250;

/**
 * Serves a build until SIGINT or SIGTERM, then answers the requests in flight and resolves. A
 * second signal exits at once.
 *
 * @throws {UserError} if there is no build, no pack of bundles, or the port is not available
 */
export async function serveUntilSignal(
  options: ServeOptions,
  context: CommandContext,
): Promise<void> {
  const { host, port, log, maxConnections, maxUnreadBytes, recover, onReady } = options;
  const { print, report } = context;
  const dir = locate(options.dir, context);
  const bundles = options.bundles === '' ? undefined : locate(options.bundles, context);
  const server = await startServer({
    isPrivate: options.users !== '',
    ...{ dir, host, port, maxConnections, maxUnreadBytes },
    bundles,
    ...(recover ? { recover } : {}),
    ...(log ? { log: report } : {}),
    report,
  });
  const { first, ignore } = catchSignals();
  print(`Serving snapshot ${server.snapshotId} on ${server.url}\n`);
  onReady?.(server);

  const name = await first;
  const closed = server.close();
  report(`${name}: finishing requests in flight; another ${name} stops at once`);
  await closed;
  ignore();
}

/** The only other code that exits: a second signal means that the user does not want to wait. */
function catchSignals(): { first: Promise<NodeJS.Signals>; ignore: () => void } {
  let firstMs: number | undefined;
  let onSignal: (name: NodeJS.Signals) => void = () => {};
  const first = new Promise<NodeJS.Signals>((resolve) => {
    onSignal = (name) => {
      if (firstMs === undefined) {
        firstMs = performance.now();
        resolve(name);
      } else if (performance.now() - firstMs >= sameSignalMs) {
        process.exit(128 + constants.signals[name]);
      }
    };
  });
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const ignore = () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { first, ignore };
}
