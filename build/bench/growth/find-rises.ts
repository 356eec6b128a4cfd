import type { GrowthFigures } from './growth-figures.ts';
import type { GrowthSetting } from './growth-settings.ts';

/** How a cost changes from the smallest catalog to the largest that was measured. */
export interface Rise {
  readonly setting: GrowthSetting;
  readonly what: string;
  /** The cost of the largest to that of the smallest; about 1 where it does not depend on the size. */
  readonly factor: number;
  /** Sizes. */
  readonly from: number;
  readonly to: number;
}

/** What each cost is, for one; undefined where it was not measured. */
const COSTS: Readonly<Record<string, (figures: GrowthFigures) => number | undefined>> = {
  'planning an answer': ({ times }) => times.planCpuMs / times.answers,
  'writing a byte': ({ times }) => times.written && times.written.ms / times.bytes,
  'writing a file': ({ times }) => times.written && times.written.ms / times.written.files,
  'peak memory': ({ times }) => times.written?.peakBytes,
};

/** @param figures of one setting, ascending by size */
export function findRises(figures: readonly GrowthFigures[]): Rise[] {
  return Object.entries(COSTS).flatMap(([what, costOf]) => {
    const measured = figures.flatMap((each) => {
      const cost = costOf(each);
      return cost === undefined ? [] : [{ ...each, cost }];
    });
    const [first, last] = [measured[0], measured.at(-1)];
    if (first === undefined || last === undefined || first === last) return [];
    const factor = last.cost / first.cost;
    return [{ setting: first.setting, what, factor, from: first.size, to: last.size }];
  });
}
