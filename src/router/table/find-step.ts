// Edge dialect: this file is part of the router.
import { versionKey } from '../request/version-key.ts';

/**
 * The number of the step that a server version belongs to, by halving.
 *
 * @param steps of the routing table, split: the first lies below every version, the last is for no version
 * @param version a semantic version, or empty
 */
export function findStep(steps: string[], version: string): number {
  let least = 0;
  let most = steps.length - 1;
  if (!version) return most;
  const key = versionKey(version) as string;
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (((steps[middle] as string).split('=')[0] as string) <= key) least = middle;
    else most = middle;
  }
  return least;
}

/** A step as it stands in a path: `9.5.0` for `A9A5A0~`, or the name that is given. */
export const stepName = (step: string): string =>
  // By character: a pattern takes njs three times as long.
  step.split('=')[1] ||
  step
    .split('')
    .map((each) => (each > '9' ? '.' : each))
    .join('')
    .slice(1, -1);
