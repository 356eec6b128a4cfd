import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type BenchContext, type BenchReport, measureCatalogs } from './benchmark.ts';
import { ALWAYS_ARGUMENTS, type BenchCatalog } from './inputs/builds.ts';
import { interleave, spread, spreadOfRatios } from './measure/figures.ts';
import { runProgram } from './measure/processes.ts';
import { timeInside } from './time-inside.ts';

/** Measures gzip files joined from compressed releases against compressing each answer, and builds of every form. */
export async function benchCompress(context: BenchContext): Promise<BenchReport> {
  const tables = await measureCatalogs(context, 'compress', async (catalog) => ({
    'answers with default settings, joined from compressed releases, to gzip -6 of each':
      await measureAnswers(catalog, context),
    'builds of what is always published, to one with --compress off': await measureBuilds(
      catalog,
      context,
    ),
  }));
  return { tables, notes: [] };
}

async function measureAnswers(catalog: BenchCatalog, { runs, signal }: BenchContext) {
  const { times } = await interleave(runs, {
    times: () => timeInside('compressing', [catalog.file], signal),
  });
  const [{ answers, bytes, deflateRuns, joined, whole }] = times as [(typeof times)[number]];
  const [joinedMs, wholeMs] = [
    times.map((each) => each.joined.ms),
    times.map((each) => each.whole.ms),
  ];
  return {
    answers,
    bytes,
    deflateRuns,
    gzipBytes: joined.bytes,
    sizeRatio: (joined.bytes / whole.bytes).toFixed(3),
    joinedMs: spread(joinedMs),
    gzip6Ms: spread(wholeMs),
    timeRatio: spreadOfRatios(joinedMs, wholeMs),
  };
}

async function measureBuilds(catalog: BenchCatalog, { runs, signal, workDir }: BenchContext) {
  const out = path.join(workDir, 'out');
  const build = (compress: string) => async () => {
    const args = ['--catalog', catalog.file, '--out', out, '--compress', compress];
    const built = await runProgram('build/site/build.ts', [...args, ...ALWAYS_ARGUMENTS], signal);
    await rm(out, { recursive: true, force: true });
    return built;
  };
  const builds = await interleave(runs, {
    off: build('off'),
    gzip: build('gzip'),
    both: build('both'),
  });
  const wallMs = (form: keyof typeof builds) => builds[form].map((built) => built.wallMs);
  return {
    offMs: spread(wallMs('off')),
    gzipToOff: spreadOfRatios(wallMs('gzip'), wallMs('off')),
    bothToOff: spreadOfRatios(wallMs('both'), wallMs('off')),
    bothPeakBytes: spread(builds.both.map(({ peakBytes }) => peakBytes)),
  };
}
