import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';

/** Every list carries the icons of its plugins, and servers ask for it whenever an administrator looks. */
const MOST_ICON_BYTES = 64 * 1024;

/** The most that an icon may take of a list. */
const MOST_OF_A_LIST = 1 / 10;

/** Icons of up to so many bytes as text, 12 kB as a picture, may take any part: a short list is no burden. */
const SMALL_ICON_BYTES = 16 * 1024;

/** The largest list that servers ask for. */
interface LargestList {
  readonly bytes: number;
  /** Of its releases, in the catalog. */
  readonly positions: ReadonlySet<number>;
}

/** Icons that are large by themselves, or take much of the largest list. */
export function findLargeIcons(
  located: readonly LocatedRelease[],
  { bytes, positions }: LargestList,
): Problem[] {
  return located.flatMap((at, position) => {
    const { icon_data } = at.release;
    const taken = positions.has(position) ? Buffer.byteLength(icon_data) : 0;
    const isLargePart = taken > SMALL_ICON_BYTES && taken > bytes * MOST_OF_A_LIST;
    const sizeBytes = sizeOfDataUrl(icon_data);
    if (!isLargePart && sizeBytes <= MOST_ICON_BYTES) return [];
    return problemAt(at, ['icon_data'], {
      level: 'warning',
      check: 'large-icon',
      message: isLargePart
        ? `takes ${taken} of the ${bytes} bytes of the largest list that servers ask for (${Math.round((100 * taken) / bytes)} %)`
        : `is an icon of ${Math.ceil(sizeBytes / 1024)} kB, which every list with this release has to carry`,
      remedy: `use a picture of at most ${(SMALL_ICON_BYTES * 3) / 4 / 1024} kB`,
    });
  });
}

/** How many bytes a data URL encodes. */
function sizeOfDataUrl(url: string): number {
  const comma = url.indexOf(',');
  const data = url.slice(comma + 1);
  if (/;\s*base64\s*$/i.test(url.slice(0, comma))) return Buffer.from(data, 'base64').length;
  const escaped = data.match(/%[\da-f]{2}/gi)?.length ?? 0;
  return Buffer.byteLength(data) - 2 * escaped;
}
