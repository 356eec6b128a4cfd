import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { checkEntry } from '../../catalog/check-entry.ts';
import { formatPath } from '../../catalog/finding.ts';
import { nameRelease } from '../../catalog/placed-release.ts';
import type { Bundle } from '../../catalog/release.ts';
import type { Entry } from '../../catalog/schema.ts';
import { STRICT_VERSION } from '../../catalog/strict-version.ts';
import { UserError } from '../../errors.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import { readUrl } from '../../web/read-url.ts';
import type { Web } from '../../web/web.ts';
import { fetchBundle } from '../add-release.ts';
import { makeEntry } from '../make-entry.ts';
import { MAX_SIGNATURE_BYTES } from '../plugin-store.ts';
import type { GithubRelease } from './list-github-releases.ts';
import { type BundleAsset, pickAssets } from './pick-assets.ts';

export interface UpdateOptions {
  readonly web: Web;
  readonly now: Date;
  readonly withPrereleases: boolean;
  /** A folder for bundles while they are read. */
  readonly folder: string;
}

export interface UpdateResult {
  /** What the catalog lacked. */
  readonly added: readonly Entry[];
  /** Releases that could not be added, each with the reason. */
  readonly failures: readonly string[];
}

/**
 * Makes entries for the releases of a repository that a catalog lacks. What has no version for a tag is none for a catalog,
 * such as `nightly`, and is passed over.
 */
export async function findNewEntries(
  entries: readonly Entry[],
  repository: RepositorySetting,
  releases: readonly GithubRelease[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const repoName = repository.repo.split('/')[1] ?? '';
  const names = new Set(entries.map(nameRelease));
  const isKnown = (version: string) =>
    entries.some((entry) => entry.repo_name === repoName && entry.manifest.version === version);
  const added: Entry[] = [];
  const failures: string[] = [];
  for (const release of releases) {
    const version = release.tag.replace(/^v/, '');
    if (!STRICT_VERSION.test(version) || isKnown(version)) continue;
    if (release.isPrerelease && !options.withPrereleases) continue;
    const made = await makeOne(repository, repoName, release, options);
    if (typeof made === 'string') failures.push(`${repository.repo} ${release.tag} ${made}`);
    else if (!names.has(nameRelease(made))) added.push(made);
  }
  return { added, failures };
}

async function makeOne(
  repository: RepositorySetting,
  repoName: string,
  release: GithubRelease,
  { web, now, folder }: UpdateOptions,
): Promise<Entry | string> {
  const assets = pickAssets(release.assets);
  if (typeof assets === 'string') return assets;
  const work = await mkdtemp(path.join(folder, 'bundle-'));
  try {
    const { common } = assets;
    const entry = makeEntry({
      bundle: await fetchBundle(web, common.url, work, release.tag),
      placement: {
        author: repository.author,
        stage: repository.stage ?? 'production',
        isEnterprise: repository.enterprise ?? false,
        hosting: repository.hosting ?? '',
      },
      repoName,
      downloadUrl: common.url,
      signature: await readSignature(web, common),
      platforms: await readPlatforms(web, assets.platforms),
      now,
    });
    // One that breaks the rules must not keep the others out of the catalog.
    const [finding] = checkEntry(entry);
    return finding ? `breaks a rule: ${formatPath(finding.path)} ${finding.message}` : entry;
  } catch (error) {
    if (error instanceof UserError) return `cannot be added: ${error.message}`;
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function readSignature(web: Web, { signatureUrl }: BundleAsset): Promise<string> {
  if (signatureUrl === undefined) return '';
  return (await readUrl(web, signatureUrl, { mostBytes: MAX_SIGNATURE_BYTES })).toString('base64');
}

/** A bundle for one platform counts only where it is signed. */
async function readPlatforms(
  web: Web,
  platforms: Readonly<Record<string, BundleAsset>>,
): Promise<Record<string, Bundle>> {
  const bundles: Record<string, Bundle> = {};
  for (const [platform, asset] of Object.entries(platforms)) {
    const signature = await readSignature(web, asset);
    if (signature !== '') bundles[platform] = { download_url: asset.url, signature };
  }
  return bundles;
}
