import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { runCommand } from '../cli/cli.ts';
import { print, printJson, tell } from '../cli/print.ts';
import { benchBuild } from './bench-build.ts';
import { benchCompress } from './bench-compress.ts';
import { benchGrowth } from './bench-growth.ts';
import { benchPages } from './bench-pages.ts';
import { benchPublish } from './bench-publish.ts';
import { type Benchmark, type BenchReport, formatReport } from './benchmark.ts';
import { findCatalogs, makeBuilds } from './inputs/builds.ts';
import { benchBytes } from './router/bench-bytes.ts';
import { benchRouter } from './router/bench-router.ts';
import { benchServe } from './serve/bench-serve.ts';

const HELP = `
Measures the marketplace. Every figure is taken several times and in turn with what it is compared to, so that a slow moment
of the machine slows both; shown are the median and, in brackets, the lowest and highest.

  npm run bench [-- NAME...] [--catalog FILE]... [--runs N] [--json]

  build     a build against a copy of its result, its peak memory, and what the time goes to
  compress  gzip files joined from compressed releases against gzip -6 of each, and builds of every form
  growth    builds of made-up catalogs, up to ten times as large as the largest real one: once, not N times
  pages     what web pages add to a build, what they weigh, and how soon the list can be used in Chromium
  serve     nginx with the router and the embedded server, against plain files and a server that works out each answer
  router    a request at the edge, in Node and in njs, against a router that does nothing
  bytes     code and routing table of the CloudFront Function, by what is published
  publish   a build's way into a real S3 server (radosgw) against a bare loop of PutObject

  --catalog FILE   a catalog, each measured on its own (plugins.json and ../shared/catalogs/{master,production}-*.json)
  --runs N         how often each figure is taken      (3)
  --json           the figures as JSON
Of growth:
  --sizes LIST         how many times as large         (1,2,5,10)
  --patience SECONDS   when to stop a build            (60)
  --max-written BYTES  what a build may write; of a larger one only the plan is measured  (4000000000)

Example: npm run bench -- router --catalog plugins.json
`;

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  build: benchBuild,
  compress: benchCompress,
  growth: benchGrowth,
  pages: benchPages,
  serve: benchServe,
  router: benchRouter,
  bytes: benchBytes,
  publish: benchPublish,
};

/** A load average above it tells of other work than ours. */
const BUSY = 0.5;

await runCommand(HELP, async (args) => {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      catalog: { type: 'string', multiple: true },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      sizes: { type: 'string', default: '1,2,5,10' },
      patience: { type: 'string', default: '60' },
      'max-written': { type: 'string', default: '4000000000' },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  for (const name of names) {
    if (BENCHMARKS[name]) continue;
    throw new UsageError(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  }
  const runs = parseNumber('runs', values.runs, 999);
  const growth = {
    sizes: values.sizes
      .split(',')
      .map((size) => parseNumber('sizes', size, 100))
      .sort((a, b) => a - b),
    patienceSeconds: parseNumber('patience', values.patience, 100_000),
    maxWrittenBytes: parseNumber('max-written', values['max-written'], 1e12),
  };
  const catalogs = findCatalogs(values.catalog, tell);
  const machine = describeMachine();
  if ((machine.loadAverage ?? 0) > BUSY) {
    const load = machine.loadAverage?.toFixed(1);
    tell(`the machine is busy (load average ${load}): ratios hold, times do not`);
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const { signal } = interruption;
  const workDir = await mkdtemp(path.join(tmpdir(), 'marketplace-bench-'));
  const reports: Record<string, BenchReport> = {};
  try {
    const buildOf = makeBuilds(workDir, signal);
    for (const name of names) {
      const context = { catalogs, runs, say: tell, signal, workDir, buildOf, growth };
      const report = await (BENCHMARKS[name] as Benchmark)(context);
      reports[name] = report;
      if (!values.json) print(`${formatReport(name, report)}\n`);
    }
  } catch (error) {
    throw signal.aborted ? new UserError('interrupted') : error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await rm(workDir, { recursive: true, force: true });
  }
  if (values.json) printJson({ machine, runs, ...reports });
});

function describeMachine() {
  return {
    node: process.version,
    processor: cpus()[0]?.model,
    processors: cpus().length,
    loadAverage: loadavg()[0],
  };
}

/** @param flag without dashes */
function parseNumber(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (/^[1-9]\d*$/.test(text) && value <= most) return value;
  throw new UsageError(`--${flag} takes a number from 1 to ${most}, not ${JSON.stringify(text)}`);
}
