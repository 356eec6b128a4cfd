/** A seeded source of randomness for tests: the same seed gives the same choices. */
export interface Random {
  /** A whole number from 0 up to and without `limit`. */
  below(limit: number): number;
  /** One of the choices. */
  pick<Value>(choices: readonly Value[]): Value;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, good enough to choose test inputs. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (choices) => choices[below(choices.length)] as (typeof choices)[number],
    chance: (probability) => next() < probability,
  };
}

/** Whether long tests run every case, as in CI, or a fixed part of them. */
export const THOROUGH = process.env['THOROUGH'] === '1';

/** How many of so many cases a long test runs: all of them or, unless tests are thorough, a fifth. */
export function partOf(count: number): number {
  return THOROUGH ? count : Math.ceil(count / 5);
}

/** The seeds of a property test: the first ones, as many as `partOf` gives, or the one in `SEED`, to repeat a failure. */
export function seeds(count: number): number[] {
  const given = process.env['SEED'];
  if (given !== undefined) return [Number(given)];
  return Array.from({ length: partOf(count) }, (_, i) => i + 1);
}
