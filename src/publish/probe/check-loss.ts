import { UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../snapshot/parse-snapshot.ts';

type Catalog = Snapshot['catalog'];

/** The differences between two catalogs, as `id` and `id version`. */
export interface CatalogChange {
  readonly pluginsAdded: readonly string[];
  readonly pluginsLost: readonly string[];
  readonly releasesAdded: readonly string[];
  readonly releasesLost: readonly string[];
}

/** Nobody removes a larger part of a catalog on purpose. */
const LARGEST_LOSS = 1 / 5;

export function compareCatalogs(before: Catalog, after: Catalog): CatalogChange {
  const [old, next] = [before, after].map(({ versions }) => Object.keys(versions));
  const [oldReleases, nextReleases] = [before, after].map(releasesOf);
  return {
    pluginsAdded: subtract(next, old),
    pluginsLost: subtract(old, next),
    releasesAdded: subtract(nextReleases, oldReleases),
    releasesLost: subtract(oldReleases, nextReleases),
  };
}

/**
 * Refuses a catalog that lost more than a fifth of its plugins or releases: it was cut off rather than curated.
 *
 * @throws {UserError} with what is lost
 */
export function checkLoss(before: Catalog, after: Catalog): void {
  const change = compareCatalogs(before, after);
  const losses = [
    { what: 'plugins', lost: change.pluginsLost, total: before.plugins },
    { what: 'releases', lost: change.releasesLost, total: before.releases },
  ].filter(({ lost, total }) => lost.length > LARGEST_LOSS * total);
  if (losses.length === 0) return;
  throw new UserError(
    'the new snapshot has lost more than a fifth of the live one: nothing was published; if you want this, publish with --force',
    losses.map(({ what, lost, total }) => ({
      level: 'error',
      message: `${lost.length} of ${total} ${what} are gone: ${listSome(lost)}`,
    })),
  );
}

/** The first names of a list, and how many more there are. */
export function listSome(names: readonly string[], most = 10): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

function releasesOf({ versions }: Catalog): string[] {
  return Object.entries(versions).flatMap(([id, own]) => own.map((version) => `${id} ${version}`));
}

/** The items of one list without those of the other; each counts as often as it is listed. */
function subtract(from: readonly string[] = [], what: readonly string[] = []): string[] {
  const counts = new Map<string, number>();
  for (const item of what) counts.set(item, (counts.get(item) ?? 0) + 1);
  return from.filter((item) => {
    const count = counts.get(item) ?? 0;
    counts.set(item, count - 1);
    return count <= 0;
  });
}
