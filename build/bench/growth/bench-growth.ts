import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../src/lib/errors.ts';
import { formatTable } from '../../cli/format-table.ts';
import { formatBytes } from '../../site/summarize.ts';
import type { BenchContext, BenchReport } from '../benchmark.ts';
import { growthChart } from '../charts/growth-chart.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from '../inputs/synthetic-catalog.ts';
import { runProgram } from '../measure/run-process.ts';
import { formatNumber } from '../measure/spread.ts';
import { findRises, type Rise } from './find-rises.ts';
import type { GrowthFigures, GrowthTimes } from './growth-figures.ts';
import { GROWTH_SETTINGS, type GrowthSetting } from './growth-settings.ts';

/** What CloudFront takes. */
const ROUTER_LIMIT = 10_000;

/**
 * Measures builds of synthetic catalogs of growing size, each in a process of its own and once: a rise in costs is looked for,
 * and what takes as long needs no repetition. Releases are small, so that the bytes of the largest fit on a disk.
 */
export async function benchGrowth(context: BenchContext): Promise<BenchReport> {
  const figures: GrowthFigures[] = [];
  const unmeasured: string[] = [];
  for (const setting of GROWTH_SETTINGS) {
    for (const size of context.growth.sizes) {
      const measured = await measure(size, setting, context);
      if (typeof measured === 'string') {
        unmeasured.push(measured);
        break;
      }
      figures.push(measured);
    }
  }
  if (context.chart !== undefined) await writeFile(context.chart, growthChart(figures));
  const rises = GROWTH_SETTINGS.flatMap((setting) =>
    findRises(figures.filter((each) => each.setting === setting)),
  );
  return {
    figures: { catalogs: figures, rises, unmeasured },
    text: [
      `growth: catalogs as many times as large as the largest real one, with releases of ${formatBytes(figures[0]?.releaseBytes ?? 0)}\n`,
      ...GROWTH_SETTINGS.flatMap((setting) => {
        const rows = figures.filter((each) => each.setting === setting);
        return [`  ${TITLES[setting]}\n`, formatTable(rows.map(describe))];
      }),
      ...unmeasured.map((line) => `  ${line}\n`),
      ...rises.map((rise) => `  ${describeRise(rise)}\n`),
    ].join(''),
  };
}

const TITLES: Readonly<Record<GrowthSetting, string>> = {
  always:
    'what is published whatever the budget: --search off --every-page-size off --page-sizes 100',
  default: 'default settings and budget, but for the size of the router',
};

/** @returns in words why there are no figures, where a build takes too long */
async function measure(
  size: number,
  setting: GrowthSetting,
  { growth, say, signal, workDir }: BenchContext,
): Promise<GrowthFigures | string> {
  say(`growth: ${size} times, ${setting}`);
  const { plugins, thresholds, words } = LIKE_PRODUCTION;
  const entries = syntheticCatalog({
    ...LIKE_PRODUCTION,
    plugins: plugins * size,
    thresholds: thresholds * size,
    words: words * size,
    bulk: 0,
  });
  const json = JSON.stringify(entries);
  const folder = path.join(workDir, 'growth');
  const catalog = path.join(folder, 'catalog.json');
  await mkdir(folder);
  await writeFile(catalog, json);
  const patience = AbortSignal.timeout(growth.patienceSeconds * 1000);
  try {
    const { stdout } = await runProgram(
      'build/bench/growth/time-growth.ts',
      [setting, catalog, path.join(folder, 'out'), String(growth.maxWrittenBytes)],
      AbortSignal.any([signal, patience]),
    );
    return {
      size,
      setting,
      plugins: plugins * size,
      releases: entries.length,
      releaseBytes: json.length / entries.length,
      times: JSON.parse(stdout) as GrowthTimes,
    };
  } catch (error) {
    if (!patience.aborted || signal.aborted || !(error instanceof UserError)) throw error;
    return `${setting}: ${size} times takes more than ${growth.patienceSeconds} s, and what is larger is not begun`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function describe({ size, plugins, releases, times }: GrowthFigures) {
  const { answers, bytes, written, planMs, planCpuMs, routerBytes } = times;
  const isTooLarge = routerBytes > ROUTER_LIMIT;
  return {
    times: String(size),
    plugins: String(plugins),
    releases: String(releases),
    answers: String(answers),
    files: written ? String(written.files) : '–',
    bytes: formatBytes(bytes),
    'plan s': formatNumber(planMs / 1000),
    'plan CPU s': formatNumber(planCpuMs / 1000),
    'CPU µs an answer': formatNumber((planCpuMs * 1000) / answers),
    'write s': written ? formatNumber(written.ms / 1000) : '–',
    'written a second': written ? formatBytes((bytes * 1000) / written.ms) : '–',
    'plan memory': formatBytes(times.planPeakBytes),
    'peak memory': formatBytes(written?.peakBytes ?? times.planPeakBytes),
    router: `${routerBytes}${isTooLarge ? ' (over 10,000)' : ''}`,
    parts: times.parts.map(({ isPublished }) => (isPublished ? '+' : '–')).join(''),
  };
}

function describeRise({ setting, what, factor, from, to }: Rise): string {
  const verdict = factor > 2 ? 'quadratic?' : 'fine';
  return `${setting}: ${what} at ${to} times is ${formatNumber(factor)} times that at ${from}: ${verdict}`;
}
