import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, UserError } from '../src/errors.ts';
import type { Benchmark, BenchReport } from './bench/benchmark.ts';
import { benchBuild } from './bench/build/bench-build.ts';
import { findBenchCatalogs } from './bench/find-bench-catalogs.ts';
import { benchRouter } from './bench/router/bench-router.ts';
import { benchServe } from './bench/serve/bench-serve.ts';
import { makeSites } from './bench/sites.ts';
import { runCommand } from './cli.ts';

const HELP = `
Measures the marketplace. Every figure is taken several times and in turn with what it is compared to, so that a slow moment
of the machine falls on both; shown are the median and, in brackets, the lowest and highest.

  npm run bench [-- NAME...] [--catalog FILE]... [--runs N] [--json]

  build     a build against a copy of its result, its peak memory, and what the time goes to
  router    a request at the edge, in Node and in njs, against a router that does nothing
  serve     the embedded server against a bare one that sends as many bytes

  --catalog FILE   a catalog, each measured on its own (plugins.json and ../shared/catalogs/{master,production}-*.json)
  --runs N         how often each figure is taken      (3)
  --json           the figures as JSON

Example: npm run bench -- router --catalog plugins.json
`;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  build: benchBuild,
  router: benchRouter,
  serve: benchServe,
};

/** A load average that tells of other work than ours. */
const BUSY = 0.5;

await runCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      catalog: { type: 'string', multiple: true },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  for (const name of names) {
    if (BENCHMARKS[name]) continue;
    throw new UsageError(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  }
  const runs = parseRuns(values.runs);
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const catalogs = findBenchCatalogs(values.catalog, process.cwd(), say);
  const machine = describeMachine();
  if ((machine.loadAverage ?? 0) > BUSY) {
    say(
      `the machine is busy (load average ${machine.loadAverage?.toFixed(1)}): ratios hold, times do not`,
    );
  }
  const { signal, release } = abortOnSignals();
  const workDir = await mkdtemp(path.join(tmpdir(), 'marketplace-bench-'));
  const reports: Record<string, BenchReport> = {};
  try {
    const context = { catalogs, runs, say, signal, workDir, sites: makeSites(workDir, signal) };
    for (const name of names) {
      reports[name] = await (BENCHMARKS[name] as Benchmark)(context);
      if (!values.json) process.stdout.write(`${reports[name].text}\n`);
    }
  } catch (error) {
    throw signal.aborted ? new UserError('interrupted') : error;
  } finally {
    release();
    await rm(workDir, { recursive: true, force: true });
  }
  if (!values.json) return;
  const figures = Object.entries(reports).map(([name, report]) => [name, report.figures]);
  const result = { machine, runs, ...Object.fromEntries(figures) };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
});

function describeMachine() {
  return {
    node: process.version,
    processor: cpus()[0]?.model,
    processors: cpus().length,
    loadAverage: loadavg()[0],
  };
}

function parseRuns(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw new UsageError(`--runs takes a number from 1 to 999, not ${JSON.stringify(text)}`);
}

/** A benchmark that is interrupted stops its children and removes its gigabytes. */
function abortOnSignals() {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on('SIGINT', abort).on('SIGTERM', abort);
  const release = () => process.off('SIGINT', abort).off('SIGTERM', abort);
  return { signal: controller.signal, release };
}
