import type { Release } from '../catalog/release.ts';
import { UserError } from '../lib/errors.ts';
import { EVERYTHING, ROWS } from '../query/audience/space.ts';
import { groupByPlugin, indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';

/** Which releases to select; an empty field excludes nothing. */
export interface Selection {
  /** Ids of plugins. */
  readonly plugins: readonly string[];
  /** Versions of the servers that shall be served. */
  readonly serverVersions: readonly string[];
  /** How many of the newest releases of a plugin a server shall find. */
  readonly newest: number;
}

/**
 * The releases that servers of the given versions are offered, in any edition and hosting, up to the given number for each
 * plugin; in the order of the catalog.
 *
 * @throws {UserError} where a plugin is not in the catalog
 */
export function selectReleases(
  releases: readonly Release[],
  { plugins, serverVersions, newest }: Selection,
): Release[] {
  const ids = new Set(releases.map(({ manifest }) => manifest.id));
  const unknown = plugins.filter((id) => !ids.has(id));
  if (unknown.length > 0) {
    throw new UserError(`the catalog has no plugin ${unknown.join(', ')}: ids are case-sensitive`);
  }
  const index = indexCatalog(releases);
  const positions = new Set(
    (serverVersions.length > 0 ? serverVersions : ['']).flatMap((serverVersion) =>
      // The newest release depends on edition and hosting.
      ROWS.flatMap((row) => {
        const filter = { ...EVERYTHING, ...row, serverVersion, allVersions: true };
        return groupByPlugin(evaluate(index, filter) ?? []).flatMap((plugin) =>
          plugin.slice(0, newest).map(({ position }) => position),
        );
      }),
    ),
  );
  return releases.filter(
    ({ manifest }, position) =>
      positions.has(position) && (plugins.length === 0 || plugins.includes(manifest.id)),
  );
}

/** The newest release of each plugin that a licensed server of one version, on its owner's premises, is offered. */
export function newestFor(releases: readonly Release[], serverVersion: string): Release[] {
  const server = { enterprise: true, cloud: false, serverVersion, allVersions: false };
  return (evaluate(indexCatalog(releases), { ...EVERYTHING, ...server }) ?? []).map(
    ({ release }) => release,
  );
}
