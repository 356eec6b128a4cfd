import vm from 'node:vm';
import type { Engine } from './engine.ts';

/** Long enough for the optimizing compiler to be done. */
const MEASURE_MS = 100;

/** This very process, in a context of its own; the driver is made by the benchmark itself. */
export function nodeEngine(driver: string): Engine {
  // As a function, for names of a context's global object are slow to look up.
  const handler: (request: object) => unknown = vm.runInNewContext(
    `(function () {${driver}\nreturn handler; })()`,
  );
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
