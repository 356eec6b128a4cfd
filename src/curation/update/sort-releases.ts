import semver from 'semver';
import { STRICT_VERSION } from '../../catalog/problems/strict-version.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import { decodePlus } from '../plugin-store.ts';
import type { GithubRelease } from './github/list-github-releases.ts';
import { fitsPattern, versionByPattern } from './pattern.ts';

/** A release whose tag names a version. */
export interface VersionedRelease extends GithubRelease {
  readonly version: string;
}

export interface SortOptions {
  /** Whether the catalog has the version of this repository. */
  readonly isKnown: (version: string) => boolean;
  readonly withPrereleases: boolean;
}

export interface SortedReleases {
  /** Those to be looked at. */
  readonly lacking: readonly VersionedRelease[];
  /** What is probably a mistake, each in a line. */
  readonly warnings: readonly string[];
  /** What is rightly skipped, each in a line. */
  readonly notes: readonly string[];
}

/** How many names a line has. */
const MOST_NAMES = 3;

/** Which releases of a repository the catalog lacks, by their tags, and which are skipped. */
export function sortReleases(
  { repo, tag: pattern, ignore = [] }: RepositorySetting,
  releases: readonly GithubRelease[],
  { isKnown, withPrereleases }: SortOptions,
): SortedReleases {
  const isLacking = (release: GithubRelease) =>
    !withVersion(release, pattern).some(({ version }) => isKnown(version));
  const lacking = releases.filter(isLacking);
  const idle = ignore.filter((name) => !lacking.some(({ tag }) => fitsPattern(name, tag)));
  const wanted = lacking.filter(({ tag }) => !ignore.some((name) => fitsPattern(name, tag)));
  const versioned = wanted.flatMap((release) => withVersion(release, pattern));
  const isLeftOut = (release: VersionedRelease) => !withPrereleases && isPrerelease(release);
  const others =
    pattern === undefined
      ? sortOthers(wanted.filter((release) => withVersion(release).length === 0))
      : undefined;
  const fitsNothing =
    pattern !== undefined &&
    releases.every((release) => withVersion(release, pattern).length === 0);
  return {
    lacking: versioned.filter((release) => !isLeftOut(release)),
    warnings: [
      ...[...(others?.byPrefix ?? [])].flatMap(([prefix, found]) => {
        const tags = found.filter(({ version }) => !isKnown(version)).map(({ tag }) => tag);
        return tags.length > 0 ? [explainPrefix(repo, prefix, tags)] : [];
      }),
      ...idle.map(
        (name) =>
          `${repo}: "ignore" names ${JSON.stringify(name)}, and no release that the catalog lacks has such a tag — remove it from its row of the settings`,
      ),
      ...(fitsNothing && releases.length > 0
        ? [
            `${repo}: no release has a tag that "tag": ${JSON.stringify(pattern)} fits — correct it in its row of the settings`,
          ]
        : []),
    ],
    notes: [
      ...summarize(
        `${repo} has pre-releases, which only --pre-releases adds`,
        versioned.filter(isLeftOut),
      ),
      ...summarize(`${repo} has tags that are not versions`, others?.nameless ?? []),
    ],
  };
}

/** The release with the version that its tag names, if it names one in the way of the repository. */
export function withVersion(release: GithubRelease, pattern?: string): VersionedRelease[] {
  const tag = decodePlus(release.tag);
  const version = pattern === undefined ? tag.replace(/^v/, '') : versionByPattern(pattern, tag);
  return version !== undefined && STRICT_VERSION.test(version) ? [{ ...release, version }] : [];
}

/** A version with a pre-release part is a pre-release, whatever GitHub's flag. */
function isPrerelease({ version, isPrerelease: isMarked }: VersionedRelease): boolean {
  return isMarked || semver.prerelease(version) !== null;
}

const PREFIXED = new RegExp(`^(.*[^0-9.])(${STRICT_VERSION.source.slice(1, -1)})$`);

/** Tags that begin with something, by that, and tags without a version. Both as they come, the newest first. */
function sortOthers(releases: readonly GithubRelease[]) {
  const byPrefix = new Map<string, VersionedRelease[]>();
  const nameless: GithubRelease[] = [];
  for (const release of releases) {
    const [, prefix, version = ''] = PREFIXED.exec(decodePlus(release.tag)) ?? [];
    if (prefix === undefined) nameless.push(release);
    else byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), { ...release, version }]);
  }
  return { byPrefix, nameless };
}

function explainPrefix(repo: string, prefix: string, tags: readonly string[]): string {
  const pattern = JSON.stringify(`${prefix}{version}`);
  const ignored = JSON.stringify([`${prefix}*`]);
  return `${repo}: passed over, as a tag is to be a version such as v1.2.3: ${listNames(tags)} — to take such tags, write "tag": ${pattern} into its row of the settings, or "ignore": ${ignored} to hear no more of them`;
}

function summarize(what: string, releases: readonly GithubRelease[]): string[] {
  return releases.length === 0 ? [] : [`${what}: ${listNames(releases.map(({ tag }) => tag))}`];
}

function listNames(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
