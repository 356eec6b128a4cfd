import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { S3Bucket } from '../../src/publish/aws/s3-bucket.ts';
import { MOST_REMOVED } from '../../src/publish/aws/target.ts';
import { type Build, readBuild } from '../../src/publish/read-build.ts';
import { planUpload, upload } from '../../src/publish/upload.ts';
import { servedFiles } from '../../src/snapshot/parse-snapshot.ts';
import { skipWithoutRadosgw, startRadosgw } from '../../test/engines/radosgw.ts';
import { quietSdk } from '../publish/quiet-sdk.ts';
import { formatBytes } from '../site/summarize.ts';
import { type BenchContext, type BenchReport, measureCatalogs } from './benchmark.ts';
import type { BenchCatalog } from './inputs/builds.ts';
import { interleave, spread, spreadOfRatios } from './measure/figures.ts';
import { runProgram } from './measure/processes.ts';

/** The requests of a deploy that run at once, by default. */
const CONCURRENCY = 64;

/** The server keeps objects in memory. */
const LARGEST_BUILD_BYTES = 500e6;

const BUCKET = 'bench';

/** Measures how fast a build is uploaded to a real S3 server, against a bare loop of PutObject over the same files. */
export async function benchPublish(context: BenchContext): Promise<BenchReport> {
  if (skipWithoutRadosgw) return { tables: {}, notes: [`publish ${skipWithoutRadosgw}`] };
  const notes: string[] = [];
  const title = `builds with default settings into radosgw, ${CONCURRENCY} objects at once, to a bare loop of PutObject`;
  const tables = await measureCatalogs(context, 'publish', async (catalog) => {
    const measured = await measure(catalog, context);
    if (typeof measured !== 'string') return { [title]: measured };
    notes.push(measured);
    return {};
  });
  return { tables, notes };
}

/** @returns in words why a build cannot be measured, or its row */
async function measure(catalog: BenchCatalog, { runs, signal, workDir }: BenchContext) {
  const out = path.join(workDir, 'published');
  try {
    await runProgram('build/site/build.ts', ['--catalog', catalog.file, '--out', out], signal);
    const build = await readBuild(out);
    const files = servedFiles(build.snapshot);
    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    if (bytes > LARGEST_BUILD_BYTES) {
      return `without ${catalog.name}: its ${formatBytes(bytes)} are too much for the server`;
    }
    const times = await timeBoth(build, runs);
    const perSecond = (each: readonly number[]) =>
      spread(each.map((ms) => (files.length / ms) * 1000));
    return {
      files: files.length,
      bytes,
      'objects a second': perSecond(times.deploy),
      'bare, a second': perSecond(times.bare),
      timeToBare: spreadOfRatios(times.deploy, times.bare),
    };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** In turn: as a deploy, which checks every file and has the server check it, and by a loop that reads a file and sends it. */
async function timeBoth(build: Build, runs: number) {
  quietSdk(process.env);
  const { stop, ...endpoint } = await startRadosgw();
  const s3 = new S3Client({
    ...endpoint,
    forcePathStyle: true,
    requestHandler: { httpAgent: { maxSockets: CONCURRENCY, keepAlive: true } },
  });
  const bucket = new S3Bucket(s3, BUCKET);
  const { transfers } = planUpload(build.files, [], []);
  const putFile = async ({ path: file }: { path: string }) => {
    const Body = await readFile(path.join(build.dir, file));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: file, Body }));
  };
  const timing = (run: () => Promise<unknown>) => async () => {
    const started = performance.now();
    await run();
    const elapsedMs = performance.now() - started;
    const keys = (await bucket.list('')).map(({ key }) => key);
    while (keys.length > 0) await bucket.remove(keys.splice(0, MOST_REMOVED));
    return elapsedMs;
  };
  try {
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    return await interleave(runs, {
      deploy: timing(() => upload({ bucket, build, transfers, concurrency: CONCURRENCY })),
      bare: timing(() => pLimit(CONCURRENCY).map(servedFiles(build.snapshot), putFile)),
    });
  } finally {
    s3.destroy();
    await stop();
  }
}
