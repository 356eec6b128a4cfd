import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import { ALWAYS_ARGUMENTS } from '../always-flags.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { runProcess, runProgram } from '../measure/run-process.ts';
import { formatNumber, formatSpread, spread, spreadOfRatios } from '../measure/spread.ts';
import type { BuildPhases } from './time-build.ts';
import type { WritingParts } from './time-writing.ts';

/** What the largest catalog is held to. */
const TARGET = { copies: 3, peakBytes: 300e6 } as const;

type BuildFigures = Awaited<ReturnType<typeof measure>>;

/** Measures whole builds, from the start of the process to its end, against `cp -r` of what they write. */
export async function benchBuild(context: BenchContext): Promise<BenchReport> {
  const figures: BuildFigures[] = [];
  for (const catalog of context.catalogs) {
    context.say(`build: ${catalog.name}`);
    figures.push(await measure(catalog, context));
  }
  const largest = figures.reduce((a, b) => (a.bytes > b.bytes ? a : b));
  const isMet =
    largest.copies.median <= TARGET.copies && largest.peakBytes.median < TARGET.peakBytes;
  const parts = isMet ? undefined : await measureWriting(largest.catalog, context);
  return {
    figures: { target: { ...TARGET, isMet }, catalogs: figures, ...(parts && { writing: parts }) },
    text: [
      'build: npm run build of what is always published, against cp -r of its result\n',
      formatTable(figures.map(describe)),
      `  times in s; "in process" is read + plan + write + finish, without starting Node\n`,
      formatTable(figures.map(describePhases)),
      `  target for ${largest.catalog.name}, the largest: at most ${TARGET.copies} copies, less than `,
      `${formatBytes(TARGET.peakBytes)}: ${isMet ? 'met' : 'MISSED'}\n`,
      parts ? describeWriting(parts) : '',
      'build: with default settings and budget, once\n',
      formatTable(figures.map(describeWithDefaults)),
    ].join(''),
  };
}

async function measure(catalog: BenchCatalog, context: BenchContext) {
  const { runs, signal, workDir, sites } = context;
  const site = await sites(catalog);
  const out = path.join(workDir, 'out');
  const clean = async <Result>(result: Promise<Result>) => {
    const done = await result;
    await rm(out, { recursive: true, force: true });
    return done;
  };
  const args = ['--catalog', catalog.file, '--out', out];
  const results = await interleave<
    'build' | 'copy' | 'phases',
    { wallMs: number; stdout: string; peakBytes?: number }
  >(runs, {
    build: () => clean(runProgram('build/site/build.ts', [...args, ...ALWAYS_ARGUMENTS], signal)),
    copy: () => clean(runProcess('cp', ['-r', site.dir, out], signal)),
    phases: () => clean(runProgram('build/bench/build/time-build.ts', [catalog.file, out], signal)),
  });
  const withDefaults = await clean(runProgram('build/site/build.ts', [...args, '--json'], signal));
  const wallMs = (name: keyof typeof results) => results[name].map((result) => result.wallMs);
  const phases = results.phases.map(({ stdout }) => JSON.parse(stdout) as BuildPhases);
  const phase = (name: keyof BuildPhases) => spread(phases.map((each) => each[name]));
  const inProcessMs = phases.map((each) => Object.values(each).reduce((sum, ms) => sum + ms, 0));
  return {
    catalog,
    files: site.snapshot.files.length,
    bytes: site.snapshot.files.reduce((sum, { size }) => sum + size, 0),
    buildMs: spread(wallMs('build')),
    copyMs: spread(wallMs('copy')),
    copies: spreadOfRatios(wallMs('build'), wallMs('copy')),
    peakBytes: spread(results.build.map(({ peakBytes = 0 }) => peakBytes)),
    inProcessMs: spread(inProcessMs),
    copiesInProcess: spreadOfRatios(inProcessMs, wallMs('copy')),
    phases: {
      readMs: phase('readMs'),
      planMs: phase('planMs'),
      writeMs: phase('writeMs'),
      finishMs: phase('finishMs'),
    },
    withDefaults: {
      ...readBuildJson(withDefaults.stdout),
      buildMs: withDefaults.wallMs,
      peakBytes: withDefaults.peakBytes,
    },
  };
}

/** What is used of what `npm run build -- --json` tells. */
interface BuildJson {
  readonly files: number;
  readonly bytes: number;
  readonly routerBytes: number;
  readonly published: { readonly parts: readonly { readonly isPublished: boolean }[] };
}

function readBuildJson(json: string) {
  const { files, bytes, routerBytes, published }: BuildJson = JSON.parse(json);
  const parts = published.parts.length;
  const publishedParts = published.parts.filter(({ isPublished }) => isPublished).length;
  return { files, bytes, routerBytes, parts, publishedParts };
}

async function measureWriting(
  catalog: BenchCatalog,
  { runs, signal, workDir, sites }: BenchContext,
) {
  const { dir } = await sites(catalog);
  const out = path.join(workDir, 'out');
  const { parts } = await interleave(runs, {
    parts: async () => {
      const { stdout } = await runProgram('build/bench/build/time-writing.ts', [dir, out], signal);
      await rm(out, { recursive: true, force: true });
      return JSON.parse(stdout) as WritingParts;
    },
  });
  return {
    catalog,
    hashMs: spread(parts.map(({ hashMs }) => hashMs)),
    writeMs: spread(parts.map(({ writeMs }) => writeMs)),
  };
}

function describe(figures: BuildFigures) {
  return {
    catalog: figures.catalog.name,
    files: String(figures.files),
    bytes: formatBytes(figures.bytes),
    copies: formatSpread(figures.copies),
    build: seconds(figures.buildMs.median),
    copy: seconds(figures.copyMs.median),
    'peak memory': formatBytes(figures.peakBytes.max),
  };
}

function describePhases({ catalog, phases, ...figures }: BuildFigures) {
  return {
    catalog: catalog.name,
    'in process': seconds(figures.inProcessMs.median),
    copies: formatSpread(figures.copiesInProcess),
    read: seconds(phases.readMs.median),
    plan: seconds(phases.planMs.median),
    write: seconds(phases.writeMs.median),
    finish: seconds(phases.finishMs.median),
  };
}

function describeWithDefaults({ catalog, withDefaults }: BuildFigures) {
  const { files, bytes, buildMs, peakBytes, routerBytes, parts, publishedParts } = withDefaults;
  return {
    catalog: catalog.name,
    files: String(files),
    bytes: formatBytes(bytes),
    build: seconds(buildMs),
    'peak memory': formatBytes(peakBytes),
    router: String(routerBytes),
    'parts published': `${publishedParts} of ${parts}`,
  };
}

function describeWriting({ hashMs, writeMs }: Awaited<ReturnType<typeof measureWriting>>): string {
  return `  of its "write", by itself: hashing ${seconds(hashMs.median)} s, writing what is in memory ${seconds(writeMs.median)} s\n`;
}

function seconds(ms: number): string {
  return formatNumber(ms / 1000);
}
