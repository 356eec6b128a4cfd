import { Worker } from 'node:worker_threads';
import { seededRandom } from '../random.ts';
import type { FuzzTarget } from './fuzz-target.ts';

export interface FuzzOptions {
  /** The seed of the first input; each further one has the next. */
  readonly seed: number;
  /** How long to go on; an input that is being checked is finished. */
  readonly milliseconds: number;
  /** After it, a check that has not returned ends the process, as nothing else ends a loop. Default: a minute. */
  readonly hangMs?: number;
}

/** An input on which a reader breaks a promise. */
export interface FuzzFailure {
  /** Begin with it, and the first input is this one. */
  readonly seed: number;
  /** The smallest input found quickly. */
  readonly input: Buffer;
  readonly error: Error;
}

/** Limits for an input: processor time of this process, and growth of its peak memory. */
const MOST_CPU_MS = 2000;
const MOST_GROWTH_MIB = 512;

/** How long a failing input is made smaller. */
const SHRINK_MS = 2000;

/**
 * Tries a reader on seeded inputs until the time is up, or it breaks a promise: one of its target, or one of all: no error but
 * a `UserError`, an end in time and memory, and nothing added to what objects inherit.
 */
export async function fuzz(
  name: string,
  target: FuzzTarget,
  { seed, milliseconds, hangMs = 60_000 }: FuzzOptions,
): Promise<{ readonly inputs: number; readonly failure?: FuzzFailure }> {
  const { batch = 1, samples, mutate } = target;
  const watch = startWatch(name, hangMs);
  const findError = async (inputs: readonly Buffer[], at: number) => {
    watch.begin(at);
    return await errorOf(target, inputs);
  };
  const end = performance.now() + milliseconds;
  let next = seed;
  try {
    do {
      const inputs = Array.from({ length: batch }, (_, i) => {
        const random = seededRandom(next + i);
        return mutate(random, random.pick(samples));
      });
      let error = await findError(inputs, next);
      if (error) {
        let culprit = 0;
        for (let i = 0; batch > 1 && i < batch; i++) {
          const alone = await findError([inputs[i] as Buffer], next + i);
          if (!alone) continue;
          error = alone;
          culprit = i;
          break;
        }
        const input = await shrink(target, inputs[culprit] as Buffer, error);
        return { inputs: next - seed + 1, failure: { seed: next + culprit, input, error } };
      }
      next += batch;
    } while (performance.now() < end);
    return { inputs: next - seed };
  } finally {
    await watch.stop();
  }
}

/** The report of a failure, with the command that repeats it. */
export function describeFailure(name: string, { seed, input, error }: FuzzFailure): string {
  // Printable ASCII, cut to what a person looks at.
  const shown = input
    .toString('latin1', 0, 2000)
    .replace(/[^ -[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return [
    `${name} breaks a promise: ${error.stack ?? error.message}`,
    `on ${input.length} bytes: ${shown}${input.length > 2000 ? '…' : ''}`,
    `repeat it with: npm run fuzz -- --seed ${seed} ${name}`,
  ].join('\n');
}

async function errorOf(target: FuzzTarget, inputs: readonly Buffer[]): Promise<Error | undefined> {
  const cpu = process.cpuUsage();
  const peakKib = process.resourceUsage().maxRSS;
  try {
    await target.check(inputs);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = Math.round((user + system) / 1000);
  const grownMib = Math.round((process.resourceUsage().maxRSS - peakKib) / 1024);
  if (cpuMs > MOST_CPU_MS) return new Error(`it took ${cpuMs} ms of processor time`);
  if (grownMib > MOST_GROWTH_MIB) return new Error(`it took ${grownMib} MiB of memory more`);
  return findPollution();
}

const INHERITED = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const OWN_KEYS = INHERITED.map((prototype) => Reflect.ownKeys(prototype).length);

/** Mends it, too, so that it is found on the input that did it and no other. */
function findPollution(): Error | undefined {
  for (const [i, prototype] of INHERITED.entries()) {
    const added = Reflect.ownKeys(prototype).slice(OWN_KEYS[i]);
    for (const key of added) Reflect.deleteProperty(prototype, key);
    if (added.length > 0) return new Error(`every object inherits ${added.map(String).join()} now`);
  }
  return undefined;
}

/** The input without the parts that the failure does not need. */
async function shrink(target: FuzzTarget, input: Buffer, { name }: Error): Promise<Buffer> {
  const end = performance.now() + SHRINK_MS;
  let smallest = input;
  for (let size = input.length >> 1; size > 0; size >>= 1) {
    for (let at = 0; at < smallest.length; ) {
      if (performance.now() > end) return smallest;
      const candidate = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + size)]);
      const error = await errorOf(target, [candidate]);
      if (error?.name === name) smallest = candidate;
      else at += size;
    }
  }
  return smallest;
}

/** Reports a check that does not come back, and ends the process: no other thread can do more. */
function startWatch(name: string, limit: number) {
  const shared = new SharedArrayBuffer(16);
  const state = new Float64Array(shared);
  const worker = new Worker(WATCH, {
    eval: true,
    execArgv: [],
    workerData: { name, shared, limit },
  });
  worker.unref();
  const report = () => process.stderr.write(`${name}: uncaught at or before --seed ${state[0]}\n`);
  process.on('uncaughtExceptionMonitor', report);
  return {
    begin: (seed: number) => {
      state.set([seed, Date.now()]);
    },
    stop: async () => {
      process.off('uncaughtExceptionMonitor', report);
      await worker.terminate();
    },
  };
}

const WATCH = `
const { workerData: { name, shared, limit } } = require('node:worker_threads');
const state = new Float64Array(shared);
setInterval(() => {
  if (state[1] === 0 || Date.now() - state[1] < limit) return;
  require('node:fs').writeSync(2, name + ' does not end: npm run fuzz -- --seed ' + state[0] + ' ' + name + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 200);
`;
