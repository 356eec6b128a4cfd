import { readFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import type { Snapshot, SnapshotFile } from '../../../src/snapshot/parse-snapshot.ts';
import { formatBytes } from '../../site/summarize.ts';
import type { Row } from '../benchmark.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { runProcess, runProgram } from '../measure/processes.ts';

/** A budget that leaves nothing but what is always published. */
export const ONLY_ALWAYS = ['--max-files', '1', '--max-bytes', '1'];

/** A limit that every router keeps. */
export const ANY_ROUTER = ['--router-bytes', '100000000'];

/** What a file takes on a disk beyond its bytes, at most. */
const BLOCK_BYTES = 4096;

/** A catalog, and how it is built. */
export interface GrowthBuild {
  readonly catalog: string;
  /** Flags of every build of this catalog. */
  readonly flags: readonly string[];
  /** Builds lie in it as long as they are measured. */
  readonly workDir: string;
  readonly signal: AbortSignal;
}

/** The parts of a plan, as `npm run build -- --plan --json` reports them. */
interface Plan {
  readonly parts: readonly {
    readonly files: number;
    readonly bytes: number;
    readonly isPublished: boolean;
  }[];
  readonly routerBytes: number;
}

/** What `npm run build -- --plan` says is published, and its cost. */
export async function measurePlan(build: GrowthBuild) {
  const { stdout, cpuMs, peakBytes } = await runBuild(build, ['--plan', '--json']);
  const { parts, routerBytes }: Plan = JSON.parse(stdout);
  const published = parts.filter(({ isPublished }) => isPublished);
  return {
    answers: published.reduce((sum, { files }) => sum + files, 0),
    bytes: published.reduce((sum, { bytes }) => sum + bytes, 0),
    routerBytes,
    cpuMs,
    peakBytes,
  };
}

/** @throws {UserError} where the disk has no room for a build of such a plan and a copy of it */
export async function checkRoom(
  workDir: string,
  plan: { readonly answers: number; readonly bytes: number },
): Promise<true> {
  const { bavail, bsize } = await statfs(workDir);
  const needed = 2 * (plan.bytes + plan.answers * BLOCK_BYTES);
  if (needed < bavail * bsize) return true;
  throw new UserError(
    `a build and its copy take about ${formatBytes(needed)}, and ${workDir} has ${formatBytes(bavail * bsize)}: free some, or set TMPDIR`,
  );
}

/** What a build writes whatever its budget, plain and as gzip. Web pages are not counted. */
export async function measureAlways(build: GrowthBuild): Promise<Row> {
  const folder = path.join(build.workDir, 'grown');
  const out = path.join(folder, 'out');
  try {
    await runBuild(build, ['--out', out, '--compress', 'both', ...ONLY_ALWAYS]);
    const { catalog, published, files } = await readManifest(out);
    return {
      releases: catalog.releases,
      plugins: catalog.plugins,
      steps: published.steps.length,
      ...describeFiles(files.filter((file) => /^snapshots\/[^/]+\/api\//.test(file.path))),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Builds with default settings and plain files only, as often as `runs` says, in turn with a copy of the result and with
 * Node that does nothing.
 */
export async function measureBuilds(build: GrowthBuild, runs: number) {
  const { workDir, signal } = build;
  // A build that is stopped leaves a folder beside its own.
  const folder = path.join(workDir, 'grown');
  const [out, copy] = [path.join(folder, 'out'), path.join(folder, 'copy')];
  const clean = () => rm(folder, { recursive: true, force: true });
  try {
    const { builds, copies, starts } = await interleave(runs, {
      builds: async () => {
        await clean();
        return await runBuild(build, ['--out', out, '--compress', 'off', '--json']);
      },
      copies: () => runProcess('cp', ['-r', out, copy], signal),
      starts: () => runProgram('-e', ['0'], signal),
    });
    const buildMs = builds.map(({ wallMs }) => wallMs);
    const copyMs = copies.map(({ wallMs }) => wallMs);
    const cpuMs = builds.map((each) => each.cpuMs);
    const startCpuMs = starts.map((each) => each.cpuMs);
    const snapshot = await readManifest(out);
    const { gzipBytes: _none, ...files } = describeFiles(snapshot.files);
    const whole = {
      ...files,
      buildMs: spread(buildMs),
      copyMs: spread(copyMs),
      copies: spreadOfRatios(buildMs, copyMs),
      cpuMs: spread(cpuMs),
      startCpuMs: spread(startCpuMs),
      starts: spreadOfRatios(cpuMs, startCpuMs),
      peakBytes: spread(builds.map(({ peakBytes }) => peakBytes)),
    };
    return { whole, router: await describeRouter(out) };
  } finally {
    await clean();
  }
}

/** The router for CloudFront in bytes, and what it keeps in a store. */
async function describeRouter(out: string) {
  const code = await readFile(path.join(out, 'edge/cloudfront-function.js'), 'utf8');
  const store = await readFile(path.join(out, 'edge/cloudfront-store.json'), 'utf8').then(
    (json): { keys: Readonly<Record<string, string>> } => JSON.parse(json),
    () => undefined,
  );
  const records = Object.entries(store?.keys ?? {}).flat();
  return {
    ...measureRouter(code),
    storeKeys: records.length / 2,
    storeBytes: records.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  };
}

/** An object without objects in it, as minified code has it. */
const FLAT_OBJECT = /\{(?:[^{}"'`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)*\}/g;

/** The bytes of a router, and how many of them are its table: the object with the path of the snapshot. */
export function measureRouter(script: string) {
  const table = script.match(FLAT_OBJECT)?.find((object) => object.includes('/snapshots/')) ?? '';
  const [router, tableBytes] = [Buffer.byteLength(script), Buffer.byteLength(table)];
  return { router, code: router - tableBytes, table: tableBytes };
}

/** Files with their folders, and how many there are for each content. */
export function describeFiles(files: readonly Omit<SnapshotFile, 'contentType'>[]) {
  const folders = new Set<string>();
  for (const file of files) {
    for (let at = path.posix.dirname(file.path); at !== '.'; at = path.posix.dirname(at)) {
      folders.add(at);
    }
  }
  return {
    files: files.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    gzipBytes: files.reduce((sum, { size, gzip }) => sum + (gzip?.size ?? size), 0),
    folders: folders.size,
    'files a content': (files.length / new Set(files.map(({ sha256 }) => sha256)).size).toFixed(3),
  };
}

async function runBuild({ catalog, flags, signal }: GrowthBuild, args: readonly string[]) {
  return await runProgram('build/site/build.ts', ['--catalog', catalog, ...flags, ...args], signal);
}

/** Trusted, for it has just been made. */
async function readManifest(out: string): Promise<Snapshot> {
  return JSON.parse(await readFile(path.join(out, 'snapshot.json'), 'utf8'));
}
