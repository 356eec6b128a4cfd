import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { runCommand } from '../cli/cli.ts';
import { print, printJson, tell } from '../cli/print.ts';
import type { Benchmark, BenchReport } from './benchmark.ts';
import { benchBuild } from './build/bench-build.ts';
import { benchCompress } from './compress/bench-compress.ts';
import { benchGrowth } from './growth/bench-growth.ts';
import type { GrowthOptions } from './growth/growth-figures.ts';
import { findBenchCatalogs } from './inputs/find-bench-catalogs.ts';
import { makeSites } from './inputs/sites.ts';
import { benchPages } from './pages/bench-pages.ts';
import { benchPublish } from './publish/bench-publish.ts';
import { benchRouter } from './router/bench-router.ts';
import { benchServe } from './serve/bench-serve.ts';

const HELP = `
Measures the marketplace. Every figure is taken several times and in turn with what it is compared to, so that a slow moment
of the machine falls on both; shown are the median and, in brackets, the lowest and highest.

  npm run bench [-- NAME...] [--catalog FILE]... [--runs N] [--json]

  build     a build against a copy of its result, its peak memory, and what the time goes to
  compress  gzip files joined from compressed releases against gzip -6 of each, and builds of every form
  growth    builds of made-up catalogs, up to ten times as large as the largest real one: once, not N times
  pages     what pages add to a build, what they weigh, and how soon the list can be used in Chromium
  serve     nginx with the router and the embedded server, against plain files and a server that works out each answer
  router    a request at the edge, in Node and in njs, against a router that does nothing
  publish   a build's way into a real S3 server (radosgw) against a bare loop of PutObject

  --catalog FILE   a catalog, each measured on its own (plugins.json and ../shared/catalogs/{master,production}-*.json)
  --runs N         how often each figure is taken      (3)
  --json           the figures as JSON
  --chart FILE     draws the figures of serve or growth, as SVG; name the one
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
  publish: benchPublish,
};

/** Those that draw a chart. */
const DRAWING = ['serve', 'growth'];

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
      sizes: { type: 'string', default: '1,2,5,10' },
      patience: { type: 'string', default: '60' },
      'max-written': { type: 'string', default: '4000000000' },
      chart: { type: 'string' },
    },
  });
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  for (const name of names) {
    if (BENCHMARKS[name]) continue;
    throw new UsageError(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
  }
  if (values.chart !== undefined && !(names.length === 1 && DRAWING.includes(names[0] ?? ''))) {
    throw new UsageError(`--chart draws one benchmark, ${DRAWING.join(' or ')}: name it alone`);
  }
  const runs = parseNumber('runs', values.runs, 999);
  const growth: GrowthOptions = {
    sizes: values.sizes
      .split(',')
      .map((size) => parseNumber('sizes', size, 100))
      .sort((a, b) => a - b),
    patienceSeconds: parseNumber('patience', values.patience, 100_000),
    maxWrittenBytes: parseNumber('max-written', values['max-written'], 1e12),
  };
  const chart = values.chart === undefined ? {} : { chart: path.resolve(values.chart) };
  const catalogs = findBenchCatalogs(values.catalog, process.cwd(), tell);
  const machine = describeMachine();
  if ((machine.loadAverage ?? 0) > BUSY) {
    tell(
      `the machine is busy (load average ${machine.loadAverage?.toFixed(1)}): ratios hold, times do not`,
    );
  }
  const { signal, release } = abortOnSignals();
  const workDir = await mkdtemp(path.join(tmpdir(), 'marketplace-bench-'));
  const reports: Record<string, BenchReport> = {};
  try {
    const sites = makeSites(workDir, signal);
    const context = { catalogs, runs, say: tell, signal, workDir, sites, growth, ...chart };
    for (const name of names) {
      reports[name] = await (BENCHMARKS[name] as Benchmark)(context);
      if (!values.json) print(`${reports[name].text}\n`);
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
  printJson(result);
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

/** A benchmark that is interrupted stops its children and removes its gigabytes. */
function abortOnSignals() {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on('SIGINT', abort).on('SIGTERM', abort);
  const release = () => process.off('SIGINT', abort).off('SIGTERM', abort);
  return { signal: controller.signal, release };
}
