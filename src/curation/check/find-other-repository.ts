import { compare } from 'semver';
import { type PlacedRelease, placeOf, problemAt } from '../../catalog/placed-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../errors.ts';

type Field = 'repo_name' | 'homepage_url' | 'download_url';

/** Where an entry says which repository it is of, the plainest first. */
const FIELDS: readonly Field[] = ['repo_name', 'homepage_url', 'download_url'];

/**
 * Releases of another repository than the one before them: two plugins may have been given one id, or somebody else's bundle
 * has got in. It is told where the repository changes, and only once for the releases that keep to it.
 */
export function findOtherRepository(plugin: readonly PlacedRelease[]): Problem[] {
  const oldestFirst = plugin.toSorted((a, b) => compare(versionOf(a), versionOf(b)));
  const latest: Partial<Record<Field, PlacedRelease>> = {};
  return oldestFirst.flatMap((placed) => {
    const changed = FIELDS.find((field) => {
      const own = repositoryOf(placed.release, field);
      const before = latest[field] && repositoryOf(latest[field].release, field);
      return own !== undefined && before !== undefined && own !== before;
    });
    const before = changed && latest[changed];
    for (const field of FIELDS) {
      if (repositoryOf(placed.release, field) !== undefined) latest[field] = placed;
    }
    if (changed === undefined || before === undefined) return [];
    return problemAt(placed, [changed], {
      level: 'warning',
      check: 'other-repository',
      message: `is of another repository than release ${versionOf(before)}, which is of ${repositoryOf(before.release, changed)} (${placeOf(before)})`,
      remedy: 'check that it is the same plugin, which moved',
    });
  });
}

const versionOf = ({ release }: PlacedRelease) => release.manifest.version;

/** The repository that a field names, in lower case: GitHub ignores it. */
function repositoryOf(release: Release, field: Field): string | undefined {
  const text = release[field].toLowerCase();
  if (field === 'repo_name') return text === '' ? undefined : text;
  const [, owner, name] =
    /^https?:\/\/(?:www\.)?git(?:hub|lab)\.com\/([^/?#]+)\/([^/?#]+)/.exec(text) ?? [];
  return name === undefined ? undefined : `${owner}/${name.replace(/\.git$/, '')}`;
}
