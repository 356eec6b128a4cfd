/** A figure that was measured several times. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @param values at least one */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number) => sorted[index] as number;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

/** The spread of the quotients, each of two values that were taken one after the other. */
export function spreadOfRatios(values: readonly number[], yardsticks: readonly number[]): Spread {
  return spread(values.map((value, run) => value / (yardsticks[run] as number)));
}

/**
 * Takes every measurement once, then all of them again, and so on: A B A B. A slow moment of the machine then slows all of
 * them, and their ratios stay.
 *
 * @returns the results of each, in the order of the runs
 */
export async function interleave<Measurements extends Record<string, () => Promise<unknown>>>(
  runs: number,
  measurements: Measurements,
) {
  const names = Object.keys(measurements);
  const results = Object.fromEntries(names.map((name) => [name, [] as unknown[]]));
  for (let run = 0; run < runs; run++) {
    for (const name of names) results[name]?.push(await measurements[name]?.());
  }
  return results as { [Name in keyof Measurements]: Awaited<ReturnType<Measurements[Name]>>[] };
}

/** A spread as `3.1 (2.9–3.4)`; a single or constant value as `3.1`. */
export function formatFigure(figure: number | Spread, format = formatNumber): string {
  if (typeof figure === 'number') return format(figure);
  const { median, min, max } = figure;
  return min === max ? format(median) : `${format(median)} (${format(min)}–${format(max)})`;
}

/** A number in two significant digits, or all of its whole ones: `0.031`, `3.1`, `310`. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const digits = 1 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(digits, 0), 4));
}
