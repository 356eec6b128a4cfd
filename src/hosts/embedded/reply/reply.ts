/** A response that is not a file of the site: the router's, or an error of the server itself. */
export interface Reply {
  readonly status: number;
  /** Names and values in turn, without `Content-Length`. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** An error of the server itself, in the form the router gives to its own: `{"error": "…"}`. */
export function errorReply(status: number, message: string): Reply {
  return {
    status,
    headers: [
      'Content-Type',
      'application/json',
      'Cache-Control',
      'no-store',
      'Access-Control-Allow-Origin',
      '*',
      'X-Content-Type-Options',
      'nosniff',
    ],
    body: Buffer.from(`${JSON.stringify({ error: message })}\n`),
  };
}
