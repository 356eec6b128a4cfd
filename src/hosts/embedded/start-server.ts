import { createServer } from 'node:http';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { MAX_LINE_BYTES, MAX_LINES } from '../../snapshot/header-limits.ts';
import type { Router } from '../../snapshot/table/make-router.ts';
import { Connections } from './connection/connections.ts';
import type { Exchange } from './connection/exchange.ts';
import { listen } from './connection/listen.ts';
import { refuseMalformed } from './connection/refuse-malformed.ts';
import { toRequestTarget } from './connection/to-request-target.ts';
import { UnreadBodies } from './connection/unread-bodies.ts';
import { LivePack } from './pack/live-pack.ts';
import { formatAccess } from './reply/format-access.ts';
import { type Responder, respond } from './reply/respond.ts';
import { ByteCache } from './site/byte-cache.ts';
import { LiveSite } from './site/live-site.ts';

/** What goes into `startServer`. */
export interface ServerOptions {
  /** The folder of a build. */
  readonly dir: string;
  /** The folder of a pack whose bundles are served under `/bundles/`. Default: none. */
  readonly bundles?: string | undefined;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Gets a line for each request. Default: no access log. */
  readonly log?: (line: string) => void;
  /** Gets a line for what an operator should know: new builds, refused builds, errors of ours. */
  readonly report?: (line: string) => void;
  /** What routes requests by a table. Default: our own router. */
  readonly route?: (table: RoutingTable) => Router;
  /** Brings back what a build that died had moved aside; called where the folder holds no build. */
  readonly recover?: () => Promise<void>;
  /** For bodies in memory, plain and gzip. Default: 128 MiB. */
  readonly cacheBytes?: number;
  /** For different bodies that clients have not read yet; beyond that the answer is 503. Default: 256 MiB. */
  readonly maxUnreadBytes?: number;
  /** Connections at a time; more are closed at once. Default: 1000. */
  readonly maxConnections?: number;
  /** Between two looks for a new build; 0: none. Default: 1000. */
  readonly pollMs?: number;
  /** How long `close` waits for requests in flight. Default: 10,000. */
  readonly closeLimitMs?: number;
  /** For a client to send its headers, and its whole request. Default: 10,000. */
  readonly requestLimitMs?: number;
}

/** A server that answers. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:8085`. */
  readonly url: string;
  /** Of the snapshot that is served now. */
  readonly snapshotId: string;
  /** Serves what is in the folder now, without dropping a request. @throws UserError */
  reload(): Promise<void>;
  /** Takes no more requests, and resolves when those in flight are answered. */
  close(): Promise<void>;
}

/** A client that takes nothing for so long is gone. */
const stalledMs = 60_000;

/**
 * Serves a build over HTTP: routes each request as the edges do, and sends the files it names.
 *
 * @throws UserError where there is no build, no pack of bundles, or the port cannot be had.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { dir, bundles, host, port, log, report = () => {}, requestLimitMs = 10_000 } = options;
  const pack = bundles === undefined ? undefined : await LivePack.open(bundles, report);
  const site = await LiveSite.open({
    dir,
    pollMs: options.pollMs ?? 1000,
    report,
    route: options.route,
    ...(options.recover ? { recover: options.recover } : {}),
  });
  const server = createServer({
    headersTimeout: requestLimitMs,
    requestTimeout: requestLimitMs,
    connectionsCheckingInterval: Math.min(1000, requestLimitMs),
    requireHostHeader: false, // `findFault` refuses its absence in JSON
    maxHeaderSize: MAX_LINES * MAX_LINE_BYTES,
  });
  server.timeout = stalledMs;
  server.maxConnections = options.maxConnections ?? 1000;
  const connections = new Connections(server);
  const responder: Responder = {
    site,
    pack,
    bodies: new ByteCache(options.cacheBytes ?? 128 * 1024 * 1024),
    unread: new UnreadBodies(options.maxUnreadBytes ?? 256 * 1024 * 1024),
    isLast: ({ req }) => connections.isLast(req.socket),
    report,
  };

  server.on('request', (request, response) => {
    const target = toRequestTarget(request.url ?? '/');
    const exchange = { request, response, target, renewals: 0, bodyBytes: 0, path: undefined };
    if (!connections.begin(request.socket, request, response)) return;
    if (log !== undefined) logWhenDone(exchange, log);
    respond(responder, exchange);
  });
  refuseMalformed(server, connections, (address, status, bodyBytes) => {
    const unknown = { method: '-', target: '-', path: undefined, durationMs: 0 };
    log?.(formatAccess({ ...unknown, at: new Date(), address, status, bodyBytes }));
  });

  try {
    const url = await listen(server, host, port);
    return {
      url,
      get snapshotId() {
        return site.current.id;
      },
      reload: () => site.reload(),
      close: () => {
        site.close();
        return connections.drain(options.closeLimitMs ?? 10_000);
      },
    };
  } catch (error) {
    site.close();
    throw error;
  }
}

function logWhenDone(exchange: Exchange, log: (line: string) => void): void {
  const { request, response, target } = exchange;
  const address = request.socket.remoteAddress;
  const startMs = performance.now();
  let isSent = false;
  // Node says 'finish' when the client has left, too; then the socket is gone. Its own listener,
  // which may end the connection, comes after this one.
  response.prependOnceListener('finish', () => {
    isSent = !request.socket.destroyed;
  });
  response.once('close', () => {
    log(
      formatAccess({
        at: new Date(),
        address,
        method: request.method ?? '-',
        target,
        status: response.statusCode,
        bodyBytes: isSent ? exchange.bodyBytes : undefined,
        durationMs: performance.now() - startMs,
        path: exchange.path,
      }),
    );
  });
}
