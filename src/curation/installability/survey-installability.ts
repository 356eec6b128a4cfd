import type { Release } from '../../catalog/release.ts';
import { decodeManifest } from '../../mattermost/answers/undecodable.ts';
import {
  findBundleObstacles,
  findManifestObstacles,
  type Obstacle,
} from '../../mattermost/install/installable.ts';
import { linesFrom, SERVER_PLATFORMS, type ServerLine } from '../../mattermost/server-line.ts';
import { bundleFor } from '../../query/render.ts';

/** How the servers of a line on a platform fare with a release that they are offered. */
export interface Fate {
  readonly line: ServerLine;
  readonly platform: string;
  /** What keeps them from it; empty if they can install and start it. */
  readonly obstacles: readonly Obstacle[];
}

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
  return linesFrom(minimum).flatMap(({ line, oldest: version }) => {
    if (line.installRequest === 'none') return [];
    const manifest = decodeManifest(version, release.manifest);
    return platforms.map((platform) => ({
      line,
      platform,
      obstacles: [
        ...(ofBundles.get(platform) ?? []),
        ...findManifestObstacles(manifest, { version, platform }),
      ],
    }));
  });
}
