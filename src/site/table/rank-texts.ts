import { compareText } from '../../lib/compare-text.ts';
import type { CatalogIndex, IndexedRelease } from '../../query/catalog-index.ts';

/**
 * The places that plugins can have in a list: by name, then id. Releases of a plugin with the same name and description
 * share a rank, so a rank also tells what is searched.
 */
export interface RankedTexts {
  of(release: IndexedRelease): number;
  /** One release of each rank, in the order of the ranks. */
  readonly examples: readonly IndexedRelease[];
}

/** Ranks the texts of a catalog. */
export function rankTexts(catalog: CatalogIndex): RankedTexts {
  const keyOf = ({ id, lowerName, lowerDescription }: IndexedRelease) =>
    JSON.stringify([lowerName, id, lowerDescription]);
  const byKey = new Map(catalog.map((release) => [keyOf(release), release]));
  const examples = [...byKey.values()].sort(
    (a, b) =>
      compareText(a.lowerName, b.lowerName) ||
      compareText(a.id, b.id) ||
      compareText(a.lowerDescription, b.lowerDescription),
  );
  const ranks = new Map(examples.map((release, rank) => [keyOf(release), rank]));
  return { of: (release) => ranks.get(keyOf(release)) as number, examples };
}
