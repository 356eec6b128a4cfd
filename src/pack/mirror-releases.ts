import { lstat, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { bundlesOf, type OfferedBundle } from '../catalog/bundles/bundles-of.ts';
import { formatCatalog } from '../catalog/format-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { BUNDLE_LIMITS } from '../curation/bundles/bundle-limits.ts';
import {
  type VerifiedBundle,
  type VerifyOptions,
  type VerifyProgress,
  verifyBundles,
} from '../curation/verify/verify-bundles.ts';
import { digestOf, hashFile } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import { explainWriteError, makeFolders } from '../lib/files/explain-file-error.ts';
import { isAlive } from '../lib/files/is-alive.ts';
import { replaceFile } from '../lib/files/replace-file.ts';
import { downloadFile } from '../lib/http/download-file.ts';
import type { Web } from '../lib/http/web.ts';
import {
  BUNDLES_FOLDER,
  CATALOG_FILE,
  type Pack,
  type PackFile,
  readPack,
  UNFINISHED_FILE,
  writePack,
} from './format/pack.ts';
import { bundlePath, rewriteRelease } from './rewrite-release.ts';

export interface MirrorProgress extends VerifyProgress {
  /** How many bytes will be downloaded in all, judged by what was announced so far; null where nothing was. */
  readonly expectedBytes: number | null;
}

export interface MirrorOptions extends Omit<VerifyOptions, 'fetch' | 'onProgress'> {
  readonly onProgress: (progress: MirrorProgress) => void;
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
 * to them. Where one fails, the catalog stays the old one. The next run resumes one that was stopped.
 *
 * @throws {UserError} where the folder cannot be used
 */
export async function mirrorReleases(
  releases: readonly Release[],
  options: MirrorOptions,
): Promise<MirrorResult> {
  const { platforms } = options;
  const run = await startRun(options);
  const isMirrored = ({ platform }: OfferedBundle) =>
    platform === '' || platforms.length === 0 || platforms.includes(platform);
  const wanted = releases.flatMap(bundlesOf).filter(isMirrored);
  run.missing = new Set(wanted.map(({ url }) => url)).size;
  const bundles = await verifyBundles(wanted, {
    ...options,
    fetch: (bundle, onBytes) => provide(run, bundle, onBytes),
    onProgress: (progress) =>
      options.onProgress({ ...progress, expectedBytes: expectBytes(run, progress) }),
    onSound: (bundle) => keepSound(run, bundle),
  });
  const failed = bundles.filter(({ failures }) => failures.length > 0);
  const isComplete = failed.length === 0;
  if (!isComplete) await dropFailed(run, failed);
  const removed = isComplete ? await finish(run, releases, isMirrored) : [];
  return { bundles, downloaded: run.downloaded, isComplete, removed };
}

/** What the names of downloads that are not complete begin with. */
const INCOMING = 'incoming-';

/** A pack while it is brought up to date. */
interface Run {
  readonly options: MirrorOptions;
  /** The pack after the last complete run; null if there was none. */
  readonly old: Pack | null;
  /** The files that `old` lists, by path. */
  readonly listed: Map<string, PackFile>;
  /** The sound bundles that no complete run lists, by path. */
  readonly checked: Map<string, PackFile>;
  /** The file of each URL that was wanted. */
  readonly byUrl: Map<string, PackFile>;
  /** The first folder that was made for the pack. */
  readonly made: string | undefined;
  /** Lets one write at a time. */
  readonly writing: ReturnType<typeof pLimit>;
  downloaded: number;
  /** How many URLs nothing is known of yet. */
  missing: number;
  /** The bytes that each download takes. */
  readonly sizes: Map<string, number>;
}

async function startRun(options: MirrorOptions): Promise<Run> {
  const { folder } = options;
  const old = await readPack(folder);
  const unfinished = await readPack(folder, UNFINISHED_FILE);
  if (old === null && unfinished === null) await refuseForeign(path.join(folder, CATALOG_FILE));
  const made = await makeFolders(path.join(folder, BUNDLES_FOLDER)).catch((error: unknown) => {
    throw explainWriteError(error, folder);
  });
  const [listed, checked] = [old, unfinished].map(
    (pack) => new Map(pack?.files.map((file) => [file.path, file])),
  ) as [Map<string, PackFile>, Map<string, PackFile>];
  const writing = pLimit(1);
  const empty = { byUrl: new Map(), sizes: new Map(), downloaded: 0, missing: 0 };
  return { options, old, listed, checked, made, writing, ...empty };
}

/** The file with a bundle, downloaded unless the pack has it. */
async function provide(run: Run, bundle: OfferedBundle, onBytes: (bytes: number) => void) {
  const { folder } = run.options;
  const known = [...run.checked.values(), ...run.listed.values()];
  const present = await findPresent(known, bundle, folder);
  if (present !== undefined) run.missing--;
  const file = present ?? (await download(run, bundle, onBytes));
  run.byUrl.set(bundle.url, file);
  if (present === undefined) run.downloaded++;
  return path.join(folder, file.path);
}

/** What is not announced yet is taken to be as large as the others are on average. */
function expectBytes({ sizes, missing }: Run, { bytes }: VerifyProgress): number | null {
  if (sizes.size === 0) return null;
  const announced = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return Math.max(bytes, announced + (missing * announced) / sizes.size);
}

async function keepSound(run: Run, { url }: OfferedBundle): Promise<undefined> {
  const file = run.byUrl.get(url) as PackFile;
  if (run.listed.get(file.path) === file || run.checked.get(file.path) === file) return;
  run.checked.set(file.path, file);
  await saveChecked(run);
}

async function saveChecked({ options: { folder, baseUrl }, checked, writing }: Run) {
  await writing(() =>
    writePack(folder, { format: 1, baseUrl, files: [...checked.values()] }, UNFINISHED_FILE),
  );
}

/** A bad bundle is fetched again next time: it may have been fixed. What the catalog links to now stays. */
async function dropFailed(run: Run, failed: readonly VerifiedBundle[]) {
  const { options, old, listed, checked, byUrl, made } = run;
  const { folder } = options;
  const catalog = await readFile(path.join(folder, CATALOG_FILE), 'utf8').catch(() => '');
  const bad = failed
    .flatMap(({ url }) => byUrl.get(url)?.path ?? [])
    .filter((name) => !catalog.includes(`/${name}"`));
  for (const name of bad) checked.delete(name);
  if (checked.size > 0) await saveChecked(run);
  else await rm(path.join(folder, UNFINISHED_FILE), { force: true });
  if (old !== null && bad.filter((name) => listed.delete(name)).length > 0) {
    await writePack(folder, { ...old, files: [...listed.values()] });
  }
  for (const name of bad) await rm(path.join(folder, name), { force: true });
  if (made !== undefined && checked.size === 0) await removeEmpty(folder);
}

/** Writes the catalog and the list of a pack of which every bundle is sound; returns what it removed. */
async function finish(
  { options, old, listed, checked, byUrl }: Run,
  releases: readonly Release[],
  isMirrored: (bundle: OfferedBundle) => boolean,
): Promise<string[]> {
  const { folder, baseUrl, isPruning } = options;
  const files = new Map([...listed, ...checked]);
  // Both catalogs lead to what is listed, the old one and the new one.
  if (old !== null) await writePack(folder, { ...old, files: [...files.values()] });
  const urlOf = ({ url }: OfferedBundle) => `${baseUrl}/${byUrl.get(url)?.path}`;
  const rewritten = releases.map((release) => rewriteRelease(release, isMirrored, urlOf));
  const catalog = formatCatalog(rewritten);
  await replaceFile(path.join(folder, CATALOG_FILE), catalog);
  const sizeBytes = Buffer.byteLength(catalog);
  files.set(CATALOG_FILE, { path: CATALOG_FILE, sha256: digestOf(catalog), sizeBytes });
  const needed = new Set([CATALOG_FILE, ...[...byUrl.values()].map((file) => file.path)]);
  const removed = isPruning ? [...files.keys()].filter((name) => !needed.has(name)) : [];
  for (const name of removed) files.delete(name);
  await writePack(folder, { format: 1, baseUrl, files: [...files.values()] });
  await rm(path.join(folder, UNFINISHED_FILE), { force: true });
  for (const name of removed) await rm(path.join(folder, name), { force: true });
  await removeParts(path.join(folder, BUNDLES_FOLDER));
  return removed;
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

/** @throws {UserError} if the folder is not a pack but has a catalog, which the pack would replace */
async function refuseForeign(catalog: string) {
  const isThere = await lstat(catalog).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new UserError(
    `${catalog} belongs to no pack, and would be replaced: name another folder with --to, or move it away`,
  );
}

/** Removes parts of bundles that are no longer wanted, but not those of a mirror that is under way. */
async function removeParts(folder: string) {
  for (const name of await readdir(folder)) {
    const [, pid] = /^incoming-.*\.next-(\d+)$/.exec(name) ?? [];
    const isLeft = pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
    if (isLeft) await rm(path.join(folder, name), { force: true });
  }
}

/** Removes folders that were made in vain. */
async function removeEmpty(folder: string) {
  await rmdir(path.join(folder, BUNDLES_FOLDER)).catch(() => {});
  await rmdir(folder).catch(() => {});
}

async function download(
  run: Run,
  bundle: OfferedBundle,
  onBytes: (bytes: number) => void,
): Promise<PackFile> {
  const { web, folder } = run.options;
  const { url, signature } = bundle;
  const digest = digestOf(url).slice(0, 16);
  const incoming = path.join(folder, BUNDLES_FOLDER, `${INCOMING}${digest}`);
  const mostBytes = BUNDLE_LIMITS.compressedBytes;
  let came = 0;
  const got = await downloadFile(web, url, {
    ...{ file: incoming, mostBytes },
    isResumable: true,
    onSize: (size) => {
      if (!run.sizes.has(url)) run.missing--;
      run.sizes.set(url, came + size);
    },
    onBytes: (bytes) => {
      came += bytes;
      onBytes(bytes);
    },
  });
  // Only a conditional request gets no body.
  const { sha256, sizeBytes } = got as NonNullable<typeof got>;
  const name = bundlePath(bundle, sha256);
  await rename(incoming, path.join(folder, name));
  return { path: name, sha256, sizeBytes, url, signature };
}
