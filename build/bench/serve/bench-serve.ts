import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { formatTable } from '../../format-table.ts';
import { formatBytes } from '../../summarize.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { interleave } from '../interleave.ts';
import { ROOT } from '../run-process.ts';
import { SERVER_PLATFORMS, serverRequestTarget } from '../server-request.ts';
import { formatNumber, formatSpread, type Spread, spread, spreadOfRatios } from '../spread.ts';
import type { Load, LoadResult } from './load-generator.ts';
import { probe } from './probe.ts';
import { requestMix } from './request-mix.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';

const CONNECTIONS = 24;
const ROUND_MS = 700;
/** Before the first round, so that none is of code that is not compiled yet. */
const WARM_UP_MS = 200;

/** One kind of load, on the embedded server and on the bare one. */
interface LoadFigures {
  readonly name: string;
  /** Of an answer on the wire, on average. */
  readonly bodyBytes: number;
  /** Of all different answers on the wire: what the server has to keep in memory to be fast. */
  readonly distinctBytes: number;
  readonly requestsPerSecond: Spread;
  readonly bareRequestsPerSecond: Spread;
  /** Requests per second of the embedded server to those of the bare one. */
  readonly ratio: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly bareP99Ms: Spread;
}

interface ServeFigures {
  readonly catalog: BenchCatalog;
  /** Of the embedded server, after all loads. */
  readonly peakBytes: number | undefined;
  readonly loads: readonly LoadFigures[];
}

/** Measures the embedded server against a bare `node:http` server that sends as many bytes for each request. */
export async function benchServe(context: BenchContext): Promise<BenchReport> {
  const generator = fork(path.join(import.meta.dirname, 'load-generator.ts'), {
    cwd: ROOT,
    execArgv: ['--import', 'tsx'],
    signal: context.signal,
  });
  generator.on('error', () => {}); // aborted; whoever waits for an answer hears of it by the exit
  const servers: ServerProcess[] = [];
  const start = async (program: string, args: readonly string[]) => {
    const server = await startServerProcess(program, args, context.signal);
    servers.push(server);
    return server;
  };
  try {
    const bare = await start('build/bench/serve/bare-server.ts', []);
    const figures: ServeFigures[] = [];
    for (const catalog of context.catalogs) {
      context.say(`serve: ${catalog.name}`);
      const { dir } = await context.sites(catalog);
      const server = await start('build/serve.ts', ['--dir', dir, '--port', '0']);
      const send = (load: Load) => sendLoad(generator, load);
      figures.push(await measure(catalog, server, bare, send, context));
      await server.stop();
    }
    return { figures, text: figures.map(describe).join('') };
  } finally {
    generator.kill();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

async function measure(
  catalog: BenchCatalog,
  server: ServerProcess,
  bare: ServerProcess,
  send: (load: Load) => Promise<LoadResult>,
  { runs, sites }: BenchContext,
): Promise<ServeFigures> {
  const site = await sites(catalog);
  const hot = serverRequestTarget({
    serverVersion: '9.5.0',
    platform: SERVER_PLATFORMS[0],
    enterprise: true,
  });
  const mix = requestMix(site.pluginIds);
  const loads: LoadFigures[] = [];
  for (const [name, targets, acceptsGzip] of [
    ['mix, gzip', mix, true],
    ['one list, gzip', [hot], true],
    ['mix, plain', mix, false],
    ['one list, plain', [hot], false],
  ] as const) {
    const { requests, distinctBytes } = await probe(server.url, targets, acceptsGzip, site);
    const load = { requests, acceptsGzip, connections: CONNECTIONS };
    const bareRequests = requests.map(({ bodyBytes }) => ({ target: `/${bodyBytes}`, bodyBytes }));
    const embedded = (durationMs: number) => () => send({ ...load, durationMs, url: server.url });
    const bareOnes = (durationMs: number) => () =>
      send({ ...load, durationMs, url: bare.url, requests: bareRequests });
    await interleave(1, { embedded: embedded(WARM_UP_MS), bare: bareOnes(WARM_UP_MS) });
    const results = await interleave(runs, {
      embedded: embedded(ROUND_MS),
      bare: bareOnes(ROUND_MS),
    });
    loads.push({
      name,
      bodyBytes: requests.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0) / requests.length,
      distinctBytes,
      ...compareResults(results.embedded, results.bare),
    });
  }
  return { catalog, peakBytes: server.peakMemory(), loads };
}

function compareResults(embedded: readonly LoadResult[], bare: readonly LoadResult[]) {
  const each = (results: readonly LoadResult[], key: keyof LoadResult) =>
    results.map((result) => result[key]);
  return {
    requestsPerSecond: spread(each(embedded, 'requestsPerSecond')),
    bareRequestsPerSecond: spread(each(bare, 'requestsPerSecond')),
    ratio: spreadOfRatios(each(embedded, 'requestsPerSecond'), each(bare, 'requestsPerSecond')),
    p50Ms: spread(each(embedded, 'p50Ms')),
    p99Ms: spread(each(embedded, 'p99Ms')),
    bareP99Ms: spread(each(bare, 'p99Ms')),
  };
}

/** @throws {Error} where an answer was not as expected, or the generator ends */
async function sendLoad(generator: ChildProcess, load: Load): Promise<LoadResult> {
  const waiting = new AbortController();
  generator.send(load);
  const answered = once(generator, 'message', { signal: waiting.signal });
  const ended = once(generator, 'exit', { signal: waiting.signal });
  try {
    const [answer]: (LoadResult | { error: string })[] = await Promise.race([
      answered,
      ended.then(() => [{ error: 'the load generator ended' }]),
    ]);
    if (answer === undefined || 'error' in answer) throw new Error(answer?.error);
    return answer;
  } finally {
    Promise.allSettled([answered, ended]);
    waiting.abort();
  }
}

function describe({ catalog, peakBytes, loads }: ServeFigures): string {
  const rows = loads.map((load) => ({
    requests: load.name,
    'each of': formatBytes(load.bodyBytes),
    'all different': formatBytes(load.distinctBytes),
    'a second': formatNumber(load.requestsPerSecond.median),
    'to the bare server': formatSpread(load.ratio),
    'p50 ms': formatNumber(load.p50Ms.median),
    'p99 ms': formatNumber(load.p99Ms.median),
    'bare p99 ms': formatNumber(load.bareP99Ms.median),
  }));
  const memory = peakBytes === undefined ? '' : `, up to ${formatBytes(peakBytes)} of memory`;
  return `serve: ${catalog.name}, ${CONNECTIONS} connections${memory}\n${formatTable(rows)}`;
}
