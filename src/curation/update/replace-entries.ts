import { nameRelease } from '../../catalog/located-release.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import type { GithubRelease } from './github/list-github-releases.ts';
import { type MakeGithubEntryOptions, makeGithubEntry, nameOf } from './make-github-entry.ts';
import { type ReplaceEntryResult, replaceEntry } from './replace-entry.ts';
import { withVersion } from './sort-releases.ts';

export interface ReplaceEntriesOptions extends Omit<MakeGithubEntryOptions, 'isShared'> {
  readonly repositories: readonly RepositorySetting[];
  /** The releases of a repository. */
  readonly list: (repository: RepositorySetting) => Promise<readonly GithubRelease[]>;
}

export interface ReplaceEntriesResult {
  /** All entries, the rebuilt ones in their old positions. */
  readonly entries: readonly Entry[];
  readonly replaced: readonly { readonly name: string; readonly changes: readonly string[] }[];
  /** What could not be rebuilt, each with the reason. */
  readonly failures: readonly string[];
  /** Notes on the new bundles, each a sentence that names one. */
  readonly warnings: readonly string[];
}

/**
 * Rebuilds entries from the bundles that GitHub has today.
 *
 * @param names such as `jira@4.1.0`; a version with an entry for each hosting means all of them
 */
export async function replaceEntries(
  entries: readonly Entry[],
  names: readonly string[],
  options: ReplaceEntriesOptions,
): Promise<ReplaceEntriesResult> {
  const replaced: { name: string; changes: readonly string[] }[] = [];
  const failures = names
    .filter((name) => !entries.some((entry) => nameRelease(entry) === name))
    .map((name) => `${name} is not in the catalog: update without --replace adds what it lacks`);
  const next: Entry[] = [];
  const warnings: string[] = [];
  for (const entry of entries) {
    const name = nameRelease(entry);
    const result = names.includes(name) ? await buildAnew(entry, options) : null;
    if (typeof result === 'string') failures.push(`${name} ${result}`);
    else if (result !== null) {
      replaced.push({ name, changes: result.changes });
      warnings.push(...result.warnings);
    }
    next.push(typeof result === 'string' || result === null ? entry : result.entry);
  }
  return { entries: next, replaced, failures, warnings };
}

/** The entry of today's bundle, or the reason why there is none. */
async function buildAnew(
  old: Entry,
  options: ReplaceEntriesOptions,
): Promise<(ReplaceEntryResult & { readonly warnings: readonly string[] }) | string> {
  const rows = rowsOf(old, options.repositories);
  if (rows.length === 0) {
    return `has the repo_name ${JSON.stringify(old.repo_name ?? '')}, and the settings name no such repository: write a row for it`;
  }
  const reasons: string[] = [];
  for (const row of rows) {
    const releases = await options.list(row);
    const release = releases
      .flatMap((candidate) => withVersion(candidate, row.tag))
      .find(({ version }) => isVersion(version, old.manifest.version));
    if (release === undefined) {
      reasons.push(`has no release in ${row.repo} any more`);
      continue;
    }
    const made = await makeGithubEntry([old], row, release, {
      ...options,
      isShared: rows.length > 1,
    });
    if ('lacking' in made) reasons.push(`${row.repo} ${release.tag} ${made.lacking}`);
    else if ('failure' in made) reasons.push(`${row.repo} ${release.tag} ${made.failure}`);
    else if (nameRelease(made.entry) !== nameRelease(old)) {
      reasons.push(`is ${nameRelease(made.entry)} in the bundle of ${row.repo} ${release.tag}`);
    } else {
      const { warnings } = made;
      return { ...replaceEntry(old, made.entry, made.bundleUpdatedAt), warnings };
    }
  }
  return `cannot be rebuilt: ${reasons.join('; ')}`;
}

/** Rows of the settings for the repository of an entry: those of its hosting first, where several share it. */
function rowsOf(
  { repo_name: name, hosting }: Entry,
  repositories: readonly RepositorySetting[],
): RepositorySetting[] {
  const rows = repositories.filter((row) => nameOf(row) === name);
  const ofHosting = rows.filter((row) => (row.hosting ?? '') === (hosting ?? ''));
  return ofHosting.length > 0 ? ofHosting : rows;
}

/** A tag may add build metadata to the manifest's version: `1.2.3+abc`. */
function isVersion(tagged: string, version: string): boolean {
  return tagged === version || tagged.split('+')[0] === version;
}
