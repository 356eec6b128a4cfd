import { lstat, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import type { Release } from '../catalog/release.ts';
import { BUNDLE_LIMITS } from '../curation/bundles/bundle-limits.ts';
import { formatCatalog } from '../curation/format-catalog.ts';
import { bundlesOf, type OfferedBundle } from '../curation/verify/bundles-of.ts';
import {
  type VerifiedBundle,
  type VerifyOptions,
  verifyBundles,
} from '../curation/verify/verify-bundles.ts';
import { digestOf, hashFile } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import { explainWriteError, makeFolders } from '../lib/files/explain-file-error.ts';
import { replaceFile } from '../lib/files/replace-file.ts';
import { downloadFile } from '../lib/http/download-file.ts';
import type { Web } from '../lib/http/web.ts';
import { bundlePath } from './bundle-path.ts';
import {
  BUNDLES_FOLDER,
  CATALOG_FILE,
  type PackFile,
  readPack,
  UNFINISHED_FILE,
  writePack,
} from './pack.ts';
import { rewriteRelease } from './rewrite-release.ts';

export interface MirrorOptions extends Omit<VerifyOptions, 'fetch'> {
  readonly web: Web;
  /** The folder of the pack. */
  readonly folder: string;
  /** Where the folder will be served, without a slash at the end. */
  readonly baseUrl: string;
  /** The platforms whose own bundles are wanted; empty: every one. The common bundle always is. */
  readonly platforms: readonly string[];
  /** Whether bundles that the pack no longer needs are removed. */
  readonly isPruning: boolean;
}

export interface MirrorResult {
  readonly bundles: readonly VerifiedBundle[];
  /** URLs that were downloaded; the others were there. */
  readonly downloaded: number;
  /** Whether the catalog of the pack is the new one: not where a bundle failed. */
  readonly isComplete: boolean;
  readonly removed: readonly string[];
}

/**
 * Brings a pack up to date: downloads the bundles that it lacks, checks all of them, and then writes the catalog that leads
 * to them. Where one fails, the catalog stays the old one. A run that was stopped is continued by the next.
 *
 * @throws {UserError} where the folder cannot be used
 */
export async function mirrorReleases(
  releases: readonly Release[],
  { web, folder, baseUrl, platforms, isPruning, ...verifying }: MirrorOptions,
): Promise<MirrorResult> {
  const old = await readPack(folder);
  const unfinished = await readPack(folder, UNFINISHED_FILE);
  if (old === null && unfinished === null) await refuseForeign(path.join(folder, CATALOG_FILE));
  const made = await makeFolders(path.join(folder, BUNDLES_FOLDER)).catch((error: unknown) => {
    throw explainWriteError(error, folder);
  });
  const listed = byPath(old?.files);
  const checked = byPath(unfinished?.files);
  const byUrl = new Map<string, PackFile>();
  const saveList = (base: string, files: readonly PackFile[]) =>
    writePack(folder, { format: 1, baseUrl: base, files: [...files] });
  const writing = pLimit(1);
  const saveChecked = () =>
    writing(() =>
      writePack(folder, { format: 1, baseUrl, files: [...checked.values()] }, UNFINISHED_FILE),
    );

  const isMirrored = ({ platform }: OfferedBundle) =>
    platform === '' || platforms.length === 0 || platforms.includes(platform);
  const wanted = releases.flatMap(bundlesOf).filter(isMirrored);
  let downloaded = 0;
  const bundles = await verifyBundles(wanted, {
    ...verifying,
    fetch: async (bundle, onBytes) => {
      const known = [...checked.values(), ...listed.values()];
      const present = await findPresent(known, bundle, folder);
      const file = present ?? (await download(web, bundle, folder, onBytes));
      byUrl.set(bundle.url, file);
      if (present === undefined) downloaded++;
      return path.join(folder, file.path);
    },
    onSound: async ({ url }) => {
      const file = byUrl.get(url) as PackFile;
      if (listed.get(file.path) === file || checked.get(file.path) === file) return;
      checked.set(file.path, file);
      await saveChecked();
    },
  });

  const failed = bundles.filter(({ failures }) => failures.length > 0);
  if (failed.length > 0) {
    // What is wrong is fetched anew the next time: it may have been mended. What the catalog leads to now stays.
    const catalog = await readFile(path.join(folder, CATALOG_FILE), 'utf8').catch(() => '');
    const bad = failed
      .flatMap(({ url }) => byUrl.get(url)?.path ?? [])
      .filter((name) => !catalog.includes(`/${name}"`));
    for (const name of bad) checked.delete(name);
    if (checked.size > 0) await saveChecked();
    else await rm(path.join(folder, UNFINISHED_FILE), { force: true });
    if (old !== null && bad.filter((name) => listed.delete(name)).length > 0) {
      await saveList(old.baseUrl, [...listed.values()]);
    }
    for (const name of bad) await rm(path.join(folder, name), { force: true });
    if (made !== undefined && checked.size === 0) await removeEmpty(folder);
    return { bundles, downloaded, isComplete: false, removed: [] };
  }

  const files = new Map([...listed, ...checked]);
  // Both catalogs lead to what is listed, the old one and the new one.
  if (old !== null) await saveList(old.baseUrl, [...files.values()]);
  const urlOf = ({ url }: OfferedBundle) => `${baseUrl}/${byUrl.get(url)?.path}`;
  const rewritten = releases.map((release) => rewriteRelease(release, isMirrored, urlOf));
  const catalog = formatCatalog(rewritten);
  await replaceFile(path.join(folder, CATALOG_FILE), catalog);
  files.set(CATALOG_FILE, {
    path: CATALOG_FILE,
    sha256: digestOf(catalog),
    sizeBytes: Buffer.byteLength(catalog),
  });
  const needed = new Set([CATALOG_FILE, ...[...byUrl.values()].map((file) => file.path)]);
  const removed = isPruning ? [...files.keys()].filter((name) => !needed.has(name)) : [];
  for (const name of removed) files.delete(name);
  await saveList(baseUrl, [...files.values()]);
  await rm(path.join(folder, UNFINISHED_FILE), { force: true });
  for (const name of removed) await rm(path.join(folder, name), { force: true });
  return { bundles, downloaded, isComplete: true, removed };
}

/** The file of the pack that has what the URL gave, unless it was signed anew or damaged since. */
async function findPresent(
  files: readonly PackFile[],
  { url, signature }: OfferedBundle,
  folder: string,
): Promise<PackFile | undefined> {
  const file = files.find(
    (candidate) => candidate.url === url && candidate.signature === signature,
  );
  if (file === undefined) return undefined;
  const found = await hashFile(path.join(folder, file.path));
  return found?.sha256 === file.sha256 ? file : undefined;
}

function byPath(files: readonly PackFile[] = []): Map<string, PackFile> {
  return new Map(files.map((file) => [file.path, file]));
}

/** @throws {UserError} where a folder that is no pack has a catalog, which that of the pack would replace */
async function refuseForeign(catalog: string) {
  const isThere = await lstat(catalog).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UserError(
    `${catalog} is of no pack, and would be replaced: name another folder with --to, or move it away`,
  );
}

/** Removes the folders that were made for nothing. */
async function removeEmpty(folder: string) {
  await rmdir(path.join(folder, BUNDLES_FOLDER)).catch(() => {});
  await rmdir(folder).catch(() => {});
}

async function download(
  web: Web,
  bundle: OfferedBundle,
  folder: string,
  onBytes: (bytes: number) => void,
): Promise<PackFile> {
  const { url, signature } = bundle;
  const digest = digestOf(url).slice(0, 16);
  const incoming = path.join(folder, BUNDLES_FOLDER, `incoming-${digest}`);
  const mostBytes = BUNDLE_LIMITS.compressedBytes;
  const got = await downloadFile(web, url, { file: incoming, mostBytes, onBytes });
  // Only a conditional request is answered with nothing.
  const { sha256, sizeBytes } = got as NonNullable<typeof got>;
  const name = bundlePath(bundle, sha256);
  await rename(incoming, path.join(folder, name));
  return { path: name, sha256, sizeBytes, url, signature };
}
