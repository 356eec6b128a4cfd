import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../src/lib/errors.ts';
import { formatBytes } from '../site/summarize.ts';
import type { BenchContext, BenchReport, Row } from './benchmark.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from './inputs/synthetic-catalog.ts';
import { formatNumber } from './measure/figures.ts';
import { timeInside } from './time-inside.ts';

/** The tables, by what each catalog is built with. */
const TITLES = {
  always: 'what is published whatever the budget',
  default: 'default settings and budget, with a router of any size',
} as const;

/** The limit of CloudFront. */
const ROUTER_LIMIT = 10_000;

/** The build of a catalog so many times as large as the largest real one. */
interface GrownBuild {
  readonly size: number;
  readonly plugins: number;
  readonly releases: number;
  /** The average size of a release as compact JSON. */
  readonly releaseBytes: number;
  readonly times: Awaited<ReturnType<typeof timeInside<'growth'>>>;
}

/**
 * Measures builds of synthetic catalogs of growing size, each in a process of its own and once: we look for a rise in
 * costs, and such long measurements need no repetition. Releases are small, so that the largest build fits on a disk.
 */
export async function benchGrowth(context: BenchContext): Promise<BenchReport> {
  const tables: Record<string, Row[]> = {};
  const notes: string[] = [];
  for (const [setting, title] of Object.entries(TITLES)) {
    const builds: GrownBuild[] = [];
    for (const size of context.growth.sizes) {
      const build = await measure(size, setting, context);
      if (build) builds.push(build);
      else {
        const limit = `${context.growth.patienceSeconds} s`;
        notes.push(`${setting}: ${size} times takes more than ${limit}; larger ones are left out`);
        break;
      }
    }
    tables[title] = builds.map(toRow);
    notes.push(...findRises(builds).map((rise) => `${setting}: ${rise}`));
  }
  return { tables, notes };
}

/** @returns undefined where the build takes too long */
async function measure(size: number, setting: string, context: BenchContext) {
  const { growth, report, signal, workDir } = context;
  report(`growth: ${size} times, ${setting}`);
  const plugins = LIKE_PRODUCTION.plugins * size;
  const thresholds = LIKE_PRODUCTION.thresholds * size;
  const words = LIKE_PRODUCTION.words * size;
  const entries = syntheticCatalog({ ...LIKE_PRODUCTION, plugins, thresholds, words, bulk: 0 });
  const json = JSON.stringify(entries);
  const folder = path.join(workDir, 'growth');
  const [catalog, out] = [path.join(folder, 'catalog.json'), path.join(folder, 'out')];
  await mkdir(folder);
  await writeFile(catalog, json);
  const patience = AbortSignal.timeout(growth.patienceSeconds * 1000);
  try {
    const args = [setting, catalog, out, String(growth.maxWrittenBytes)] as const;
    const times = await timeInside('growth', [...args], AbortSignal.any([signal, patience]));
    const releaseBytes = json.length / entries.length;
    return { size, plugins, releases: entries.length, releaseBytes, times };
  } catch (error) {
    if (patience.aborted && !signal.aborted && error instanceof UserError) return undefined;
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function toRow({ size, plugins, releases, releaseBytes, times }: GrownBuild): Row {
  const { answers, bytes, written, planMs, planCpuMs, planPeakBytes, routerBytes, parts } = times;
  return {
    times: size,
    plugins,
    releases,
    releaseBytes,
    answers,
    files: written?.files ?? '–',
    bytes,
    planMs,
    planCpuMs,
    'µs an answer': (planCpuMs * 1000) / answers,
    writeMs: written?.ms ?? '–',
    writtenASecond: written ? formatBytes((bytes * 1000) / written.ms) : '–',
    planPeakBytes,
    peakBytes: written?.peakBytes ?? planPeakBytes,
    router: `${routerBytes}${routerBytes > ROUTER_LIMIT ? ' (over 10,000)' : ''}`,
    parts,
  };
}

/** Costs that should not depend on the size; undefined where one was not measured. */
const COSTS: Readonly<Record<string, (build: Pick<GrownBuild, 'times'>) => number | undefined>> = {
  'planning an answer': ({ times }) => times.planCpuMs / times.answers,
  'writing a byte': ({ times }) => times.written && times.written.ms / times.bytes,
  'writing a file': ({ times }) => times.written && times.written.ms / times.written.files,
  'peak memory': ({ times }) => times.written?.peakBytes,
};

/** How each cost changes from the smallest catalog that was measured to the largest, in words. */
export function findRises(builds: readonly Pick<GrownBuild, 'size' | 'times'>[]): string[] {
  return Object.entries(COSTS).flatMap(([what, costOf]) => {
    const measured = builds.flatMap((build) => {
      const cost = costOf(build);
      return cost === undefined ? [] : [{ size: build.size, cost }];
    });
    const [first, last] = [measured[0], measured.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const factor = last.cost / first.cost;
    const verdict = factor > 2 ? 'quadratic?' : 'fine';
    return `${what} at ${last.size} times is ${formatNumber(factor)} times that at ${first.size}: ${verdict}`;
  });
}
