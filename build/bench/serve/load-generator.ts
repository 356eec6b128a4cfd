import { type ExpectedExchange, exchangeAll } from './keep-alive-client.ts';

/** What to send. */
export interface Load {
  /** Such as `http://127.0.0.1:8085`. */
  readonly url: string;
  readonly requests: readonly LoadRequest[];
  readonly acceptsGzip: boolean;
  readonly connections: number;
  readonly durationMs: number;
}

/** A request, and the size of the answer to expect. */
export interface LoadRequest {
  /** Path and query as sent. */
  readonly target: string;
  /** As it comes over the wire. */
  readonly bodyBytes: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

// A program that its parent forks: takes one `Load` message after the other and answers each with a `LoadResult`, or with
// `{ error }`. Its own process, so that the server has a processor to itself where there are two.
process.on('message', (load: Load) => {
  generate(load).then(
    (result) => process.send?.(result),
    (error) => process.send?.({ error: String(error) }),
  );
});

async function generate(load: Load): Promise<LoadResult> {
  const { hostname, port } = new URL(load.url);
  const encoding = load.acceptsGzip ? 'Accept-Encoding: gzip\r\n' : '';
  const exchanges: ExpectedExchange[] = load.requests.map(({ target, bodyBytes }) => ({
    request: Buffer.from(
      `GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: Go-http-client/1.1\r\n${encoding}\r\n`,
    ),
    bodyBytes,
  }));
  const started = performance.now();
  let sent = 0;
  const next = () => {
    if (performance.now() - started > load.durationMs) return undefined;
    return exchanges[sent++ % exchanges.length];
  };
  const results = await Promise.all(
    Array.from({ length: load.connections }, () => exchangeAll(hostname, Number(port), next)),
  );
  const seconds = (performance.now() - started) / 1000;
  const latenciesMs = results.flatMap((result) => result.latenciesMs).sort((a, b) => a - b);
  const percentile = (share: number) => latenciesMs[Math.floor(share * latenciesMs.length)] ?? 0;
  return {
    requestsPerSecond: latenciesMs.length / seconds,
    bytesPerSecond: results.reduce((sum, { bytes }) => sum + bytes, 0) / seconds,
    p50Ms: percentile(0.5),
    p99Ms: percentile(0.99),
  };
}
