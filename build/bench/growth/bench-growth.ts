import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BenchContext, BenchReport, Row } from '../benchmark.ts';
import { formatNumber } from '../measure/figures.ts';
import {
  ANY_ROUTER,
  checkRoom,
  type GrowthBuild,
  measureAlways,
  measureBuilds,
  measurePlan,
  ONLY_ALWAYS,
} from './growth-builds.ts';
import { growthCatalogs } from './growth-catalogs.ts';

/** A catalog whose plan takes as long as its process takes to start. */
const SMALLEST = [{ manifest: { id: 'one', version: '1.0.0' } }];

/** The limit for the planning of an answer of a catalog that has grown by ten years, in times that of the catalog. */
const MOST_RISE = 1.5;

const TEN_YEARS = ' +10, four each';

/** Takes a step of measuring; undefined where it fails or takes too long, and a note says why. */
type Attempt = <Result>(
  step: string,
  take: (signal: AbortSignal) => Promise<Result>,
) => Promise<Result | undefined>;

/** Measures what larger catalogs than those of today cost, each step in processes of its own. */
export async function benchGrowth(context: BenchContext): Promise<BenchReport> {
  const { catalogs, growth, runs, signal, workDir } = context;
  const tables: Record<string, Row[]> = {};
  const notes: string[] = [];
  const catalog = path.join(workDir, 'grown.json');
  const write = (entries: readonly object[]) => writeFile(catalog, JSON.stringify(entries));
  await write(SMALLEST);
  const build = { catalog, workDir, flags: [] };
  const { cpuMs: startCpuMs } = await measurePlan({ ...build, signal });
  const started = `starting takes ${startCpuMs} ms of processor time, which "µs an answer" leaves out`;
  for (const { name, make } of growthCatalogs(catalogs, growth.only)) {
    await write(make());
    const attempt = attempting(context, name, notes);
    for (const [title, row] of Object.entries(
      await measure(attempt, { build, startCpuMs, runs }),
    )) {
      tables[title] = [...(tables[title] ?? []), { catalog: name, ...row }];
    }
  }
  const rises = findRises(Object.values(tables).flat());
  return { tables, notes: [...notes, started, ...rises] };
}

/** Reports each step. A person who interrupts stops all of them. */
function attempting(context: BenchContext, name: string, notes: string[]): Attempt {
  const { growth, report, signal } = context;
  return async (step, take) => {
    report(`growth: ${name}: ${step}`);
    const patience = AbortSignal.timeout(growth.patienceSeconds * 1000);
    try {
      return await take(AbortSignal.any([signal, patience]));
    } catch (error) {
      if (signal.aborted) throw error;
      const why = patience.aborted
        ? `stopped after ${growth.patienceSeconds} s (--patience)`
        : explain(error as Error);
      notes.push(`${name}: ${step}: ${why}`);
      return undefined;
    }
  };
}

/** The message of a program that failed, without what it reported before. */
export function explain({ message }: Error): string {
  const [, reason = message] = /^error: (.*)/ms.exec(message) ?? [];
  return reason.replace(/\s*\n\s*/g, ' ').slice(0, 400);
}

type Plan = Awaited<ReturnType<typeof measurePlan>>;

/** @returns rows by the titles of their tables */
async function measure(
  attempt: Attempt,
  options: {
    readonly build: Omit<GrowthBuild, 'signal'>;
    readonly startCpuMs: number;
    readonly runs: number;
  },
): Promise<Record<string, Row>> {
  const planWith = (step: string, flags: readonly string[]) =>
    attempt(step, (signal) => measurePlan({ ...options.build, flags, signal }));
  const planWithAnyRouter = () => planWith('plan with a router of any size', ANY_ROUTER);
  const fitting = await planWith('plan', []);
  // CloudFront does not take such a router, but everything else can be measured.
  const flags = fitting ? [] : ANY_ROUTER;
  const plan = fitting ?? (await planWithAnyRouter());
  if (plan === undefined) return {};
  const always = await planWith('plan of what is always published', [...flags, ...ONLY_ALWAYS]);
  const plans = {
    'plans, with default settings and of what is always published': {
      ...describePlan('default', options.startCpuMs, plan),
      ...describePlan('always', options.startCpuMs, always),
    },
  };
  const build = { ...options.build, flags };
  if (!(await attempt('room on the disk', () => checkRoom(build.workDir, plan)))) return plans;
  const written = await attempt('what is always published', (signal) =>
    measureAlways({ ...build, signal }),
  );
  const built = await attempt('builds', (signal) =>
    measureBuilds({ ...build, signal }, options.runs),
  );
  const unlimited = fitting && built?.router.storeKeys ? await planWithAnyRouter() : plan;
  return {
    ...plans,
    ...(written && { 'what is always published, as written, without web pages': written }),
    ...(built && {
      'builds with default settings, plain, to cp -r of the result and to Node doing nothing':
        built.whole,
      'the router for CloudFront in bytes': {
        ...built.router,
        whole: unlimited?.routerBytes ?? '–',
      },
    }),
  };
}

function describePlan(name: string, startCpuMs: number, plan: Plan | undefined): Row {
  const { answers = '–', bytes = '–', cpuMs = '–', peakBytes = '–' } = plan ?? {};
  const microseconds = plan && (Math.max(0, plan.cpuMs - startCpuMs) * 1000) / plan.answers;
  return {
    [`${name}Answers`]: answers,
    [`${name}Bytes`]: bytes,
    [`${name}CpuMs`]: cpuMs,
    [`${name} µs an answer`]: microseconds ?? '–',
    [`${name}PeakBytes`]: peakBytes,
  };
}

/** How planning an answer changes in ten years, in words. */
export function findRises(rows: readonly Row[]): string[] {
  const costOf = (catalog: string) =>
    rows.find((row) => row['catalog'] === catalog && 'always µs an answer' in row)?.[
      'always µs an answer'
    ];
  const grown = rows.map((row) => String(row['catalog'])).find((name) => name.endsWith(TEN_YEARS));
  if (grown === undefined) return [];
  const base = grown.slice(0, -TEN_YEARS.length);
  const [before, after] = [costOf(base), costOf(grown)];
  if (typeof before !== 'number' || typeof after !== 'number') return [];
  const rise = after / before;
  const verdict = rise <= MOST_RISE ? 'met' : 'MISSED';
  return [
    `planning what is always published takes ${formatNumber(rise)} times as long an answer for ${grown} as for ${base}; target, at most ${MOST_RISE}: ${verdict}`,
  ];
}
