import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { UsageError, UserError } from '../../src/lib/errors.ts';
import { runProgram } from '../cli/cli.ts';
import { defineCommand } from '../cli/command.ts';
import { formatJson } from '../cli/print.ts';
import { benchBuild } from './bench-build.ts';
import { benchCompress } from './bench-compress.ts';
import { benchLighthouse } from './bench-lighthouse.ts';
import { benchPublish } from './bench-publish.ts';
import { type Benchmark, type BenchReport, formatReport } from './benchmark.ts';
import { benchGrowth } from './growth/bench-growth.ts';
import { findCatalogs, makeBuilds } from './inputs/builds.ts';
import { benchPages } from './pages/bench-pages.ts';
import { benchBytes } from './router/bench-bytes.ts';
import { benchRouter } from './router/bench-router.ts';
import { benchServe } from './serve/bench-serve.ts';

/** The benchmarks by name, and what each measures. */
const BENCHMARKS: Readonly<Record<string, readonly [Benchmark, string]>> = {
  build: [
    benchBuild,
    'a build against a copy of its result, its peak memory, and where the time goes',
  ],
  compress: [benchCompress, 'gzip files joined from compressed releases against gzip -6 of each'],
  growth: [
    benchGrowth,
    'what catalogs cost that have grown by up to ten years, or to 2,000 plugins',
  ],
  pages: [
    benchPages,
    'what web pages add to a build, weigh, and when the list is usable in Chromium, on a phone too',
  ],
  lighthouse: [
    benchLighthouse,
    'what Lighthouse says of the main pages; npx fetches it, 186 MB with what it brings',
  ],
  serve: [
    benchServe,
    'nginx with the router and the embedded server, against plain files and a dynamic server',
  ],
  router: [
    benchRouter,
    'a request at the edge, in Node and njs, against a router that does nothing',
  ],
  bytes: [benchBytes, 'code and routing table of the CloudFront Function, by what is published'],
  publish: [
    benchPublish,
    "a build's way into an S3 server (radosgw) against a bare loop of PutObject",
  ],
};

/** A higher load average means that other work is going on. */
const BUSY = 0.5;

const bench = defineCommand({
  call: 'npm run bench',
  summary: 'Measures the marketplace',
  details: `Every figure is taken several times and in turn with what it is compared to, so that a slow moment of the machine slows both. Shown are the median and, in brackets, the lowest and highest.

${Object.entries(BENCHMARKS)
  .map(([name, [, what]]) => `  ${name.padEnd(12)}${what}`)
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
    only: {
      value: 'name',
      isRepeatable: true,
      help: 'growth: only this catalog, or those with this in their names, such as "+10" or "made up"',
    },
    patience: { value: 'seconds', fallback: '600', help: 'growth: when to stop a step' },
  },
  example: 'npm run bench -- router --catalog plugins.json',
  action: async ({ operands, flags }, { print, report }) => {
    const names = operands.length > 0 ? operands : Object.keys(BENCHMARKS);
    const chosen = names.map((name) => [name, benchmarkOf(name)] as const);
    const runs = parseNumber('runs', flags.runs, 999);
    const growth = {
      only: flags.only ?? [],
      patienceSeconds: parseNumber('patience', flags.patience, 100_000),
    };
    const catalogs = findCatalogs(flags.catalog, report);
    const machine = describeMachine();
    if ((machine.loadAverage ?? 0) > BUSY) {
      const load = machine.loadAverage?.toFixed(1);
      report(`the machine is busy (load average ${load}): ratios hold, times do not`);
    }
    const interruption = new AbortController();
    const interrupt = () => interruption.abort();
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    const { signal } = interruption;
    const workDir = await mkdtemp(path.join(tmpdir(), 'marketplace-bench-'));
    const reports: Record<string, BenchReport> = {};
    try {
      const buildOf = makeBuilds(workDir, signal);
      for (const [name, benchmark] of chosen) {
        const context = { catalogs, runs, report, signal, workDir, buildOf, growth };
        const measured = await benchmark(context);
        reports[name] = measured;
        if (!flags.json) print(`${formatReport(name, measured)}\n`);
      }
    } catch (error) {
      throw signal.aborted ? new UserError('interrupted') : error;
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      await rm(workDir, { recursive: true, force: true });
    }
    if (flags.json) print(formatJson({ machine, runs, ...reports }));
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
