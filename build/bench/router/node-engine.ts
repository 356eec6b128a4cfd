import { loadRouter } from '../../../src/snapshot/load-router.ts';
import type { Engine } from './engine.ts';

/** Long enough for the optimizing compiler to be done. */
const MEASURE_MS = 100;

/** This very process, in a context of its own as in the embedded server. */
export function nodeEngine(driver: string): Engine {
  // A driver's `handler` takes what a driver's callers give it.
  const handler = loadRouter(driver, 'driver.js') as unknown as (request: object) => unknown;
  const elapsedMs = (request: object) => {
    const started = performance.now();
    handler(request);
    return performance.now() - started;
  };
  return {
    answers: async (number) => JSON.parse(handler({ act: 'answers', number }) as string),
    time: async (act, number) => {
      let loops = 100;
      while (elapsedMs({ act, number, loops }) < MEASURE_MS / 4) loops *= 2;
      loops *= 4;
      return { microseconds: (1000 * elapsedMs({ act, number, loops })) / loops };
    },
  };
}
