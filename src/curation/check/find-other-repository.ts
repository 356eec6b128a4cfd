import { compare } from 'semver';
import { type LocatedRelease, locationOf, problemAt } from '../../catalog/located-release.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import { repositoryIn } from '../take-over.ts';

type Field = 'repo_name' | 'homepage_url' | 'download_url';

/** Fields of an entry that name its repository, the most explicit first. */
const FIELDS: readonly Field[] = ['repo_name', 'homepage_url', 'download_url'];

/**
 * Releases of another repository than the one before them: two plugins may have been given one id, or someone else's bundle
 * slipped in. Reports each change of repository once.
 */
export function findOtherRepository(plugin: readonly LocatedRelease[]): Problem[] {
  const oldestFirst = plugin.toSorted((a, b) => compare(versionOf(a), versionOf(b)));
  const latest: Partial<Record<Field, LocatedRelease>> = {};
  // The home page may have changed before the name of the repository.
  const wasTold = (field: Field, own: string) =>
    field === 'repo_name' &&
    FIELDS.some((other) => latest[other] && nameOf(latest[other].release, other) === own);
  return oldestFirst.flatMap((located) => {
    const changed = FIELDS.find((field) => {
      const own = repositoryOf(located.release, field);
      const before = latest[field] && repositoryOf(latest[field].release, field);
      return own !== undefined && before !== undefined && own !== before && !wasTold(field, own);
    });
    const before = changed && latest[changed];
    for (const field of FIELDS) {
      if (repositoryOf(located.release, field) !== undefined) latest[field] = located;
    }
    if (changed === undefined || before === undefined) return [];
    return problemAt(located, [changed], {
      level: 'warning',
      check: 'other-repository',
      message: `names another repository than release ${versionOf(before)}, which names ${repositoryOf(before.release, changed)} (${locationOf(before)})`,
      remedy: 'check that it is the same plugin, which moved',
    });
  });
}

const versionOf = ({ release }: LocatedRelease) => release.manifest.version;

/** The same without its owner. */
function nameOf(release: Release, field: Field): string | undefined {
  return repositoryOf(release, field)?.replace(/.*\//, '');
}

/** The repository that a field names, in lower case: GitHub ignores it. */
function repositoryOf(release: Release, field: Field): string | undefined {
  const text = release[field].toLowerCase();
  if (field === 'repo_name') return text === '' ? undefined : text;
  return repositoryIn(text);
}
