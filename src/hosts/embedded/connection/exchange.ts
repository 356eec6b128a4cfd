import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request on its way to its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as sent, in ASCII. */
  readonly target: string;
  /** How often the site was renewed because a file was gone. */
  renewals: number;
  /** For the access log. */
  bodyBytes: number;
  path: string | undefined;
}
