import assert from 'node:assert/strict';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { digestOf } from '../../../src/lib/digests.ts';
import type { SnapshotFile } from '../../../src/snapshot/parse-snapshot.ts';
import { makeRouter } from '../../../src/snapshot/table/make-router.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from '../benchmark.ts';
import type { BenchCatalog, Build } from '../inputs/builds.ts';
import { requestMix } from '../inputs/server-requests.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { cpuSeconds } from '../measure/processes.ts';
import { type Contestant, SERVERS, type ServerName, startContestants } from './contestants.ts';
import { runWrk, skipWithoutWrk } from './wrk.ts';

const CONNECTIONS = 16;
const ROUND_SECONDS = 2;

/** Which servers must take at most how much more processor time than which: the inverse of a ratio of requests. */
const TARGETS: readonly {
  readonly server: ServerName;
  readonly yardstick: ServerName;
  readonly target?: number;
}[] = [
  { server: 'nginxRules', yardstick: 'nginxFiles', target: 0.8 },
  { server: 'nginxBoth', yardstick: 'nginxFiles', target: 0.8 },
  { server: 'nginxNjs', yardstick: 'nginxFiles' },
  { server: 'nginxRules', yardstick: 'dynamic', target: 6 },
  { server: 'apache', yardstick: 'apacheFiles', target: 0.7 },
  { server: 'haproxy', yardstick: 'haproxyFiles', target: 0.6 },
  { server: 'caddy', yardstick: 'caddyFiles', target: 0.5 },
  { server: 'embedded', yardstick: 'bare', target: 0.85 },
  { server: 'embedded', yardstick: 'dynamic' },
];

/** The figures of a server, in the order of the rounds. */
type Rounds = Partial<Record<ServerName, Awaited<ReturnType<typeof runRound>>[]>>;

/** Measures what serves a build against plain files and against a server that works out each answer. */
export async function benchServe(context: BenchContext): Promise<BenchReport> {
  if (skipWithoutWrk) return { tables: {}, notes: [`serve is not measured: ${skipWithoutWrk}`] };
  const tables = await measureCatalogs(context, 'serve', async (catalog) => {
    const { gzip, plain } = await measure(catalog, context);
    return {
      'with gzip': describeServers(gzip),
      'with gzip, ratios': describeRatios(gzip),
      'without gzip': describeServers(plain),
      'without gzip, ratios': describeRatios(plain),
    };
  });
  const missing = Object.values(SERVERS).flatMap(({ title, skip }) =>
    skip ? [`${title}: ${skip}`] : [],
  );
  return {
    tables,
    notes: [`${CONNECTIONS} connections, rounds of ${ROUND_SECONDS} s`, ...missing],
  };
}

