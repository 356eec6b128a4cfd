import type { IncomingMessage, ServerResponse } from 'node:http';

/** The answer to a request. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn, without `Content-Length`. */
  readonly headers: readonly string[];
  readonly body?: Buffer;
}

/** A request and its answer. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as sent, in ASCII. */
  readonly target: string;
  /** How often the site was renewed because a file was gone. */
  renewals = 0;
  /** The file that is sent, for the access log. */
  path: string | undefined;
  /** The size of the body sent, for the access log. */
  bodyBytes = 0;
  readonly #isLast: () => boolean;

  /** @param isLast whether an answer sent now is the last on its connection */
  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    target: string,
    isLast: () => boolean,
  ) {
    this.request = request;
    this.response = response;
    this.target = target;
    this.#isLast = isLast;
  }

  /** Sends status and headers, for a body that follows. */
  sendHead(status: number, headers: readonly string[]): void {
    // The bytes after a request with another method may be a body of unknown length.
    const isLast = status === 405 || this.#isLast();
    this.response.writeHead(status, isLast ? [...headers, 'Connection', 'close'] : [...headers]);
  }

  send({ status, headers, body }: Reply): void {
    if (body === undefined || status === 204 || status === 304) {
      this.sendHead(status, headers);
      this.response.end();
      return;
    }
    this.sendHead(status, [...headers, 'Content-Length', String(body.length)]);
    if (this.request.method === 'HEAD') {
      this.response.end();
    } else {
      this.bodyBytes = body.length;
      this.response.end(body);
    }
  }
}

/** An error of the server itself, in the form of the router's errors: `{"error": "…"}`. */
export function errorReply(status: number, message: string, ...headers: string[]) {
  return {
    status,
    headers: [
      ...['Content-Type', 'application/json', 'Cache-Control', 'no-store'],
      ...['Access-Control-Allow-Origin', '*', 'X-Content-Type-Options', 'nosniff'],
      ...headers,
    ],
    body: Buffer.from(`${JSON.stringify({ error: message })}\n`),
  } satisfies Reply;
}
