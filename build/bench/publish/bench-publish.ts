import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Build, readBuild } from '../../../src/publish/read-build.ts';
import { servedFiles } from '../../../src/snapshot/parse-snapshot.ts';
import { skipWithoutRadosgw, startRadosgw } from '../../../test/engines/radosgw.ts';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import { runProgram } from '../measure/run-process.ts';
import { formatSpread, spread, spreadOfRatios } from '../measure/spread.ts';
import { timeUploads } from './time-uploads.ts';

/** The requests of a deploy that run at once, by default. */
const CONCURRENCY = 64;

/** The server keeps objects in memory. */
const LARGEST_BUILD_BYTES = 500e6;

/** Measures how fast a build is uploaded to a real S3 server, against a bare loop of PutObject over the same files. */
export async function benchPublish(context: BenchContext): Promise<BenchReport> {
  if (skipWithoutRadosgw) {
    return { figures: [], text: `publish: skipped, it ${skipWithoutRadosgw}\n` };
  }
  const figures: PublishFigures[] = [];
  for (const catalog of context.catalogs) {
    context.say(`publish: ${catalog.name}`);
    const measured = await measure(catalog, context);
    if (measured) figures.push(measured);
  }
  return {
    figures,
    text: `publish: builds with default settings into radosgw, ${CONCURRENCY} objects at once, against a bare loop of PutObject\n${formatTable(figures.map(describe))}`,
  };
}

type PublishFigures = NonNullable<Awaited<ReturnType<typeof measure>>>;

async function measure(catalog: BenchCatalog, { runs, say, signal, workDir }: BenchContext) {
  const out = path.join(workDir, 'published');
  await runProgram('build/site/build.ts', ['--catalog', catalog.file, '--out', out], signal);
  const build = await readBuild(out);
  const files = servedFiles(build.snapshot);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  try {
    if (bytes > LARGEST_BUILD_BYTES) {
      say(
        `publish: skips ${catalog.name}, whose ${formatBytes(bytes)} are too much for the server`,
      );
      return undefined;
    }
    const { upload, bare } = await timeBoth(build, runs);
    const perSecond = (times: readonly number[]) => times.map((ms) => (files.length / ms) * 1000);
    return {
      catalog,
      files: files.length,
      bytes,
      uploadPerSecond: spread(perSecond(upload)),
      barePerSecond: spread(perSecond(bare)),
      timeRatio: spreadOfRatios(upload, bare),
    };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

async function timeBoth(build: Build, runs: number) {
  const radosgw = await startRadosgw();
  try {
    const uploads = await timeUploads(radosgw, build, CONCURRENCY);
    return await interleave(runs, uploads);
  } finally {
    await radosgw.stop();
  }
}

function describe(figures: PublishFigures) {
  return {
    catalog: figures.catalog.name,
    files: String(figures.files),
    bytes: formatBytes(figures.bytes),
    'objects/s': formatSpread(figures.uploadPerSecond),
    'bare, objects/s': formatSpread(figures.barePerSecond),
    'time to bare': formatSpread(figures.timeRatio),
  };
}
