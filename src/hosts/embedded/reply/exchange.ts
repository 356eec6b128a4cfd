import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connections } from '../connection/connections.ts';
import { toRequestTarget } from '../connection/to-request-target.ts';

/** The answer to a request. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body?: Buffer;
}

/** A request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** How often the site was renewed because a file was gone. */
  renewals = 0;
  /** The file that is sent, for the access log. */
  path: string | undefined;
  /** The size of the body sent, for the access log. */
  bodyBytes = 0;
  readonly #connections: Connections;

  constructor(request: IncomingMessage, response: ServerResponse, connections: Connections) {
    this.request = request;
    this.response = response;
    this.#connections = connections;
  }

  /** Path and query as sent, in ASCII. */
  get target(): string {
    return toRequestTarget(this.request.url ?? '/');
  }

  /** Whether some of what was sent, here or before on the connection, waits for the client to read. */
  get isWaiting(): boolean {
    return this.response.socket === null || this.request.socket.writableLength > 0;
  }

  /** Calls back once, when the response is out or its client gone. */
  whenDone(callback: () => void): void {
    this.#connections.whenDone(this.request, this.response, callback);
  }

  /** Ends the connection where the client reads nothing of what waits for it. */
  limitWait(): void {
    this.#connections.limitWait(this.request.socket);
  }

  /** Sends status and headers, for a body that follows. */
  sendHead(status: number, headers: readonly string[]): void {
    // The bytes after a request with another method may be a body of unknown length.
    const isLast =
      status === 405 || status === 401 || this.#connections.isLast(this.request.socket);
    // Node only reads the array, but its type does not say so.
    const sent = isLast ? [...headers, 'Connection', 'close'] : (headers as string[]);
    this.response.writeHead(status, sent);
  }

  send({ status, headers, body }: Reply): void {
    this.sendHead(status, headers);
    if (body === undefined || this.request.method === 'HEAD') {
      this.response.end();
    } else {
      this.bodyBytes = body.length;
      this.response.end(body);
    }
    if (this.isWaiting) this.limitWait();
  }
}

/** An error of the server itself, in the form of the router's errors: `{"error": "…"}`. */
export function errorReply(status: number, message: string, ...headers: string[]) {
  const body = Buffer.from(`${JSON.stringify({ error: message })}\n`);
  return {
    status,
    headers: [
      ...['Content-Type', 'application/json', 'Cache-Control', 'no-store'],
      ...['Access-Control-Allow-Origin', '*', 'X-Content-Type-Options', 'nosniff'],
      ...['Content-Length', String(body.length), ...headers],
    ],
    body,
  } satisfies Reply;
}
