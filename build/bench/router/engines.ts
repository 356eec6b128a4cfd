import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toEdgeEvent } from '../../../src/hosts/cloudfront/edge-event.ts';
import { runProcess } from '../measure/processes.ts';

/**
 * What to repeat: `empty` the loop alone; `event` making the event too; `nothing` a router that returns the request
 * unchanged; `router` the real one; `load` the top level of the router's script, which nginx runs for each request.
 */
export type Act = 'empty' | 'event' | 'nothing' | 'router' | 'load';

/** A JavaScript engine that has loaded a driver. */
export interface Engine {
  /** The router's results for the events of a case: paths or statuses. */
  readonly answers: (number: number) => Promise<readonly (string | number)[]>;
  /** The cost of an act on the events of a case; `bytes` is the growth of the process. */
  readonly time: (act: Act, number: number) => Promise<{ microseconds: number; bytes: number }>;
}

/**
 * The source of a script for any engine, in the edge dialect. It defines `handler(request)`, where `request` is
 * `{ act, number, loops }`: repeats an act on the events of the case of that number, in turn; or `{ act: 'answers', number }`:
 * returns the router's results, paths or statuses, as JSON.
 * The router is at the top level, as in production, and functions are declared rather than parts of literals: otherwise
 * njs 0.7.9 mixes up the router's variables.
 * Routers change the event, so each loop makes one, from a literal: that is the least an edge can do.
 *
 * @param cases the request targets of each
 */
export function driverSource(router: string, cases: readonly (readonly string[])[]): string {
  const makers = cases.map((targets, number) =>
    targets.map((target, each) => {
      const event = JSON.stringify(toEdgeEvent('GET', target, {}));
      const name = `event${number}_${each}`;
      return { name, source: `function ${name}() { return ${event}; }\n` };
    }),
  );
  return `${router}
${makers.flatMap((each) => each.map(({ source }) => source)).join('')}
const CASES = [${makers.map((each) => `[${each.map(({ name }) => name)}]`)}];
const route = handler;
function empty() {}
function makeEvent(make) { make(); }
function doNothing(make) { return make().request; }
function askRouter(make) { return route(make()); }
function load() {
${router}
}
const ACTS = { empty: empty, event: makeEvent, nothing: doNothing, router: askRouter, load: load };
function drive(request) {
  const makers = CASES[request.number];
  const answers = [];
  for (let i = 0; request.act === 'answers' && i < makers.length; i++) {
    const answer = askRouter(makers[i]);
    answers.push(answer.uri || answer.statusCode);
  }
  const act = ACTS[request.act];
  for (let i = 0; i < request.loops; i++) act(makers[i % makers.length]);
  return JSON.stringify(answers);
}
handler = drive;
`;
}

/** Runs a driver by its arguments: act, number of the case, loops, loops before. `Date` does not count nanoseconds. */
const MAIN = `
const act = process.argv[2];
const request = { act: act, number: Number(process.argv[3]), loops: Number(process.argv[5]) };
function residentKilobytes() {
  return Number(/VmRSS:\\s+(\\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1]);
}
if (act === 'answers') {
  console.log(handler(request));
} else {
  handler(request);
  request.loops = Number(process.argv[4]);
  const before = residentKilobytes();
  console.time('took');
  handler(request);
  console.timeEnd('took');
  console.log('grew: ' + (residentKilobytes() - before));
}
`;

/** Long enough for figures to be steady, and short enough for njs, which frees nothing, to stay small. */
const MEASURE_MS = 100;

/**
 * The command `node`, or `njs`, the engine of nginx; undefined if it is not installed. Each measurement is a process, because
 * njs frees nothing before its process ends, and nginx ends it with the request. Node warms up first, until it has compiled.
 */
export async function startEngine(
  command: 'node' | 'njs',
  driver: string,
  folder: string,
  signal: AbortSignal,
): Promise<Engine | undefined> {
  const version = await runProcess(command, ['-v'], signal).catch(() => undefined);
  if (version === undefined) return undefined;
  const script = path.join(folder, 'driver.js');
  await writeFile(script, driver + MAIN);
  const run = async (args: readonly (string | number)[]) =>
    (await runProcess(command, [script, ...args.map(String)], signal)).stdout;
  const measure = async (act: Act, number: number, loops: number) => {
    const output = await run([act, number, loops, command === 'node' ? loops : 0]);
    const [, time, unit] = /took: ([\d.]+)(m?s)/.exec(output) ?? [];
    const ms = Number(time) * (unit === 's' ? 1000 : 1);
    return { ms, bytes: (1024 * Number(/grew: (-?\d+)/.exec(output)?.[1])) / loops };
  };
  return {
    answers: async (number) => JSON.parse(await run(['answers', number])),
    time: async (act, number) => {
      let loops = 50;
      let measured = await measure(act, number, loops);
      while (measured.ms < MEASURE_MS) {
        loops = Math.ceil(loops * Math.min(10, (1.5 * MEASURE_MS) / measured.ms));
        measured = await measure(act, number, loops);
      }
      return { microseconds: (1000 * measured.ms) / loops, bytes: measured.bytes };
    },
  };
}
