import { prerelease } from 'semver';
import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { describeCells } from '../../query/audience/audience.ts';
import { EVERYTHING, findSteps, ROWS, type Step } from '../../query/audience/space.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';

/** The newest release of a plugin that each server is offered. */
interface Offers {
  readonly steps: readonly Step[];
  /** For each step and each row the position of the release; undefined if none fits. */
  readonly newest: readonly (readonly (number | undefined)[])[];
}

function findOffers(plugin: readonly LocatedRelease[]): Offers {
  const index = indexCatalog(plugin.map(({ release }) => release));
  const steps = findSteps(index);
  const newest = steps.map(({ serverVersion }) =>
    ROWS.map((row) => evaluate(index, { ...EVERYTHING, ...row, serverVersion })?.[0]?.position),
  );
  return { steps, newest };
}

/**
 * Releases of a plugin that are the newest for no server: whatever its version, edition and hosting, a newer one fits it
 * too. They can still be installed by asking for the version.
 */
export function findNeverOffered(plugin: readonly LocatedRelease[]): Problem[] {
  const offered = new Set(findOffers(plugin).newest.flat());
  const index = indexCatalog(plugin.map(({ release }) => release));
  return plugin.flatMap((located, position) => {
    if (offered.has(position)) return [];
    const { manifest, hosting } = located.release;
    const own = { enterprise: true, cloud: hosting === 'cloud' };
    const serverVersion = manifest.min_server_version ?? '';
    const [newer] = evaluate(index, { ...EVERYTHING, ...own, serverVersion }) ?? [];
    return problemAt(located, ['manifest', 'version'], {
      level: 'warning',
      check: 'never-offered',
      message: `is the newest release for no server: ${newer?.release.manifest.version} fits wherever it does`,
      remedy: 'remove it if nobody should install it by its version any more',
    });
  });
}

/**
 * Pre-releases that some server is offered as the newest, although nothing marks them as not for production:
 * a stage of beta or experimental shows a label.
 */
export function findPrereleaseNewest(plugin: readonly LocatedRelease[]): Problem[] {
  if (!plugin.some(isUnmarkedPrerelease)) return [];
  const offers = findOffers(plugin);
  return plugin.flatMap((located, position) => {
    const servers = isUnmarkedPrerelease(located) ? nameServers(offers, position) : '';
    if (servers === '') return [];
    const { release_stage } = located.release;
    const stage = release_stage === '' ? 'without a release stage' : `of stage ${release_stage}`;
    return problemAt(located, ['manifest', 'version'], {
      level: 'warning',
      check: 'prerelease-newest',
      message: `is a pre-release ${stage}, and the newest for ${servers}`,
      remedy: 'make its release_stage beta or experimental, or leave it out until it is final',
    });
  });
}

function isUnmarkedPrerelease({ release: { manifest, release_stage } }: LocatedRelease): boolean {
  return prerelease(manifest.version) !== null && ['', 'production'].includes(release_stage);
}

/** The servers for which a release is the newest; empty if there are none. */
function nameServers({ steps, newest }: Offers, position: number): string {
  const cells = newest.map((rows) => rows.map((one) => new Set(one === position ? [0] : [])));
  return describeCells(cells, { steps, platforms: [''] });
}
