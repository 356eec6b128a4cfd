import { describeAudience, toAudience } from '../../../query/audience/audience.ts';
import { findBoxes } from '../../../query/audience/find-boxes.ts';
import { EVERYTHING, ROWS, type Step } from '../../../query/audience/space.ts';
import type { IndexedRelease } from '../../../query/catalog-index.ts';
import { evaluate } from '../../../query/evaluate.ts';

/** Which release is newest does not depend on the platform. */
const ANY_PLATFORM = new Set([0]);
const NO_PLATFORM = new Set<number>();

/**
 * Which servers are offered each release of a plugin as its newest, in words: `servers 7.8.0 up to (not including) 9.5.0`. None
 * for a release that no server is.
 *
 * @param releases of one plugin, in the order of an index
 */
export function newestFor(
  releases: readonly IndexedRelease[],
  steps: readonly Step[],
): Map<IndexedRelease, readonly string[]> {
  const offered = steps.map(({ serverVersion }) =>
    ROWS.map((row) => evaluate(releases, { ...EVERYTHING, ...row, serverVersion })?.[0]),
  );
  const axes = { steps, platforms: ['default'] };
  return new Map(
    releases.map((release) => {
      const cells = offered.map((rows) =>
        rows.map((newest) => (newest === release ? ANY_PLATFORM : NO_PLATFORM)),
      );
      return [release, findBoxes(cells).map((box) => describeAudience(toAudience(box, axes)))];
    }),
  );
}
