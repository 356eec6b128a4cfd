import type { Bundle } from '../catalog/release.ts';
import { readUrl } from '../web/read-url.ts';
import { request } from '../web/request.ts';
import type { Web } from '../web/web.ts';
import { isAbsent } from '../web/web-error.ts';

type StorePlatform = readonly [catalog: string, store: string];

/** A release in the plugin store. */
export interface StoreRelease {
  /** The address of the store. */
  readonly store: string;
  readonly repo: string;
  /** Such as `v1.2.3`. */
  readonly tag: string;
}

/** The platforms that the plugin store has bundles for: what the catalog calls them, what the store does. */
export const STORE_PLATFORMS: readonly StorePlatform[] = [
  ['linux-amd64', 'linux-amd64'],
  ['linux-arm64', 'linux-arm64'],
  ['darwin-amd64', 'osx-amd64'],
  ['darwin-arm64', 'osx-arm64'],
  ['windows-amd64', 'windows-amd64'],
  ['windows-arm64', 'windows-arm64'],
];

/** A detached signature has some hundred bytes. */
export const MAX_SIGNATURE_BYTES = 64 * 1024;

/** Where the store keeps a bundle: `STORE/REPO-TAG.tar.gz`, or `STORE/REPO-TAG-PLATFORM.tar.gz`. */
export function bundleUrl({ store, repo, tag }: StoreRelease, platform = ''): string {
  const name = platform === '' ? `${repo}-${tag}` : `${repo}-${tag}-${platform}`;
  return `${store.replace(/\/+$/, '')}/${name}.tar.gz`;
}

/**
 * The detached signature that lies beside a bundle, in Base64 as the catalog has it; null where there is none.
 *
 * @throws {WebError} where the store does not say
 */
export async function readSignature(web: Web, bundle: string): Promise<string | null> {
  const bytes = await orNull(readUrl(web, `${bundle}.sig`, { mostBytes: MAX_SIGNATURE_BYTES }));
  return bytes === null || bytes.length === 0 ? null : bytes.toString('base64');
}

/**
 * The bundles of a release for single platforms that the store has with their signatures, by the catalog's names for them.
 *
 * @throws {WebError} where the store does not say
 */
export async function findPlatformBundles(
  web: Web,
  release: StoreRelease,
  platforms: readonly StorePlatform[] = STORE_PLATFORMS,
): Promise<Record<string, Bundle>> {
  const found = await Promise.all(
    platforms.map(async ([platform, inStore]) => {
      const url = bundleUrl(release, inStore);
      const head = await orNull(
        request(web, url, { method: 'HEAD', mostBytes: 0 }, async () => true),
      );
      const signature = head && (await readSignature(web, url));
      return signature ? [[platform, { download_url: url, signature }] as const] : [];
    }),
  );
  return Object.fromEntries(found.flat());
}

async function orNull<Result>(asked: Promise<Result>): Promise<Result | null> {
  return await asked.catch((error: unknown) => {
    if (isAbsent(error)) return null;
    throw error;
  });
}
