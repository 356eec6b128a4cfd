import { bundlesOf } from '../../catalog/bundles/bundles-of.ts';
import { type LocatedRelease, problemAt } from '../../catalog/located-release.ts';
import type { Problem } from '../../lib/errors.ts';
import { findBundleObstacles, type Obstacle } from '../../mattermost/install/installable.ts';
import { surveyInstallability } from './survey-installability.ts';

/**
 * Finds what keeps every server, or every one with default settings, from installing a release: a warning for each refused
 * bundle and for each fault of the manifest that affects all servers; an error if a platform has no bundle. If only some
 * servers fail, the table of `check` lists them.
 */
export function findUninstallable(located: LocatedRelease): Problem[] {
  const { release } = located;
  const bundles = bundlesOf(release);
  const missing = findBundleObstacles(release.download_url, release.signature).filter(isMissing);
  const ofBundles = bundles.flatMap(({ platform, url, signature }) =>
    findBundleObstacles(url, signature).map((obstacle) => ({
      ...obstacle,
      path: platform === '' ? obstacle.path : ['platforms', platform, ...obstacle.path],
    })),
  );
  const [first, ...others] = surveyInstallability(release);
  const ofManifest = (first?.obstacles ?? []).filter(
    (obstacle) =>
      obstacle.path[0] === 'manifest' &&
      obstacle.check !== TOLD_OF_PLUGINS &&
      others.every(({ obstacles }) => obstacles.some(({ check }) => check === obstacle.check)),
  );
  return [...missing, ...ofBundles, ...ofManifest.map(ofEveryPlatform)].map((obstacle) =>
    problemAt(located, obstacle.path, {
      level: isMissing(obstacle) ? 'error' : 'warning',
      check: obstacle.check,
      message: obstacle.message,
      remedy: obstacle.remedy,
    }),
  );
}

/** `checkReleases` reports it, once a plugin. */
const TOLD_OF_PLUGINS = 'refused-id';

function isMissing({ check }: Obstacle): boolean {
  return check === 'missing-download';
}

function ofEveryPlatform(obstacle: Obstacle): Obstacle {
  return obstacle.check === 'no-program'
    ? { ...obstacle, message: 'declares no program for any platform that servers are built for' }
    : obstacle;
}
