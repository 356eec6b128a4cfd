import {
  type CatalogFile,
  groupBy,
  groupByPlugin,
  locateReleases,
} from '../../catalog/located-release.ts';
import { applyToLocated } from '../../catalog/notices/apply-notices.ts';
import type { Notice } from '../../catalog/notices/notice.ts';
import { checkReleases } from '../../catalog/problems/check-releases.ts';
import type { Problem } from '../../lib/errors.ts';
import { foldId } from '../../mattermost/install/manifest-rules.ts';
import { findMistaken } from '../installability/find-mistaken.ts';
import { findUninstallable } from '../installability/find-uninstallable.ts';
import { findClientLimits } from '../limits/find-client-limits.ts';
import { findMissing } from './find-missing.ts';
import { findMisspeltKeys } from './find-misspelt-keys.ts';
import { findCapitals, findOddValues } from './find-odd-values.ts';
import { findNeverOffered, findPrereleaseNewest } from './find-offers.ts';
import { findOtherRepository } from './find-other-repository.ts';
import { findOtherVersion } from './find-other-version.ts';
import { findSharedBundles } from './find-shared-bundles.ts';
import { findUnlikeNeighbours } from './find-unlike-neighbours.ts';

/**
 * Finds what a reviewer looks for in a catalog that follows the rules: what the build warns of, what servers do not
 * install, and what is odd or missing. Every problem names its check and, unless it is about a whole file or all of them,
 * its release. Ordered by kind as below, then as in the catalog.
 *
 * @param now the time that dates are compared with
 * @param notices what they suspend has to follow the rules, and no more
 */
export function checkCatalog(
  files: readonly CatalogFile[],
  now: Date,
  notices: readonly Notice[] = [],
): Problem[] {
  const located = applyToLocated(locateReleases(files), notices);
  const plugins = groupByPlugin(located);
  const installed = groupBy(located, ({ release }) => foldId(release.manifest.id));
  return [
    ...checkReleases(files),
    ...plugins.flatMap(findCapitals),
    ...findMistaken(located),
    ...findClientLimits(
      located.map(({ release }) => release),
      located,
    ),
    ...plugins.flatMap(findNeverOffered),
    ...plugins.flatMap(findPrereleaseNewest),
    ...plugins.flatMap(findUnlikeNeighbours),
    ...[...installed.values()].flatMap(findOtherRepository),
    ...findSharedBundles(located),
    ...located.flatMap(findMissing),
    ...located.flatMap(findUninstallable),
    ...located.flatMap(findOtherVersion),
    ...located.flatMap((one) => findOddValues(one, now)),
    ...located.flatMap(findMisspeltKeys),
  ];
}
