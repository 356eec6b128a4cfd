import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { runProcess } from '../measure/processes.ts';

/** Requests to send over and over, in this order. */
export interface Load {
  /** The URL of the server, such as `http://127.0.0.1:8085`. */
  readonly url: string;
  /** Paths and queries as sent. */
  readonly targets: readonly string[];
  readonly acceptsGzip: boolean;
  /** Each kept open, with one request at a time. */
  readonly connections: number;
  /** Whole ones. */
  readonly seconds: number;
}

/** Why no load can be made; false where it can. wrk takes some 5 µs a request; a generator in Node would be the bottleneck. */
export const skipWithoutWrk =
  spawnSync('wrk', ['--version']).error !== undefined && 'needs wrk: apt-get install wrk';

/**
 * Sends a load with wrk, in one thread.
 *
 * @param script a file that may be written
 * @throws {Error} where a request is not answered, or with an error
 */
export async function runWrk(load: Load, script: string, signal: AbortSignal) {
  const { url, connections, seconds } = load;
  await writeFile(script, wrkScript(load));
  const options = `--threads 1 --connections ${connections} --duration ${seconds}s --script`;
  const { stdout } = await runProcess('wrk', [...options.split(' '), script, url], signal);
  return readResult(stdout);
}

/** For wrk: builds every request before the first is sent, and prints the results as a line of JSON. */
export function wrkScript({ targets, acceptsGzip }: Pick<Load, 'targets' | 'acceptsGzip'>): string {
  const encoding = acceptsGzip ? '["Accept-Encoding"] = "gzip", ' : '';
  return `local targets = {
${targets.map((target) => `  ${JSON.stringify(target)},\n`).join('')}}
local requests = {}
local sent = 0
function init()
  for i, target in ipairs(targets) do
    requests[i] = wrk.format("GET", target, { ${encoding}["User-Agent"] = "Go-http-client/1.1" })
  end
end
function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"micros":%d,"bytes":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
`;
}

/**
 * The result of a load; `bytes` counts answers including their heads.
 *
 * @throws {Error} if an answer is an error, or there was none
 */
export function readResult(output: string) {
  const { requests, micros, bytes, p50, p99, refused, broken } = JSON.parse(
    /^\{.*\}$/m.exec(output)?.[0] ?? '{}',
  );
  if (!requests || refused !== 0 || broken !== 0)
    throw new Error(`wrk was not answered:\n${output}`);
  return {
    requests,
    requestsPerSecond: requests / (micros / 1e6),
    bytes,
    p50Ms: p50 / 1000,
    p99Ms: p99 / 1000,
  };
}
