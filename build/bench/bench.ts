import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
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

/** The benchmarks by name, and what each measures. */
const BENCHMARKS: Readonly<Record<string, readonly [Benchmark, string]>> = {
  build: [
    benchBuild,
    'a build against a copy of its result, its peak memory, and where the time goes',
  ],
  compress: [benchCompress, 'gzip files joined from compressed releases against gzip -6 of each'],
  growth: [benchGrowth, 'builds of made-up catalogs, up to ten times the largest real one; once'],
  pages: [
    benchPages,
    'what web pages add to a build, weigh, and when the list is usable in Chromium',
  ],
  serve: [
    benchServe,
    'nginx with the router and the embedded server, against plain files and a dynamic server',
  ],
  router: [
    benchRouter,
    'a request at the edge, in Node and njs, against a router that does nothing',
  ],
  publish: [
    benchPublish,
    "a build's way into an S3 server (radosgw) against a bare loop of PutObject",
  ],
};

/** Those that draw a chart. */
const DRAWING = ['serve', 'growth'];

/** A load average that tells of other work than ours. */
const BUSY = 0.5;

const bench = defineCommand({
  call: 'npm run bench',
  summary: 'Measures the marketplace',
  details: `Every figure is taken several times and in turn with what it is compared to, so that a slow moment of the machine falls on both. Shown are the median and, in brackets, the lowest and highest.

${Object.entries(BENCHMARKS)
  .map(([name, [, what]]) => `  ${name.padEnd(10)}${what}`)
  .join('\n')}`,
  operands: '[NAME...]',
  flags: {
    catalog: {
      value: 'file',
      isRepeatable: true,
      help: 'a catalog, each measured on its own (default: plugins.json and ../shared/catalogs/{master,production}-*.json)',
    },
    runs: { value: 'n', fallback: '3', help: 'how often each figure is taken' },
    json: { help: 'the figures as JSON' },
    chart: { value: 'file', help: 'draws the figures of serve or growth, as SVG; name the one' },
    sizes: { value: 'list', fallback: '1,2,5,10', help: 'growth: how many times as large' },
    patience: { value: 'seconds', fallback: '60', help: 'growth: when to stop a build' },
    maxWritten: {
      value: 'bytes',
      fallback: '4000000000',
      help: 'growth: what a build may write; of a larger one only the plan is measured',
    },
  },
  example: 'npm run bench -- router --catalog plugins.json',
  action: async ({ operands, flags }, { cwd, print, tell }) => {
    const names = operands.length > 0 ? operands : Object.keys(BENCHMARKS);
    const chosen = names.map((name) => [name, benchmarkOf(name)] as const);
    if (flags.chart !== undefined && !(names.length === 1 && DRAWING.includes(names[0] ?? ''))) {
      throw new UsageError(`--chart draws one benchmark, ${DRAWING.join(' or ')}: name it alone`);
    }
    const runs = parseNumber('runs', flags.runs, 999);
    const growth: GrowthOptions = {
      sizes: flags.sizes
        .split(',')
        .map((size) => parseNumber('sizes', size, 100))
        .sort((a, b) => a - b),
      patienceSeconds: parseNumber('patience', flags.patience, 100_000),
      maxWrittenBytes: parseNumber('max-written', flags.maxWritten, 1e12),
    };
    const chart = flags.chart === undefined ? {} : { chart: path.resolve(flags.chart) };
    const catalogs = findBenchCatalogs(
      flags.catalog.length > 0 ? flags.catalog : undefined,
      cwd,
      tell,
    );
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
      for (const [name, benchmark] of chosen) {
        reports[name] = await benchmark(context);
        if (!flags.json) print(`${reports[name].text}\n`);
      }
    } catch (error) {
      throw signal.aborted ? new UserError('interrupted') : error;
    } finally {
      release();
      await rm(workDir, { recursive: true, force: true });
    }
    if (!flags.json) return;
    const figures = Object.entries(reports).map(([name, report]) => [name, report.figures]);
    const result = { machine, runs, ...Object.fromEntries(figures) };
    print(formatJson(result));
  },
});

await runProgram(import.meta.url, bench);

function benchmarkOf(name: string): Benchmark {
  const [benchmark] = BENCHMARKS[name] ?? [];
  if (benchmark) return benchmark;
  throw new UsageError(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
}

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
