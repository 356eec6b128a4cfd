import { type PlacedRelease, problemAt } from '../../catalog/placed-release.ts';
import type { Problem } from '../../errors.ts';
import { type CatalogIndex, indexCatalog } from '../../query/catalog-index.ts';
import { evaluate, RULE_SERVER_VERSIONS } from '../../query/evaluate.ts';
import type { Filter } from '../../query/parse-filter.ts';

/** Below every version that a server may have. */
const LOWEST_VERSION = '0.0.0-0';

/**
 * Releases of a plugin that are the newest for no server: whatever its version, edition and hosting, a newer one fits it
 * too. They can still be installed by asking for the version.
 */
export function findNeverOffered(plugin: readonly PlacedRelease[]): Problem[] {
  const index = indexCatalog(plugin.map(({ release }) => release));
  const offered = new Set(viewsOf(plugin).flatMap((view) => newestFor(index, view)));
  return plugin.flatMap((placed, position) => {
    if (offered.has(position)) return [];
    const { manifest, hosting } = placed.release;
    const [winner] = newestFor(index, {
      serverVersion: manifest.min_server_version ?? '',
      enterprise: true,
      cloud: hosting === 'cloud',
    });
    const newer = plugin[winner ?? -1]?.release.manifest.version;
    return problemAt(placed, ['manifest', 'version'], {
      level: 'warning',
      check: 'never-offered',
      message: `is the newest release for no server, since ${newer} fits wherever it does`,
      remedy: 'remove it if nobody should install it by its version any more',
    });
  });
}

type View = Pick<Filter, 'serverVersion' | 'enterprise' | 'cloud'>;

/** A server of each kind: an answer can change only at a minimum version or where a rule names one. */
function viewsOf(plugin: readonly PlacedRelease[]): View[] {
  const minimums = plugin.map(({ release }) => release.manifest.min_server_version ?? '');
  const versions = new Set(['', LOWEST_VERSION, ...RULE_SERVER_VERSIONS, ...minimums]);
  return [...versions].flatMap((serverVersion) =>
    [true, false].flatMap((enterprise) =>
      [true, false].map((cloud) => ({ serverVersion, enterprise, cloud })),
    ),
  );
}

/** The positions of what a server is offered. */
function newestFor(index: CatalogIndex, view: View): number[] {
  const everything = { text: '', pluginId: '', platform: '', page: 0, perPage: -1 };
  const answer = evaluate(index, { ...everything, ...view, allVersions: false });
  return (answer ?? []).map(({ position }) => position);
}
