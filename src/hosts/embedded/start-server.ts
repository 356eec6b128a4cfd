import { createServer, type RequestListener, type Server } from 'node:http';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { Router } from '../../snapshot/table/make-router.ts';
import { MAX_LINE_BYTES, MAX_LINES } from '../header-limits.ts';
import { formatAccess, logWhenDone } from './connection/access-log.ts';
import { Connections } from './connection/connections.ts';
import { listen } from './connection/listen.ts';
import { refuseMalformed } from './connection/malformed.ts';
import { ByteCache, UnreadBodies } from './reply/bodies.ts';
import { LivePack } from './reply/bundles.ts';
import { Exchange } from './reply/exchange.ts';
import { type Responder, respond } from './reply/respond.ts';
import { LiveSite } from './site/live-site.ts';

/** The options of `startServer`. */
export interface ServerOptions {
  /** The folder of a build. */
  readonly dir: string;
  /** Whether a build that answers everybody is refused. Default: not. */
  readonly isPrivate?: boolean;
  /** The folder of a pack whose bundles are served under `/bundles/`. Default: none. */
  readonly bundles?: string | undefined;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Gets a line for each request. Default: no access log. */
  readonly log?: (line: string) => void;
  /** Gets a line about new builds, refused builds and errors of ours. */
  readonly report?: (line: string) => void;
  /** Makes the router of a table. Default: our own. */
  readonly route?: (table: RoutingTable) => Router;
  /** Restores the build that a process which died had moved aside; called if the folder has no build. */
  readonly recover?: () => Promise<void>;
  /** Memory for bodies, plain and gzip. Default: 128 MiB. */
  readonly cacheBytes?: number;
  /** Memory for bodies that clients have not read yet; beyond it the answer is 503. Default: 256 MiB. */
  readonly maxUnreadBytes?: number;
  /** The most connections; more are closed at once. Default: 1000. */
  readonly maxConnections?: number;
  /** How often to look for a new build; 0: never. Default: 1000. */
  readonly pollMs?: number;
  /** How long `close` waits for requests in flight. Default: 10,000. */
  readonly closeLimitMs?: number;
  /** How long a client may take to send its request. Default: 10,000. */
  readonly requestLimitMs?: number;
  /** How long a client may read nothing of what waits for it. Default: 60,000. */
  readonly waitLimitMs?: number;
}

export interface RunningServer {
  /** Such as `http://127.0.0.1:8085`. */
  readonly url: string;
  /** The id of the current snapshot. */
  readonly snapshotId: string;
  /** Loads the build that is in the folder now, without dropping a request. @throws UserError */
  reload(): Promise<void>;
  /** Accepts no more requests, and resolves when those in flight are answered. */
  close(): Promise<void>;
}

const DEFAULTS = {
  report: () => {},
  cacheBytes: 128 * 1024 * 1024,
  maxUnreadBytes: 256 * 1024 * 1024,
  maxConnections: 1000,
  pollMs: 1000,
  closeLimitMs: 10_000,
  requestLimitMs: 10_000,
  waitLimitMs: 60_000,
};

/**
 * Serves a build over HTTP: routes each request as the edges do, and sends the files it names.
 *
 * @throws {UserError} if there is no build, no pack of bundles, or the port is not available
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const settings = { ...DEFAULTS, ...options };
  const { bundles, host, port, log, report } = settings;
  const pack = bundles === undefined ? undefined : await LivePack.open(bundles, report);
  const site = await LiveSite.open(settings);
  const server = createLimitedServer(settings);
  const connections = new Connections(server, settings.waitLimitMs);
  const responder: Responder = {
    site,
    pack,
    bodies: new ByteCache(settings.cacheBytes),
    unread: new UnreadBodies(settings.maxUnreadBytes),
    report,
  };
  const onRequest: RequestListener = (request, response) => {
    if (!connections.begin(request, response)) return;
    const exchange = new Exchange(request, response, connections);
    if (log !== undefined) logWhenDone(exchange, log);
    respond(responder, exchange);
  };
  server.on('request', onRequest);
  // Node would answer 417 by itself, to a client that may read nothing of it. nginx does not look at what is expected, either.
  server.on('checkExpectation', onRequest);
  refuseMalformed(server, connections, (refused) => log?.(formatAccess(refused)));

  const url = await listen(server, host, port).catch((error: unknown) => {
    site.close();
    throw error;
  });
  return {
    url,
    get snapshotId() {
      return site.current.id;
    },
    reload: () => site.reload(),
    close: () => {
      site.close();
      return connections.drain(settings.closeLimitMs);
    },
  };
}

function createLimitedServer(limits: { requestLimitMs: number; maxConnections: number }): Server {
  const { requestLimitMs, maxConnections } = limits;
  const server = createServer({
    headersTimeout: requestLimitMs,
    requestTimeout: requestLimitMs,
    connectionsCheckingInterval: Math.min(1000, requestLimitMs),
    requireHostHeader: false, // `findFault` refuses its absence in JSON
    maxHeaderSize: MAX_LINES * MAX_LINE_BYTES,
  });
  server.maxConnections = maxConnections;
  return server;
}