async function measure(
  catalog: BenchCatalog,
  { runs, buildOf, report, signal, workDir }: BenchContext,
) {
  const build = await buildOf(catalog);
  const requests = requestMix(build.pluginIds);
  const files = filesOf(build, requests);
  const stops: (() => void | Promise<void>)[] = [];
  try {
    const contestants = await startContestants({
      dir: build.dir,
      catalog: catalog.file,
      signal,
      onStart: (stop) => stops.push(stop),
    });
    const script = path.join(workDir, 'load.lua');
    const measureWith = async (acceptsGzip: boolean) => {
      const rounds: Record<string, () => ReturnType<typeof runRound>> = {};
      for (const [name, { url, pid, asks }] of Object.entries(contestants)) {
        const targets = targetsFor(asks, acceptsGzip, { requests, files });
        report(`serve: ${catalog.name}: ${name}, ${acceptsGzip ? 'gzip' : 'plain'}`);
        await probe(url, { targets, files, acceptsGzip });
        rounds[name] = () => runRound({ url, pid, targets, acceptsGzip }, script, signal);
        // Not counted: programs get warm in it.
        await rounds[name]();
      }
      return (await interleave(runs, rounds)) as Rounds;
    };
    return { gzip: await measureWith(true), plain: await measureWith(false) };
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

/** The files that answer requests, as the router names them: one for each. */
function filesOf({ snapshot }: Build, requests: readonly string[]): SnapshotFile[] {
  const ask = makeRouter(snapshot.router.table);
  const files = new Map(snapshot.files.map((file) => [`/${file.path}`, file]));
  return requests.map((request) => {
    const routed = ask('GET', request);
    const file = 'path' in routed && files.get(routed.path);
    assert.ok(file, `${request} is answered by no file`);
    return file;
  });
}

/** What a server is sent, in the order of the requests. */
function targetsFor(
  asks: Contestant['asks'],
  acceptsGzip: boolean,
  { requests, files }: { requests: readonly string[]; files: readonly SnapshotFile[] },
): readonly string[] {
  if (asks === 'api') return requests;
  const isGzip = asks === 'forms' && acceptsGzip;
  return files.map((file) => `/${file.path}${isGzip && file.gzip ? '.gz' : ''}`);
}

/**
 * Asks a server for each target once: its answers have to be the files of the build, byte for byte. That also brings them
 * into the server's memory, where it keeps them there.
 *
 * @throws {AssertionError} where an answer differs: it makes no sense to measure what is wrong
 */
async function probe(
  url: string,
  {
    targets,
    files,
    acceptsGzip,
  }: {
    readonly targets: readonly string[];
    /** One for each target. */
    readonly files: readonly SnapshotFile[];
    readonly acceptsGzip: boolean;
  },
): Promise<void> {
  const expected = new Map(targets.map((target, i) => [target, files[i]?.sha256]));
  const headers = { 'accept-encoding': acceptsGzip ? 'gzip' : 'identity' };
  for (const [target, sha256] of expected) {
    const response = await fetch(url + target, { headers });
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.status, 200, target);
    const isBareGzip = target.endsWith('.gz') && !response.headers.has('content-encoding');
    assert.equal(digestOf(isBareGzip ? gunzipSync(body) : body), sha256, target);
  }
}

async function runRound(
  {
    pid,
    ...load
  }: {
    readonly url: string;
    readonly pid: number;
    readonly targets: readonly string[];
    readonly acceptsGzip: boolean;
  },
  script: string,
  signal: AbortSignal,
) {
  const before = cpuSeconds(pid);
  const result = await runWrk(
    { ...load, connections: CONNECTIONS, seconds: ROUND_SECONDS },
    script,
    signal,
  );
  const cpuMicroseconds = ((cpuSeconds(pid) - before) * 1e6) / result.requests;
  return { ...result, cpuMicroseconds };
}

function describeServers(rounds: Rounds) {
  return Object.entries(rounds).map(([name, figures]) => ({
    server: SERVERS[name as ServerName].title,
    'a second': spread(figures.map((each) => each.requestsPerSecond)),
    'cpu µs': spread(figures.map((each) => each.cpuMicroseconds)),
    p50Ms: spread(figures.map((each) => each.p50Ms)),
    p99Ms: spread(figures.map((each) => each.p99Ms)),
    answerBytes: spread(figures.map(({ bytes, requests }) => bytes / requests)).median,
  }));
}

function describeRatios(rounds: Rounds) {
  return TARGETS.flatMap(({ server, yardstick, target }) => {
    const [ours, theirs] = [rounds[server], rounds[yardstick]];
    if (ours === undefined || theirs === undefined) return [];
    const byTime = spreadOfRatios(
      theirs.map((each) => each.cpuMicroseconds),
      ours.map((each) => each.cpuMicroseconds),
    );
    return {
      ratio: `${SERVERS[server].title} to ${SERVERS[yardstick].title}`,
      'requests a second': spreadOfRatios(
        ours.map((each) => each.requestsPerSecond),
        theirs.map((each) => each.requestsPerSecond),
      ),
      'requests by processor time': byTime,
      target: target === undefined ? '–' : `${target}${byTime.median < target ? ' (missed)' : ''}`,
    };
  });
}
