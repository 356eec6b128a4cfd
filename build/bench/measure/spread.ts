/** A figure that was taken several times. */
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

/** Such as `3.1 (2.9–3.4)`. */
export function formatSpread({ median, min, max }: Spread): string {
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

/** A number in two digits or more, as many as can be believed: `0.031`, `3.1`, `310`. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const digits = 1 - Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(digits, 0), 4));
}
