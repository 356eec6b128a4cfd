import type { CatalogIndex } from './catalog-index.ts';
import { renderRelease } from './render.ts';

/** Every distinct form of every release, rendered once. */
export interface RenderedCatalog {
  /** The forms, in UTF-8. */
  readonly pieces: readonly Buffer[];
  /** For each release by its `position`, the number of its piece for the default and then for each platform. */
  readonly forms: readonly (readonly number[])[];
}

/** Renders each release for the default and for each of the platforms; equal renderings are one piece. */
export function renderCatalog(
  catalog: CatalogIndex,
  platforms: readonly string[],
): RenderedCatalog {
  const pieces: Buffer[] = [];
  const forms: number[][] = [];
  const numbers = new Map<string, number>();
  for (const { release, position } of catalog) {
    forms[position] = ['', ...platforms].map((platform) => {
      const text = renderRelease(release, platform);
      const known = numbers.get(text);
      if (known !== undefined) return known;
      numbers.set(text, pieces.length);
      return pieces.push(Buffer.from(text)) - 1;
    });
  }
  return { pieces, forms };
}
