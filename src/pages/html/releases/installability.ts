import type { Release } from '../../../catalog/release.ts';
import { findBundleObstacles, type Obstacle } from '../../../mattermost/install/installable.ts';
import { ownPlatforms } from '../../../mattermost/platforms.ts';

/** Whether servers install a release from the marketplace, by the addresses and signatures of its bundles. */
export interface Installability {
  /** Why no server installs it, as a sentence; undefined where some do. */
  readonly refusal: string | undefined;
  /** A server setting that it requires, if any. */
  readonly setting: string | undefined;
}

/** Looks at every bundle that servers are offered. One that some server can install is enough. */
export function judgeInstallability({
  download_url,
  signature,
  platforms,
}: Pick<Release, 'download_url' | 'signature' | 'platforms'>): Installability {
  const own = ownPlatforms(platforms).map((platform) => platforms[platform]);
  const offered = [{ download_url, signature }, ...own].map((bundle) =>
    findBundleObstacles(bundle?.download_url ?? '', bundle?.signature ?? ''),
  );
  const passable = offered.filter((obstacles) => obstacles.every(isPassable));
  const [first = []] = passable.toSorted((one, two) => one.length - two.length);
  return {
    refusal: passable.length === 0 ? sentenceOf(offered[0]?.find(isFinal)?.check) : undefined,
    setting: first[0]?.unlessSetting,
  };
}

function isPassable(obstacle: Obstacle): boolean {
  return obstacle.unlessSetting !== undefined;
}

function isFinal(obstacle: Obstacle): boolean {
  return !isPassable(obstacle);
}

const REASONS: Readonly<Record<string, string>> = {
  unsigned: 'Not signed',
  'refused-signature': 'Signed in a way that servers do not accept',
  'missing-download': 'No bundle',
  'odd-download': 'No address that servers download from',
};

function sentenceOf(check: string | undefined): string {
  return `${REASONS[check ?? ''] ?? 'Faulty'}: servers do not install it from here.`;
}
