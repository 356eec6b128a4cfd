import type { Entry } from '../../catalog/schema.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import { isSameRelease } from '../insert-entry.ts';
import type { GithubRelease } from './github/list-github-releases.ts';
import { type MakeGithubEntryOptions, makeGithubEntry, nameOf } from './make-github-entry.ts';
import { pickAssets } from './pick-assets.ts';
import { sortReleases, type VersionedRelease } from './sort-releases.ts';

export interface UpdateOptions extends MakeGithubEntryOptions {
  readonly withPrereleases: boolean;
}

export interface UpdateResult {
  /** The entries that the catalog lacked. */
  readonly added: readonly Entry[];
  /** Releases that could not be added, each with the reason. */
  readonly failures: readonly string[];
  /** What is probably a mistake, but does not prevent adding. */
  readonly warnings: readonly string[];
  /** What was rightly skipped. */
  readonly notes: readonly string[];
}

/** Makes entries for the releases of a repository that a catalog lacks. */
export async function findNewEntries(
  entries: readonly Entry[],
  repository: RepositorySetting,
  releases: readonly GithubRelease[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const ofRepository = entries.filter(({ repo_name: name }) => name === nameOf(repository));
  const { lacking, warnings, notes } = sortReleases(repository, releases, {
    withPrereleases: options.withPrereleases,
    // If several rows share a repository, its versions belong to several plugins or hostings.
    isKnown: (version) =>
      !options.isShared &&
      ofRepository.some(({ manifest }) =>
        [version, version.split('+')[0]].includes(manifest.version),
      ),
  });
  const added: Entry[] = [];
  const failures: string[] = [];
  const bundleless: string[] = [];
  const ofBundles: string[] = [];
  for (const release of lacking) {
    if (options.isShared && hasFile(ofRepository, repository, release)) continue;
    const made = await makeGithubEntry([...entries, ...added], repository, release, options);
    const name = `${repository.repo} ${release.tag}`;
    if ('failure' in made) failures.push(`${name} ${made.failure}`);
    else if ('lacking' in made) {
      const remedy = `"ignore": [${JSON.stringify(release.tag)}] in its row of the settings`;
      bundleless.push(`${name} ${made.lacking}; it is skipped — ${remedy} accepts that`);
    } else if (!entries.some((entry) => isSameRelease(entry, made.entry))) {
      added.push(made.entry);
      ofBundles.push(...made.warnings);
    }
  }
  return { added, failures, warnings: [...warnings, ...bundleless, ...ofBundles], notes };
}

/** Whether a catalog has the bundle of a row of the settings, for the row's hosting. */
function hasFile(
  entries: readonly Entry[],
  { asset: pattern, hosting = '' }: RepositorySetting,
  release: VersionedRelease,
): boolean {
  const picked = pickAssets(release.assets, { ...release, pattern });
  return (
    'common' in picked &&
    entries.some(
      (entry) => entry.download_url === picked.common.url && (entry.hosting ?? '') === hosting,
    )
  );
}
