import { compare } from 'semver';
import { nameRelease } from '../catalog/located-release.ts';
import type { Entry } from '../catalog/schema.ts';
import { foldId } from '../mattermost/install/manifest-rules.ts';

/** A release that is about to get into the catalog. */
export interface Newcomer {
  readonly entry: Entry;
  /** Its known repositories: `owner/name`, or the name alone. One match is enough, as repositories are renamed. */
  readonly repositories: readonly string[];
}

/**
 * Why a release must stay out: the catalog has its plugin from another repository, and servers would update to someone
 * else's plugin. The newest release decides, as plugins move; ids are compared as servers install them.
 *
 * @param takeOver ids for which this is intended
 * @returns a reason worded to follow the name of the release, or null
 */
export function findTakeOver(
  entries: readonly Entry[],
  { entry, repositories }: Newcomer,
  takeOver: readonly string[],
): string | null {
  const { id } = entry.manifest;
  const isSameId = (other: string) => foldId(other) === foldId(id);
  if (takeOver.some(isSameId)) return null;
  // One that names no repository may be of any.
  const known = entries.flatMap((one) => {
    const owner = isSameId(one.manifest.id) ? repositoryOf(one) : undefined;
    return owner === undefined ? [] : [{ one, owner, version: one.manifest.version }];
  });
  const [newest] = known.toSorted((a, b) => compare(b.version, a.version));
  if (newest === undefined) return null;
  const owners = known.filter(({ version }) => compare(version, newest.version) === 0);
  const isKnown = owners.some(({ owner }) => repositories.some((name) => isSame(name, owner)));
  if (isKnown) return null;
  return `belongs to the plugin ${id}, which the catalog has from ${newest.owner} (${nameRelease(newest.one)}), not from ${repositories[0]} — if the plugin moved there, confirm it with --take-over ${id}`;
}

/** `owner/name` on GitHub or GitLab, in lower case, which both ignore; undefined where an address is of something else. */
export function repositoryIn(url: string): string | undefined {
  const [, owner, name] = PAGE.exec(url) ?? DOWNLOAD.exec(url) ?? [];
  return name === undefined ? undefined : `${owner}/${name.replace(/\.git$/i, '')}`.toLowerCase();
}

const PAGE = /^https?:\/\/(?:www\.)?git(?:hub|lab)\.com\/([^/?#]+)\/([^/?#]+)/i;
/** A file of a release, on any server of GitHub. */
const DOWNLOAD = /^https?:\/\/[^/?#]+\/([^/?#]+)\/([^/?#]+)\/releases\/download\//i;

/** The repository of an entry: from its bundle's URL, or its home page if the name matches; otherwise the name alone. */
function repositoryOf({ download_url, homepage_url, repo_name }: Entry): string | undefined {
  const bundle = repositoryIn(download_url ?? '');
  const home = repositoryIn(homepage_url ?? '');
  const name = (repo_name ?? '').toLowerCase();
  if (bundle !== undefined) return bundle;
  if (home !== undefined && (name === '' || isSame(home, name))) return home;
  return name === '' ? undefined : name;
}

/** One of them may lack the owner. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a === b || (!(a.includes('/') && b.includes('/')) && nameOf(a) === nameOf(b));
}

function nameOf(repository: string): string {
  return repository.replace(/.*\//, '');
}
