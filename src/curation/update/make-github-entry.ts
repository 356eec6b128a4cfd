import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { checkEntry } from '../../catalog/problems/check-entry.ts';
import type { Entry } from '../../catalog/schema.ts';
import { UserError } from '../../lib/errors.ts';
import type { Web } from '../../lib/http/web.ts';
import { formatPath } from '../../lib/json/finding.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import { fetchBundle } from '../add-release.ts';
import { inspectContents } from '../inspect-bundle.ts';
import { type KnownRelease, makeEntry, type Placement } from '../make-entry.ts';
import { readSignature, type SignedBundle, storePlatforms } from '../plugin-store.ts';
import { findTakeOver, repositoryIn } from '../take-over.ts';
import {
  type BundleAsset,
  pickAssets,
  platformOf,
  type ReleaseAsset,
  stemOf,
} from './pick-assets.ts';
import type { VersionedRelease } from './sort-releases.ts';
import type { StoreLookup } from './store-lookup.ts';

export interface MakeGithubEntryOptions {
  readonly web: Web;
  readonly now: Date;
  /** A folder for bundles while they are read. */
  readonly folder: string;
  readonly store: StoreLookup;
  /** Whether other rows of the settings name the repository, too: then the store's bundle may belong to any of them. */
  readonly isShared: boolean;
  /** Ids of plugins that may come from another repository than the catalog has them from. */
  readonly takeOver: readonly string[];
}

/** An entry, or the reason why there is none. */
export type MadeEntry =
  | {
      readonly entry: Entry;
      readonly bundleUpdatedAt: string;
      /** Notes on its bundle, each a sentence that names it. */
      readonly warnings: readonly string[];
    }
  /** The release has no bundle. */
  | { readonly lacking: string }
  | { readonly failure: string };

/**
 * Makes the entry of a release on GitHub, for a catalog that has `entries`. What its files lack, signatures and bundles of
 * single platforms, the store may have.
 */
export async function makeGithubEntry(
  entries: readonly Entry[],
  repository: RepositorySetting,
  release: VersionedRelease,
  { web, now, folder, store, isShared, takeOver }: MakeGithubEntryOptions,
): Promise<MadeEntry> {
  const repoName = nameOf(repository);
  const picked = pickAssets(release.assets, { ...release, pattern: repository.asset });
  if ('lacking' in picked) return picked;
  if ('unclear' in picked) return { failure: picked.unclear };
  const isUsual = !isShared && isUsualBuild(picked.common, release, repository.asset !== undefined);
  const isForAll = platformOf(picked.common) === undefined;
  const work = await mkdtemp(path.join(folder, 'bundle-'));
  try {
    const common = await readCommon(web, picked.common, () =>
      isUsual && isForAll ? store.common(repoName, release.tag) : null,
    );
    const bundle = await fetchBundle(web, common.download_url, work, release);
    const warnings = inspectContents(bundle, common.download_url);
    const platforms = await readPlatforms(web, picked.platforms);
    const lacking = storePlatforms(bundle.manifest).filter((platform) => !platforms[platform]);
    const more = isUsual ? await store.platforms(repoName, release.tag, lacking) : {};
    const entry = makeEntry({
      bundle,
      placement: placementOf(repository),
      repoName,
      downloadUrl: common.download_url,
      signature: common.signature,
      platforms: { ...platforms, ...more },
      now,
      known: knownOf(release),
    });
    // A renamed repository has another name on GitHub than in the settings.
    const addresses = [picked.common.url, release.url].flatMap((url) => repositoryIn(url) ?? []);
    const repositories = [repository.repo, ...addresses];
    const failure =
      findTakeOver(entries, { entry, repositories }, takeOver) ?? findBrokenRule(entry);
    return failure === null
      ? { entry, bundleUpdatedAt: picked.common.updatedAt, warnings }
      : { failure };
  } catch (error) {
    if (error instanceof UserError) return { failure: `cannot be added: ${error.message}` };
    throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function placementOf({ author, stage, enterprise, hosting }: RepositorySetting): Placement {
  return {
    author,
    stage: stage ?? 'production',
    isEnterprise: enterprise ?? false,
    hosting: hosting ?? '',
  };
}

/** An entry that breaks the rules must not keep the others out of the catalog. */
function findBrokenRule(entry: Entry): string | null {
  const [finding] = checkEntry(entry);
  return finding ? `breaks a rule: ${formatPath(finding.path)} ${finding.message}` : null;
}

/** The name of a repository in entries: without the owner. */
export function nameOf({ repo }: RepositorySetting): string {
  return repo.split('/')[1] ?? '';
}

/**
 * Whether a bundle is the one that the store has of a version. Builds for FIPS have the same version and tag, and must not be
 * mixed with the usual ones; of what a setting chooses among several, the usual one is named after its version alone.
 */
function isUsualBuild(
  asset: ReleaseAsset,
  { version }: VersionedRelease,
  isChosen: boolean,
): boolean {
  const stem = stemOf(asset);
  if (/(^|[^a-z])fips([^a-z]|$)/i.test(stem)) return false;
  return !isChosen || [`-${version}`, `-v${version}`].some((end) => stem.endsWith(end));
}

/** GitHub's data about a release. The repository's page comes from the release's URL. */
function knownOf({ url, publishedAt }: VersionedRelease): KnownRelease {
  const [, repository = ''] = /^(.*)\/releases\/tag\//.exec(url) ?? [];
  return { homepageUrl: repository, releaseNotesUrl: url, updatedAt: publishedAt };
}

/** If the files of the release have no signature, the store may have the bundle with one; otherwise empty. */
async function readCommon(
  web: Web,
  asset: BundleAsset,
  lookInStore: () => Promise<SignedBundle | null> | null,
): Promise<SignedBundle> {
  const signature = await readAssetSignature(web, asset);
  const stored = signature === '' ? await lookInStore() : null;
  return stored ?? { download_url: asset.url, signature };
}

/** A bundle for one platform counts only where it is signed. */
async function readPlatforms(
  web: Web,
  platforms: Readonly<Record<string, BundleAsset>>,
): Promise<Record<string, SignedBundle>> {
  const bundles: Record<string, SignedBundle> = {};
  for (const [platform, asset] of Object.entries(platforms)) {
    const signature = await readAssetSignature(web, asset);
    if (signature !== '') bundles[platform] = { download_url: asset.url, signature };
  }
  return bundles;
}

async function readAssetSignature(web: Web, { signatureUrl }: BundleAsset): Promise<string> {
  return signatureUrl === undefined ? '' : ((await readSignature(web, signatureUrl)) ?? '');
}
