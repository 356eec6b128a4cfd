import { checkReleases } from '../../catalog/check-releases.ts';
import { type CatalogFile, groupByPlugin, placeReleases } from '../../catalog/placed-release.ts';
import type { Problem } from '../../errors.ts';
import { findMissing } from './find-missing.ts';
import { findNeverOffered } from './find-never-offered.ts';
import { findUnlikeNeighbours } from './find-unlike-neighbours.ts';

/**
 * What a reviewer looks for in a catalog that follows the rules: what the build warns of, and what readers of an entry miss.
 * Every problem names its check and, unless it is about a whole file, its release.
 */
export function checkCatalog(files: readonly CatalogFile[]): Problem[] {
  const placed = placeReleases(files);
  const plugins = groupByPlugin(placed);
  return [
    ...checkReleases(files),
    ...plugins.flatMap(findNeverOffered),
    ...plugins.flatMap(findUnlikeNeighbours),
    ...placed.flatMap(findMissing),
  ];
}
