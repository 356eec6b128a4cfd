import { rm } from 'node:fs/promises';
import path from 'node:path';
import { formatBytes } from '../site/summarize.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from './benchmark.ts';
import { ALWAYS_ARGUMENTS, type BenchCatalog } from './inputs/builds.ts';
import { interleave, spread, spreadOfRatios } from './measure/figures.ts';
import { runProcess, runProgram } from './measure/processes.ts';
import { timeInside } from './time-inside.ts';

/** The limits for the build of the largest catalog. */
const TARGET = { copies: 3, peakBytes: 300e6 };

/** Measures whole builds, from the start of the process to its end, against `cp -r` of their results. */
export async function benchBuild(context: BenchContext): Promise<BenchReport> {
  const builds: Awaited<ReturnType<typeof measure>>[] = [];
  const tables = await measureCatalogs(context, 'build', async (catalog) => {
    const measured = await measure(catalog, context);
    builds.push(measured);
    const { whole, inside, withDefaults } = measured;
    return {
      'what is always published, to cp -r of the result': whole,
      'the same by its phases, and hashing and writing by themselves': inside,
      'with default settings and budget, once': withDefaults,
    };
  });
  const { name, whole } = builds.reduce((a, b) => (a.whole.bytes > b.whole.bytes ? a : b));
  const isMet = whole.copies.median <= TARGET.copies && whole.peakBytes.median < TARGET.peakBytes;
  const target = `at most ${TARGET.copies} copies and less than ${formatBytes(TARGET.peakBytes)}`;
  return { tables, notes: [`target for ${name}, ${target}: ${isMet ? 'met' : 'MISSED'}`] };
}

async function measure(catalog: BenchCatalog, { runs, signal, workDir, buildOf }: BenchContext) {
  const { dir, snapshot } = await buildOf(catalog);
  const out = path.join(workDir, 'out');
  const args = ['--catalog', catalog.file, '--out', out];
  const clean = async <Result>(result: Promise<Result>) => {
    const done = await result;
    await rm(out, { recursive: true, force: true });
    return done;
  };
  const { build, copy, phases, rewriting } = await interleave(runs, {
    build: () => clean(runProgram('build/site/build.ts', [...args, ...ALWAYS_ARGUMENTS], signal)),
    copy: () => clean(runProcess('cp', ['-r', dir, out], signal)),
    phases: () => clean(timeInside('phases', [catalog.file, out], signal)),
    rewriting: () => clean(timeInside('rewriting', [dir, out], signal)),
  });
  const [buildMs, copyMs] = [build, copy].map((times) => times.map(({ wallMs }) => wallMs));
  const insideMs = phases.map((each) => Object.values(each).reduce((sum, ms) => sum + ms, 0));
  const withDefaults = await clean(runProgram('build/site/build.ts', [...args, '--json'], signal));
  const { files, bytes, routerBytes, published } = JSON.parse(withDefaults.stdout);
  const parts: { isPublished: boolean }[] = published.parts;
  return {
    name: catalog.name,
    whole: {
      files: snapshot.files.length,
      bytes: snapshot.files.reduce((sum, { size }) => sum + size, 0),
      copies: spreadOfRatios(buildMs ?? [], copyMs ?? []),
      buildMs: spread(buildMs ?? []),
      copyMs: spread(copyMs ?? []),
      peakBytes: spread(build.map(({ peakBytes }) => peakBytes)),
    },
    inside: {
      copies: spreadOfRatios(insideMs, copyMs ?? []),
      insideMs: spread(insideMs),
      readMs: spread(phases.map(({ readMs }) => readMs)),
      planMs: spread(phases.map(({ planMs }) => planMs)),
      writeMs: spread(phases.map(({ writeMs }) => writeMs)),
      finishMs: spread(phases.map(({ finishMs }) => finishMs)),
      hashMs: spread(rewriting.map(({ hashMs }) => hashMs)),
      rewriteMs: spread(rewriting.map(({ rewriteMs }) => rewriteMs)),
    },
    withDefaults: {
      files,
      bytes,
      buildMs: withDefaults.wallMs,
      peakBytes: withDefaults.peakBytes,
      router: routerBytes,
      partsPublished: `${parts.filter(({ isPublished }) => isPublished).length} of ${parts.length}`,
    },
  };
}
