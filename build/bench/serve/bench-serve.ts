import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../../../src/lib/digests.ts';
import { makeRouter } from '../../../src/snapshot/table/make-router.ts';
import { skipWithoutNginx, startNginx } from '../../../test/engines/nginx.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from '../benchmark.ts';
import type { BenchCatalog, Build } from '../inputs/builds.ts';
import { requestMix } from '../inputs/server-requests.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { cpuSeconds, startServerProcess } from '../measure/processes.ts';
import { runWrk, skipWithoutWrk } from './wrk.ts';

const CONNECTIONS = 16;
const ROUND_SECONDS = 2;

/** The servers measured; the last two are yardsticks. */
const SERVERS = {
  nginx: 'nginx with the router',
  embedded: 'embedded server',
  files: 'nginx, plain files',
  dynamic: 'dynamic yardstick',
} as const;

type ServerName = keyof typeof SERVERS;

/** Which servers must be how many times as fast as which. */
const TARGETS = [
  { server: 'nginx', yardstick: 'files', target: 0.6 },
  { server: 'nginx', yardstick: 'dynamic', target: 8 },
  { server: 'embedded', yardstick: 'dynamic', target: 2 },
] as const;

/** A server, and the requests to it. */
interface Contestant {
  readonly url: string;
  readonly pid: number;
  readonly targets: readonly string[];
}

/** The figures of each server, in the order of the rounds. */
type Rounds = Readonly<Record<ServerName, Awaited<ReturnType<typeof runRound>>[]>>;

/** Measures what serves a build against plain files and against a server that works out each answer. */
export async function benchServe(context: BenchContext): Promise<BenchReport> {
  const reason = skipWithoutNginx || skipWithoutWrk;
  if (reason) return { tables: {}, notes: [`serve is not measured: ${reason}`] };
  const tables = await measureCatalogs(context, 'serve', async (catalog) => {
    const { gzip, plain } = await measure(catalog, context);
    return {
      'with gzip': describeServers(gzip),
      'with gzip, ratios': describeRatios(gzip),
      'without gzip': describeServers(plain),
      'without gzip, ratios': describeRatios(plain),
    };
  });
  return { tables, notes: [`${CONNECTIONS} connections, rounds of ${ROUND_SECONDS} s`] };
}

async function measure(catalog: BenchCatalog, { runs, buildOf, signal, workDir }: BenchContext) {
  const build = await buildOf(catalog);
  const mix = requestMix(build.pluginIds);
  const paths = pathsOf(build, mix);
  const running: { stop: () => Promise<void> }[] = [];
  try {
    const nginx = await startBenchNginx(build.dir);
    running.push(nginx);
    const start = async (program: string, args: readonly string[]) => {
      const server = await startServerProcess(program, args, signal);
      running.push(server);
      return { ...server, targets: mix };
    };
    const servers: Record<ServerName, Contestant> = {
      nginx: { ...nginx, targets: mix },
      embedded: await start('build/serve/serve.ts', ['--dir', build.dir, '--port', '0']),
      files: { ...nginx, targets: paths },
      dynamic: await start('build/bench/serve/dynamic-server.ts', [catalog.file]),
    };
    const measureWith = async (acceptsGzip: boolean) => {
      for (const server of Object.values(servers)) await probe(server, paths, acceptsGzip, build);
      const script = path.join(workDir, 'load.lua');
      const round = (name: ServerName) => () =>
        runRound(servers[name], acceptsGzip, script, signal);
      return await interleave(runs, {
        nginx: round('nginx'),
        embedded: round('embedded'),
        files: round('files'),
        dynamic: round('dynamic'),
      });
    };
    return { gzip: await measureWith(true), plain: await measureWith(false) };
  } finally {
    await Promise.all(running.map((server) => server.stop()));
  }
}

/** The path at which the files of a snapshot are served without the router. */
const PLAIN_FILES = `
    location /snapshots/ {
      root .;
      default_type application/json;
      gzip_static on;
    }
`;

/**
 * Starts an nginx as `npm run nginx` does, but with one worker, and with a yardstick beside the router: a request for
 * `/snapshots/…` gets that file as from any nginx. Being one process, both have the same machine to themselves.
 */
async function startBenchNginx(dir: string) {
  return await startNginx(dir, async (root) => {
    const file = path.join(root, 'nginx.conf');
    const config = await readFile(file, 'utf8');
    const changed = config
      .replace('worker_processes auto', 'worker_processes 1')
      .replace(/(?=\n {4}location \/ \{)/, PLAIN_FILES);
    await writeFile(file, changed);
  });
}

/** The files that answer requests, as the router names them: one for each target. */
function pathsOf({ snapshot }: Build, targets: readonly string[]): string[] {
  const ask = makeRouter(snapshot.router.table);
  return targets.map((target) => {
    const routed = ask('GET', target);
    assert.ok('path' in routed, `${target} is answered by no file`);
    return routed.path;
  });
}

/**
 * Asks a server for each target once: its answers have to be the files of the build, byte for byte. That also brings them
 * into the server's memory, where it keeps them there.
 *
 * @param paths of the files, one for each target
 * @throws {AssertionError} where an answer differs: it makes no sense to measure what is wrong
 */
async function probe(
  { url, targets }: Contestant,
  paths: readonly string[],
  acceptsGzip: boolean,
  { snapshot }: Build,
): Promise<void> {
  const digests = new Map(snapshot.files.map((file) => [`/${file.path}`, file.sha256]));
  const expected = new Map(targets.map((target, i) => [target, paths[i] as string]));
  const headers = { 'accept-encoding': acceptsGzip ? 'gzip' : 'identity' };
  for (const [target, path] of expected) {
    const response = await fetch(url + target, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, target);
    assert.equal(digestOf(body), digests.get(path), `${target} is answered as ${path}`);
  }
}

async function runRound(
  { url, targets, pid }: Contestant,
  acceptsGzip: boolean,
  script: string,
  signal: AbortSignal,
) {
  const before = cpuSeconds(pid);
  const load = { url, targets, acceptsGzip, connections: CONNECTIONS, seconds: ROUND_SECONDS };
  const result = await runWrk(load, script, signal);
  const cpuMicroseconds = ((cpuSeconds(pid) - before) * 1e6) / result.requests;
  return { ...result, cpuMicroseconds };
}

function describeServers(rounds: Rounds) {
  return Object.entries(rounds).map(([name, figures]) => ({
    server: SERVERS[name as ServerName],
    'a second': spread(figures.map((each) => each.requestsPerSecond)),
    'cpu µs': spread(figures.map((each) => each.cpuMicroseconds)),
    p50Ms: spread(figures.map((each) => each.p50Ms)),
    p99Ms: spread(figures.map((each) => each.p99Ms)),
    answerBytes: spread(figures.map(({ bytes, requests }) => bytes / requests)).median,
  }));
}

function describeRatios(rounds: Rounds) {
  return TARGETS.map(({ server, yardstick, target }) => {
    const [ours, theirs] = [rounds[server], rounds[yardstick]];
    const throughput = spreadOfRatios(
      ours.map((each) => each.requestsPerSecond),
      theirs.map((each) => each.requestsPerSecond),
    );
    return {
      ratio: `${SERVERS[server]} to ${SERVERS[yardstick]}`,
      'requests a second': throughput,
      'requests by processor time': spreadOfRatios(
        theirs.map((each) => each.cpuMicroseconds),
        ours.map((each) => each.cpuMicroseconds),
      ),
      target: `${target}${throughput.median < target ? ' (missed)' : ''}`,
    };
  });
}
