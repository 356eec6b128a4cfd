import type { Bundle } from '../catalog/release.ts';
import { PLATFORM } from '../catalog/schema.ts';
import { readWhole, request } from '../lib/http/request.ts';
import { isHtml, unexpectedAnswer } from '../lib/http/unexpected-answer.ts';
import type { Web } from '../lib/http/web.ts';
import { isAbsent } from '../lib/http/web-error.ts';
import { valueAt } from '../lib/json/finding.ts';

/** A release in the plugin store. */
export interface StoreRelease {
  /** The address of the store. */
  readonly store: string;
  readonly repo: string;
  /** Such as `v1.2.3`. */
  readonly tag: string;
}

/** The platforms to ask the store for, whatever the manifest: old manifests do not list theirs. */
const USUAL_PLATFORMS: readonly string[] = [
  'linux-amd64',
  'linux-arm64',
  'darwin-amd64',
  'darwin-arm64',
  'windows-amd64',
  'windows-arm64',
];

/** A bundle and its signature, both there. */
export interface SignedBundle extends Bundle {
  readonly download_url: string;
  readonly signature: string;
}

/** A detached signature has some hundred bytes. */
export const MAX_SIGNATURE_BYTES = 64 * 1024;

/** The URL of a bundle in the store: `STORE/REPO-TAG.tar.gz`, or `STORE/REPO-TAG-PLATFORM.tar.gz`. */
export function bundleUrl({ store, repo, tag }: StoreRelease, platform = ''): string {
  const name = platform === '' ? `${repo}-${tag}` : `${repo}-${tag}-${platform}`;
  return `${store.replace(/\/+$/, '')}/${encodeURIComponent(decodePlus(name))}.tar.gz`;
}

/** A URL whose path keeps its `+` also on S3, which reads a raw one as a blank: `v1.0.0+abc` is `v1.0.0%2Babc`. */
export function escapePlus(url: string): string {
  const [, beforeQuery = url, query = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? [];
  return `${beforeQuery.replaceAll('+', '%2B')}${query}`;
}

/** A name from a URL, with a raw `+` where it may be escaped. */
export function decodePlus(name: string): string {
  return name.replace(/%2B/gi, '+');
}

/**
 * The platforms that a release may have bundles of its own for, as the catalog calls them: the store's builder makes one
 * for each program that a manifest lists.
 */
export function storePlatforms(manifest: Readonly<Record<string, unknown>>): string[] {
  const executables = valueAt(manifest, ['server', 'executables']);
  const listed = typeof executables === 'object' && executables !== null ? executables : {};
  const named = Object.keys(listed).filter((name) => PLATFORM.safeParse(name).success);
  return [...new Set([...USUAL_PLATFORMS, ...named])];
}

/** The store's names for a platform, the newer one first: macOS was `osx` until 2024. */
function namesInStore(platform: string): readonly string[] {
  return platform.startsWith('darwin-')
    ? [platform, platform.replace('darwin-', 'osx-')]
    : [platform];
}

/**
 * A detached signature, in Base64 as in the catalog; null if there is none.
 *
 * @throws {WebError} if the server gives no clear answer, or a page for people
 */
export async function readSignature(web: Web, url: string): Promise<string | null> {
  const bytes = await orNull(
    request(web, url, { mostBytes: MAX_SIGNATURE_BYTES }, async (answer) => {
      const body = await readWhole(answer);
      // Networks that want a sign-in answer everything with their own page.
      if (isHtml(answer.headers)) throw unexpectedAnswer(url, answer, body, 'a signature');
      return body;
    }),
  );
  return bytes === null || bytes.length === 0 ? null : bytes.toString('base64');
}

/**
 * The bundle of a release in the store and its signature; null if either is missing.
 *
 * @param platform empty: the bundle for every platform
 * @throws {WebError} if the store gives no clear answer
 */
export async function findBundle(
  web: Web,
  release: StoreRelease,
  platform = '',
): Promise<SignedBundle | null> {
  for (const name of namesInStore(platform)) {
    const url = bundleUrl(release, name);
    const head = await orNull(
      request(web, url, { method: 'HEAD', mostBytes: 0 }, async () => true),
    );
    const signature = head && (await readSignature(web, `${url}.sig`));
    if (signature) return { download_url: url, signature };
  }
  return null;
}

/**
 * The bundles of a release for single platforms that the store has with their signatures, by the catalog's names for them.
 *
 * @throws {WebError} if the store gives no clear answer
 */
export async function findPlatformBundles(
  web: Web,
  release: StoreRelease,
  platforms: readonly string[],
): Promise<Record<string, SignedBundle>> {
  const found = await Promise.all(
    platforms.map(async (platform) => {
      const bundle = await findBundle(web, release, platform);
      return bundle ? [[platform, bundle] as const] : [];
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
