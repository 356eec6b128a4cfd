import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProcess } from '../measure/run-process.ts';
import type { Act } from './driver.ts';
import type { Engine } from './engine.ts';

/**
 * njs frees nothing before its process ends, and nginx ends it with the request. So each measurement is a process, and a short
 * one, before the machine is busy with memory that no edge would need. `console.time` counts nanoseconds; `Date` does not.
 */
const MEASURE_MS = 100;
const CALIBRATION_LOOPS = 50;

/** Runs a driver by its arguments: the act, the number of the case and the loops. */
const MAIN = `
const act = process.argv[2];
const request = { act: act, number: Number(process.argv[3]), loops: Number(process.argv[4]) };
function residentKilobytes() {
  return Number(/VmRSS:\\s+(\\d+)/.exec(require('fs').readFileSync('/proc/self/status', 'utf8'))[1]);
}
if (act === 'answers') {
  console.log(handler(request));
} else {
  const before = residentKilobytes();
  console.time('took');
  handler(request);
  console.timeEnd('took');
  console.log('grew: ' + (residentKilobytes() - before));
}
`;

/** The command `njs`, the engine of nginx; undefined where it is not installed. */
export async function njsEngine(
  driver: string,
  folder: string,
  signal: AbortSignal,
): Promise<Engine | undefined> {
  const version = await runProcess('njs', ['-v'], signal).catch(() => undefined);
  if (version === undefined) return undefined;
  const script = path.join(folder, 'driver.js');
  await writeFile(script, driver + MAIN);
  const run = async (args: readonly (string | number)[]) =>
    (await runProcess('njs', [script, ...args.map(String)], signal)).stdout;
  const measure = async (act: Act, number: number, loops: number) => {
    const said = await run([act, number, loops]);
    const ms = Number(/took: ([\d.]+)ms/.exec(said)?.[1]);
    return { ms, bytes: (1024 * Number(/grew: (\d+)/.exec(said)?.[1])) / loops };
  };
  return {
    answers: async (number) => JSON.parse(await run(['answers', number])),
    time: async (act, number) => {
      const { ms } = await measure(act, number, CALIBRATION_LOOPS);
      const loops = Math.ceil((CALIBRATION_LOOPS * MEASURE_MS) / ms);
      const measured = await measure(act, number, loops);
      return { microseconds: (1000 * measured.ms) / loops, bytes: measured.bytes };
    },
  };
}
