import assert from 'node:assert/strict';
import { formatTable } from '../../cli/format-table.ts';
import type { BenchCatalog, BenchContext, BenchReport } from '../benchmark.ts';
import { interleave } from '../measure/interleave.ts';
import {
  formatNumber,
  formatSpread,
  type Spread,
  spread,
  spreadOfRatios,
} from '../measure/spread.ts';
import { driverSource } from './driver.ts';
import type { Engine, EngineTime } from './engine.ts';
import { njsEngine } from './njs-engine.ts';
import { nodeEngine } from './node-engine.ts';
import { type PlannedRouter, planRouter } from './plan-router.ts';
import { type RouterCase, routerCases } from './router-cases.ts';

const NO_NJS = 'there is no command njs (apt-get install njs)';

/** What one engine takes for one case. */
interface CaseFigures {
  readonly name: string;
  /** Of the router alone: without making the event. */
  readonly microseconds: Spread;
  /** How many times what a router takes that does nothing, both with making the event. */
  readonly ratio: Spread;
  /** What the engine takes from the system for a request, where it gives nothing back. */
  readonly bytes?: Spread;
}

interface EngineFigures {
  readonly catalog: BenchCatalog;
  readonly engine: 'node' | 'njs';
  readonly routerBytes: number;
  readonly loopMicroseconds: Spread;
  readonly eventMicroseconds: Spread;
  readonly loadMicroseconds: Spread;
  readonly cases: readonly CaseFigures[];
}

/** Measures what the router takes for a request, in the engines that are here. */
export async function benchRouter(context: BenchContext): Promise<BenchReport> {
  const figures: EngineFigures[] = [];
  const unmeasured: string[] = [];
  for (const catalog of context.catalogs) {
    context.say(`router: ${catalog.name}, planning`);
    const router = await planRouter(catalog);
    const cases = routerCases(router.pluginIds[0] ?? '');
    const driver = driverSource(router.source, cases);
    const node = nodeEngine(driver);
    await check(node, cases, router);
    context.say(`router: ${catalog.name} in node`);
    figures.push(await measure('node', node, cases, router, catalog, context));
    const njs = await njsEngine(driver, context.workDir, context.signal);
    const problem = njs ? await findDisagreement(node, njs, cases) : NO_NJS;
    if (njs && !problem) {
      context.say(`router: ${catalog.name} in njs`);
      figures.push(await measure('njs', njs, cases, router, catalog, context));
    } else {
      unmeasured.push(`router: ${catalog.name} in njs is not measured: ${problem}\n`);
    }
  }
  return {
    figures: { engines: figures, unmeasured },
    text: [...figures.map(describe), ...unmeasured].join(''),
  };
}

/** @throws {AssertionError} where an answer is no file of a build: it makes no sense to measure what is wrong */
async function check(node: Engine, cases: readonly RouterCase[], { paths }: PlannedRouter) {
  for (const [number, { name, isRefused, targets }] of cases.entries()) {
    const answers = await node.answers(number);
    const isRight = (answer: string | number) =>
      isRefused ? answer === 400 : paths.has(String(answer));
    const wrong = answers.findIndex((answer) => !isRight(answer));
    assert.equal(wrong, -1, `${name}: ${targets[wrong]} is answered ${answers[wrong]}`);
  }
}

/** What keeps njs from answering as Node does, if anything. */
async function findDisagreement(node: Engine, njs: Engine, cases: readonly RouterCase[]) {
  try {
    for (const [number, { name }] of cases.entries()) {
      assert.deepEqual(await njs.answers(number), await node.answers(number), name);
    }
    return undefined;
  } catch (error) {
    // The first lines tell what it is; the rest is njs's stack.
    return (error as Error).message.split('\n').slice(0, 4).join('; ');
  }
}

async function measure(
  name: EngineFigures['engine'],
  engine: Engine,
  cases: readonly RouterCase[],
  router: PlannedRouter,
  catalog: BenchCatalog,
  { runs, signal }: BenchContext,
): Promise<EngineFigures> {
  const time = (act: Parameters<Engine['time']>[0], number: number) => () => {
    signal.throwIfAborted();
    return engine.time(act, number);
  };
  const base = await interleave(runs, {
    loop: time('empty', 0),
    event: time('event', 0),
    load: time('load', 0),
  });
  const figures: CaseFigures[] = [];
  for (const [number, { name }] of cases.entries()) {
    const times = await interleave(runs, {
      router: time('router', number),
      nothing: time('nothing', number),
    });
    const [asked, nothing] = [microseconds(times.router), microseconds(times.nothing)];
    const bytes = times.router.map(
      (each, run) => (each.bytes ?? 0) - (times.nothing[run]?.bytes ?? 0),
    );
    figures.push({
      name,
      microseconds: spread(asked.map((each, run) => each - (nothing[run] as number))),
      ratio: spreadOfRatios(asked, nothing),
      ...(times.router[0]?.bytes !== undefined && { bytes: spread(bytes) }),
    });
  }
  return {
    catalog,
    engine: name,
    routerBytes: Buffer.byteLength(router.source),
    loopMicroseconds: spread(microseconds(base.loop)),
    eventMicroseconds: spread(microseconds(base.event)),
    loadMicroseconds: spread(microseconds(base.load)),
    cases: figures,
  };
}

function microseconds(times: readonly EngineTime[]): number[] {
  return times.map((time) => time.microseconds);
}

function describe(figures: EngineFigures): string {
  const { catalog, engine, routerBytes, cases } = figures;
  const [loop, event, load] = [
    figures.loopMicroseconds,
    figures.eventMicroseconds,
    figures.loadMicroseconds,
  ].map(({ median }) => formatNumber(median));
  const rows = cases.map(({ name, microseconds, ratio, bytes }) => ({
    request: name,
    µs: formatSpread(microseconds),
    'to doing nothing': formatSpread(ratio),
    ...(bytes && { kB: formatNumber(bytes.median / 1000) }),
  }));
  return [
    `router: ${catalog.name} in ${engine}, ${routerBytes} bytes\n`,
    formatTable(rows),
    `  beside it, µs: empty loop ${loop}, that and the event ${event}, that and the script's top level ${load}\n`,
  ].join('');
}
