import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import { ALWAYS_ARGUMENTS } from '../always-flags.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { runProgram } from '../measure/run-process.ts';
import { formatNumber, formatSpread, spread, spreadOfRatios } from '../measure/spread.ts';
import type { CompressTimes } from './time-compress.ts';

type CompressFigures = Awaited<ReturnType<typeof measure>>;

/** Measures gzip files that are joined from compressed releases against compressing each answer, and builds of every form. */
export async function benchCompress(context: BenchContext): Promise<BenchReport> {
  const figures: CompressFigures[] = [];
  for (const catalog of context.catalogs) {
    context.say(`compress: ${catalog.name}`);
    figures.push(await measure(catalog, context));
  }
  return {
    figures,
    text: [
      'compress: answers with default settings, joined from compressed releases, against gzip -6 of each\n',
      formatTable(figures.map(describeJoining)),
      'compress: builds of what is always published, against one with --compress off\n',
      formatTable(figures.map(describeBuilds)),
    ].join(''),
  };
}

async function measure(catalog: BenchCatalog, { runs, signal, workDir }: BenchContext) {
  const { times } = await interleave(runs, {
    times: async () => {
      const program = 'build/bench/compress/time-compress.ts';
      const { stdout } = await runProgram(program, [catalog.file], signal);
      return JSON.parse(stdout) as CompressTimes;
    },
  });
  const out = path.join(workDir, 'out');
  const build = async (compress: string) => {
    const args = ['--catalog', catalog.file, '--out', out, '--compress', compress];
    const built = await runProgram('build/site/build.ts', [...args, ...ALWAYS_ARGUMENTS], signal);
    await rm(out, { recursive: true, force: true });
    return built;
  };
  const builds = await interleave(runs, {
    off: () => build('off'),
    gzip: () => build('gzip'),
    both: () => build('both'),
  });
  const wallMs = (form: keyof typeof builds) => builds[form].map((built) => built.wallMs);
  const each = (name: keyof CompressTimes) => times.map((time) => time[name]);
  const [{ answers, bytes, runs: deflateRuns, joinedBytes, wholeBytes }] = times as [CompressTimes];
  return {
    catalog,
    answers,
    bytes,
    deflateRuns,
    joinedBytes,
    sizeRatio: joinedBytes / wholeBytes,
    joinedMs: spread(each('joinedMs')),
    wholeMs: spread(each('wholeMs')),
    timeRatio: spreadOfRatios(each('joinedMs'), each('wholeMs')),
    offMs: spread(wallMs('off')),
    gzipRatio: spreadOfRatios(wallMs('gzip'), wallMs('off')),
    bothRatio: spreadOfRatios(wallMs('both'), wallMs('off')),
    bothPeakBytes: spread(builds.both.map(({ peakBytes }) => peakBytes)),
  };
}

function describeJoining(figures: CompressFigures) {
  return {
    catalog: figures.catalog.name,
    answers: String(figures.answers),
    bytes: formatBytes(figures.bytes),
    'deflate runs': String(figures.deflateRuns),
    gzip: formatBytes(figures.joinedBytes),
    'to gzip -6': figures.sizeRatio.toFixed(3),
    s: formatNumber(figures.joinedMs.median / 1000),
    'gzip -6 s': formatNumber(figures.wholeMs.median / 1000),
    'time to gzip -6': formatSpread(figures.timeRatio),
  };
}

function describeBuilds(figures: CompressFigures) {
  return {
    catalog: figures.catalog.name,
    'off, s': formatNumber(figures.offMs.median / 1000),
    'gzip to off': formatSpread(figures.gzipRatio),
    'both to off': formatSpread(figures.bothRatio),
    'peak memory, both': formatBytes(figures.bothPeakBytes.max),
  };
}
