import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { skipWithoutNginx } from '../../../test/engines/edges/nginx-edge.ts';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { serveChart } from '../charts/serve-chart.ts';
import { cpuSeconds } from '../measure/cpu-time.ts';
import { interleave } from '../measure/interleave.ts';
import { formatNumber, formatSpread, spread, spreadOfRatios } from '../measure/spread.ts';
import { startBenchNginx } from './bench-nginx.ts';
import { pathsOf, probe } from './probe.ts';
import { requestMix } from './request-mix.ts';
import { type LoadFigures, SERVERS, type ServeFigures, type ServerName } from './serve-figures.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { type LoadResult, runWrk, skipWithoutWrk } from './wrk.ts';

const CONNECTIONS = 16;
const ROUND_SECONDS = 2;

/** Which servers are to be how many times as fast as which. */
const TARGETS = [
  { server: 'nginx', to: 'files', target: 0.6 },
  { server: 'nginx', to: 'dynamic', target: 8 },
  { server: 'embedded', to: 'dynamic', target: 2 },
] as const;

const NAMES: Readonly<Record<ServerName, string>> = {
  files: 'nginx, plain files',
  nginx: 'nginx with the router',
  embedded: 'embedded server',
  dynamic: 'dynamic yardstick',
};

/** A server, and what it is asked. */
interface Contestant {
  readonly url: string;
  readonly pid: number;
  readonly targets: readonly string[];
}

/** One round. */
interface Round extends LoadResult {
  readonly cpuMicroseconds: number;
}

/** Measures what serves a build against plain files and against a server that works out each answer. */
export async function benchServe(context: BenchContext): Promise<BenchReport> {
  const reason = skipWithoutNginx || skipWithoutWrk;
  if (reason)
    return { figures: { unmeasured: reason }, text: `serve is not measured: ${reason}\n` };
  const figures: ServeFigures[] = [];
  for (const catalog of context.catalogs) {
    context.say(`serve: ${catalog.name}`);
    figures.push({ catalog, loads: await measure(catalog, context) });
  }
  if (context.chart !== undefined) await writeFile(context.chart, serveChart(figures));
  return { figures, text: figures.map(describe).join('') };
}

async function measure(catalog: BenchCatalog, context: BenchContext): Promise<LoadFigures[]> {
  const { runs, sites, signal, workDir } = context;
  const site = await sites(catalog);
  const mix = requestMix(site.pluginIds);
  const paths = pathsOf(site, mix);
  const running: Pick<ServerProcess, 'stop'>[] = [];
  const started = <Server extends Pick<ServerProcess, 'stop'>>(server: Server) => {
    running.push(server);
    return server;
  };
  try {
    const nginx = started(await startBenchNginx(site.dir));
    const program = async (name: string, args: readonly string[]) =>
      started(await startServerProcess(name, args, signal));
    const servers: Record<ServerName, Contestant> = {
      files: { ...nginx, targets: paths },
      nginx: { ...nginx, targets: mix },
      embedded: {
        ...(await program('build/serve/serve.ts', ['--dir', site.dir, '--port', '0'])),
        targets: mix,
      },
      dynamic: {
        ...(await program('build/bench/serve/dynamic-server.ts', [catalog.file])),
        targets: mix,
      },
    };
    const loads: LoadFigures[] = [];
    for (const acceptsGzip of [true, false]) {
      for (const name of SERVERS) {
        await probe(servers[name].url, servers[name].targets, paths, acceptsGzip, site);
      }
      const round = (name: ServerName) => async (): Promise<Round> => {
        const { url, targets, pid } = servers[name];
        const before = cpuSeconds(pid);
        const load = {
          url,
          targets,
          acceptsGzip,
          connections: CONNECTIONS,
          seconds: ROUND_SECONDS,
        };
        const result = await runWrk(load, path.join(workDir, 'load.lua'), signal);
        const cpuMicroseconds = ((cpuSeconds(pid) - before) * 1e6) / result.requests;
        return { ...result, cpuMicroseconds };
      };
      const rounds = await interleave(runs, {
        files: round('files'),
        nginx: round('nginx'),
        embedded: round('embedded'),
        dynamic: round('dynamic'),
      });
      loads.push(compare(acceptsGzip, rounds));
    }
    return loads;
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

function compare(acceptsGzip: boolean, rounds: Readonly<Record<ServerName, Round[]>>): LoadFigures {
  const each = (name: ServerName, key: keyof Round) => rounds[name].map((round) => round[key]);
  const figuresOf = (name: ServerName) => ({
    requestsPerSecond: spread(each(name, 'requestsPerSecond')),
    p50Ms: spread(each(name, 'p50Ms')),
    p99Ms: spread(each(name, 'p99Ms')),
    cpuMicroseconds: spread(each(name, 'cpuMicroseconds')),
    bytes: spread(rounds[name].map(({ bytes, requests }) => bytes / requests)).median,
  });
  return {
    acceptsGzip,
    servers: {
      files: figuresOf('files'),
      nginx: figuresOf('nginx'),
      embedded: figuresOf('embedded'),
      dynamic: figuresOf('dynamic'),
    },
    ratios: TARGETS.map(({ server, to, target }) => ({
      server,
      to,
      target,
      throughput: spreadOfRatios(each(server, 'requestsPerSecond'), each(to, 'requestsPerSecond')),
      requestsPerCpu: spreadOfRatios(each(to, 'cpuMicroseconds'), each(server, 'cpuMicroseconds')),
    })),
  };
}

function describe({ catalog, loads }: ServeFigures): string {
  return loads
    .map(({ acceptsGzip, servers, ratios }) => {
      const rows = SERVERS.map((name) => ({
        server: NAMES[name],
        'a second': formatSpread(servers[name].requestsPerSecond),
        'CPU µs': formatSpread(servers[name].cpuMicroseconds),
        'p50 ms': formatNumber(servers[name].p50Ms.median),
        'p99 ms': formatNumber(servers[name].p99Ms.median),
        'each of': formatBytes(servers[name].bytes),
      }));
      const verdicts = ratios.map(({ server, to, target, throughput, requestsPerCpu }) => ({
        ratio: `${NAMES[server]} to ${NAMES[to]}`,
        'requests a second': formatSpread(throughput),
        'requests by CPU time': formatSpread(requestsPerCpu),
        target: `${target}${throughput.median < target ? ' (missed)' : ''}`,
      }));
      const title = `serve: ${catalog.name}, ${acceptsGzip ? 'with' : 'without'} gzip, ${CONNECTIONS} connections`;
      return `${title}\n${formatTable(rows)}${formatTable(verdicts)}`;
    })
    .join('');
}
