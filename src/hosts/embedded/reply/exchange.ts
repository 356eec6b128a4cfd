import type { IncomingMessage, ServerResponse } from 'node:http';
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
  /** The body that counts as unread until the response is closed. */
  unread: Buffer | undefined;
  readonly #isLast: () => boolean;

  /** @param isLast whether an answer sent now is the last on its connection */
  constructor(request: IncomingMessage, response: ServerResponse, isLast: () => boolean) {
    this.request = request;
    this.response = response;
    this.#isLast = isLast;
  }

  /** Path and query as sent, in ASCII. */
  get target(): string {
    return toRequestTarget(this.request.url ?? '/');
  }

  /** Sends status and headers, for a body that follows. */
  sendHead(status: number, headers: readonly string[]): void {
    // The bytes after a request with another method may be a body of unknown length.
    const isLast = status === 405 || status === 401 || this.#isLast();
    // Node takes what it only reads for what it might change.
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
