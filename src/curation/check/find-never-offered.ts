import { type PlacedRelease, problemAt } from '../../catalog/placed-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { offersOf } from './offers-of.ts';

/**
 * Releases of a plugin that are the newest for no server: whatever its version, edition and hosting, a newer one fits it
 * too. They can still be installed by asking for the version.
 */
export function findNeverOffered(plugin: readonly PlacedRelease[]): Problem[] {
  const { versions, newestFor } = offersOf(plugin);
  const offered = new Set(
    ['', ...versions].flatMap((serverVersion) =>
      [true, false].flatMap((enterprise) =>
        [true, false].map((cloud) => newestFor({ serverVersion, enterprise, cloud })),
      ),
    ),
  );
  return plugin.flatMap((placed, position) => {
    if (offered.has(position)) return [];
    const { manifest, hosting } = placed.release;
    const winner = newestFor({
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
