import type { Release } from '../../catalog/release.ts';
import {
  findBundleObstacles,
  findManifestObstacles,
  type Obstacle,
} from '../../mattermost/installable.ts';
import {
  isAtLeast,
  SERVER_LINES,
  SERVER_PLATFORMS,
  type ServerLine,
} from '../../mattermost/server-line.ts';
import { bundleFor } from '../../query/render.ts';

/** How the servers of a line on a platform fare with a release that they are offered. */
export interface Fate {
  readonly line: ServerLine;
  readonly platform: string;
  /** What keeps them from it; empty where they can install and start it. */
  readonly obstacles: readonly Obstacle[];
}

/** The lines whose servers install plugins. */
const INSTALLING_LINES = SERVER_LINES.filter(({ installRequest }) => installRequest !== 'none');

/**
 * How every server that a release fits fares with it: of each line that installs plugins and is new enough, on each
 * platform that servers are built for or the release has a bundle for.
 */
export function surveyInstallability(release: Release): Fate[] {
  const platforms = [...new Set([...SERVER_PLATFORMS, ...Object.keys(release.platforms)])];
  const minimum = release.manifest.min_server_version || '0.0.0';
  // The same for every version, and the signature takes the most time to look at.
  const ofBundles = new Map(
    platforms.map((platform) => {
      const { download_url, signature } = { ...release, ...bundleFor(release, platform) };
      return [platform, findBundleObstacles(download_url, signature)];
    }),
  );
  return INSTALLING_LINES.flatMap((line) => {
    const version = isAtLeast(line.first, minimum) ? line.first : minimum;
    if (!isInLine(version, line)) return [];
    return platforms.map((platform) => ({
      line,
      platform,
      obstacles: [
        ...(ofBundles.get(platform) ?? []),
        ...findManifestObstacles(release.manifest, { version, platform }),
      ],
    }));
  });
}

function isInLine(version: string, line: ServerLine): boolean {
  const next = SERVER_LINES[SERVER_LINES.indexOf(line) + 1];
  return next === undefined || !isAtLeast(version, next.first);
}
