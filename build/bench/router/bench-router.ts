import assert from 'node:assert/strict';
import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import { type BenchContext, type BenchReport, measureCatalogs, type Row } from '../benchmark.ts';
import { type BenchCatalog, rankPluginIds } from '../inputs/builds.ts';
import { interleave, spread, spreadOfRatios } from '../measure/figures.ts';
import { type Act, driverSource, type Engine, startEngine } from './engines.ts';
import { type RouterCase, routerCases } from './router-cases.ts';

/** Measures what the router takes for a request, in the engines that are installed. */
export async function benchRouter(context: BenchContext): Promise<BenchReport> {
  const notes: string[] = [];
  const tables = await measureCatalogs(context, 'router', async (catalog) => {
    const { source, paths, pluginIds } = await planRouter(catalog);
    const cases = routerCases(pluginIds[0] ?? '');
    const driver = driverSource(
      source,
      cases.map(({ targets }) => targets),
    );
    const start = (command: 'node' | 'njs') =>
      startEngine(command, driver, context.workDir, context.signal);
    const [node, njs] = [(await start('node')) as Engine, await start('njs')];
    await check(node, cases, paths);
    const problem = njs ? await findDisagreement(node, njs, cases) : 'it is not installed';
    if (problem) notes.push(`${catalog.name} in njs is not measured: ${problem}`);
    const bases: Row[] = [];
    const requests: Row[] = [];
    for (const [engine, measured] of Object.entries({ node, ...(njs && !problem && { njs }) })) {
      context.report(`router: ${catalog.name} in ${engine}`);
      const router = `${Buffer.byteLength(source)} bytes`;
      bases.push({ engine, router, ...(await measureBase(measured, context)) });
      for (const [number, { name: request }] of cases.entries()) {
        const figures = await measure(measured, number, context);
        // Node frees what it took.
        const bytes = engine === 'node' ? '–' : figures.bytes;
        requests.push({ engine, request, ...figures, bytes });
      }
    }
    return {
      'a request, to doing nothing': requests,
      'µs of what is beside it: the loop, the event, the top level of the script': bases,
    };
  });
  return { tables, notes };
}

/** With search, and pages of 10, for every real catalog. Nothing of it is written, so the budget allows all of that. */
const FLAGS = {
  'page-sizes': '10,100',
  'every-page-size': 'off',
  'max-bytes': '20000000000',
  'max-files': '200000',
} as const;

/** The router of a build that is planned and not written, with the paths of all its answers. */
async function planRouter({ file }: BenchCatalog) {
  const cwd = path.dirname(file);
  const settings = await readBuildSettings({ catalog: [file], ...FLAGS }, {}, cwd);
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const { cloudFront, answers, table } = await planSite({ ...settings, releases });
  const paths = [`${table.root}api/empty.json`, ...answers.answers.map(({ path }) => path)];
  return {
    source: cloudFront?.code ?? '',
    paths: new Set(paths),
    pluginIds: rankPluginIds(releases),
  };
}

/** @throws {AssertionError} if an answer is not a file of a build: measuring wrong answers makes no sense */
async function check(node: Engine, cases: readonly RouterCase[], paths: ReadonlySet<string>) {
  for (const [number, { name, isRefused, targets }] of cases.entries()) {
    const answers = await node.answers(number);
    const isRight = (answer: string | number) =>
      isRefused ? answer === 400 : paths.has(String(answer));
    const wrong = answers.findIndex((answer) => !isRight(answer));
    assert.equal(wrong, -1, `${name}: ${targets[wrong]} is answered ${answers[wrong]}`);
  }
}

/** Why njs does not answer as Node does, if so. */
async function findDisagreement(node: Engine, njs: Engine, cases: readonly RouterCase[]) {
  try {
    for (const [number, { name }] of cases.entries()) {
      assert.deepEqual(await njs.answers(number), await node.answers(number), name);
    }
    return undefined;
  } catch (error) {
    // The first lines identify it; the rest is njs's stack.
    return (error as Error).message.split('\n').slice(0, 4).join('; ');
  }
}

async function measureBase(engine: Engine, { runs, signal }: BenchContext) {
  const { loop, event, load } = await interleave(runs, {
    loop: timing(engine, 'empty', 0, signal),
    event: timing(engine, 'event', 0, signal),
    load: timing(engine, 'load', 0, signal),
  });
  const toSpread = (times: typeof loop) => spread(times.map(({ microseconds }) => microseconds));
  return { loop: toSpread(loop), event: toSpread(event), load: toSpread(load) };
}

/** The router alone, without making the event; its ratio to a router that does nothing has both with it. */
async function measure(engine: Engine, number: number, { runs, signal }: BenchContext) {
  const { router, nothing } = await interleave(runs, {
    router: timing(engine, 'router', number, signal),
    nothing: timing(engine, 'nothing', number, signal),
  });
  const microseconds = [router, nothing].map((times) => times.map((time) => time.microseconds));
  const difference = (figure: 'microseconds' | 'bytes') =>
    spread(router.map((time, run) => time[figure] - (nothing[run]?.[figure] ?? 0)));
  return {
    µs: difference('microseconds'),
    ratio: spreadOfRatios(microseconds[0] ?? [], microseconds[1] ?? []),
    bytes: difference('bytes'),
  };
}

function timing(engine: Engine, act: Act, number: number, signal: AbortSignal) {
  return () => {
    signal.throwIfAborted();
    return engine.time(act, number);
  };
}
