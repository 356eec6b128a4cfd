import { EVERYTHING, ROWS, type Step } from '../query/audience/space.ts';
import type { CatalogIndex, IndexedRelease } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';

/** What the cells of the space get of one plugin: one cell for each step and row, the rows of a step together. */
export interface PluginOffers {
  /** The release that each cell is offered as the newest. */
  readonly newest: readonly (IndexedRelease | undefined)[];
  /** What each cell gets that asks for a version, by version. */
  readonly byVersion: ReadonlyMap<string, readonly (IndexedRelease | undefined)[]>;
}

/** What a catalog answers in the cells of some steps, by plugin id. */
export function findOffers(
  catalog: CatalogIndex,
  steps: readonly Step[],
): Map<string, PluginOffers> {
  const offers = new Map<
    string,
    { newest: IndexedRelease[]; byVersion: Map<string, IndexedRelease[]> }
  >();
  for (const { id, release } of catalog) {
    const plugin = offers.get(id) ?? { newest: [], byVersion: new Map() };
    plugin.byVersion.set(release.manifest.version, []);
    offers.set(id, plugin);
  }
  const cells = steps.flatMap(({ serverVersion }) =>
    ROWS.map((row) => ({ ...row, serverVersion })),
  );
  for (const [cell, view] of cells.entries()) {
    const answer = (allVersions: boolean) =>
      evaluate(catalog, { ...EVERYTHING, ...view, allVersions }) ?? [];
    for (const found of answer(false)) {
      const plugin = offers.get(found.id);
      if (plugin) plugin.newest[cell] = found;
    }
    for (const found of answer(true)) {
      const version = offers.get(found.id)?.byVersion.get(found.release.manifest.version);
      // A Mattermost server takes the first release of the version that it is to install
      // (server/platform/services/marketplace/client.go, `GetPlugin`).
      if (version) version[cell] ??= found;
    }
  }
  return offers;
}
