import type { Exchange } from '../reply/exchange.ts';

/** A request as the access log shows it; what is missing is unknown. */
interface Access {
  readonly address: string | undefined;
  readonly method?: string | undefined;
  /** The target as sent, in printable ASCII. */
  readonly target?: string;
  readonly status: number;
  /** The size of the body; undefined if the client left before it had all of it. */
  readonly bodyBytes: number | undefined;
  readonly durationMs?: number;
  /** The file that was served. */
  readonly path?: string | undefined;
}

/**
 * A line of the access log, with `-` for what is unknown:
 * `2024-10-01T12:00:00.000Z 127.0.0.1 GET /api/v1/labels 200 912 0.4 snapshots/…/labels.json`
 */
export function formatAccess(access: Access, at = new Date()): string {
  return [
    at.toISOString(),
    access.address ?? '-',
    access.method ?? '-',
    access.target ?? '-',
    access.status,
    access.bodyBytes ?? '-',
    (access.durationMs ?? 0).toFixed(1),
    access.path ?? '-',
  ].join(' ');
}

/** Logs a request once it is answered or its client gone. */
export function logWhenDone(exchange: Exchange, log: (line: string) => void): void {
  const { request, response, target } = exchange;
  const address = request.socket.remoteAddress;
  const startMs = performance.now();
  let isSent = false;
  // Node also emits 'finish' when the client has left; then the socket is gone. This listener must run before Node's own,
  // which may end the connection.
  response.prependOnceListener('finish', () => {
    isSent = !request.socket.destroyed;
  });
  exchange.whenDone(() => {
    const line = formatAccess({
      address,
      method: request.method,
      target,
      status: response.statusCode,
      bodyBytes: isSent ? exchange.bodyBytes : undefined,
      durationMs: performance.now() - startMs,
      path: exchange.path,
    });
    log(line);
  });
}
