import path from 'node:path';
import type { Entry } from '../catalog/schema.ts';
import { UserError } from '../lib/errors.ts';
import { explainReadError, readIfThere, readNeeded } from '../lib/files/explain-file-error.ts';
import { downloadFile } from '../lib/http/download-file.ts';
import type { Web } from '../lib/http/web.ts';
import { BUNDLE_LIMITS } from './bundles/bundle-limits.ts';
import { type PluginBundle, readBundle } from './bundles/read-bundle.ts';
import type { FoundBundle } from './inspect-bundle.ts';
import { makeEntry, type Placement } from './make-entry.ts';
import {
  bundleUrl,
  escapePlus,
  findPlatformBundles,
  MAX_SIGNATURE_BYTES,
  readSignature,
  type StoreRelease,
  storePlatforms,
} from './plugin-store.ts';

export interface DiskRelease {
  /** The bundle, a `.tar.gz`. */
  readonly file: string;
  /** Its detached signature, as the signer wrote it; by default the file of the same name with `.sig`, if it exists. */
  readonly signatureFile?: string | undefined;
  /** Where servers will find the bundle. */
  readonly downloadUrl: string;
  readonly repo: string;
  /** Such as `v1.2.3`. */
  readonly tag: string;
}

/** The file name of a bundle while it is read. */
const BUNDLE_FILE = 'bundle.tar.gz';

/** The release that a bundle should be. */
export interface TaggedVersion {
  readonly tag: string;
  /** The version in the tag; default: what follows a `v`. */
  readonly version?: string;
}

export interface EntryOptions {
  readonly placement: Placement;
  readonly now: Date;
  /** Inspects the bundle before its entry is made; may refuse it with a `UserError`. */
  readonly inspect?: (found: FoundBundle) => Promise<void>;
}

/**
 * Makes the entry of a release that lies in the plugin store, with its signature and the bundles of single platforms.
 *
 * @param folder a folder for the bundle while it is read
 * @throws {UserError} if something is missing there, or does not match its name
 */
export async function entryFromStore(
  web: Web,
  release: StoreRelease,
  folder: string,
  { placement, now, inspect }: EntryOptions,
): Promise<Entry> {
  const downloadUrl = bundleUrl(release);
  const bundle = await fetchBundle(web, downloadUrl, folder, release);
  const signature = await readSignature(web, `${downloadUrl}.sig`);
  if (signature === null) {
    throw new UserError(
      `${downloadUrl}.sig does not exist: sign the bundle, or add it from disk with --bundle`,
    );
  }
  await inspect?.({ file: path.join(folder, BUNDLE_FILE), name: downloadUrl, bundle, signature });
  const platforms = await findPlatformBundles(web, release, storePlatforms(bundle.manifest));
  return makeEntry({
    bundle,
    placement,
    repoName: release.repo,
    downloadUrl,
    signature,
    platforms,
    now,
  });
}

/**
 * Downloads a bundle and reads it.
 *
 * @param folder a folder for the bundle while it is read
 * @throws {UserError} where it is not there, or not the bundle of its tag
 */
export async function fetchBundle(
  web: Web,
  url: string,
  folder: string,
  tagged: TaggedVersion,
): Promise<PluginBundle> {
  const file = path.join(folder, BUNDLE_FILE);
  await downloadFile(web, url, { file, mostBytes: BUNDLE_LIMITS.compressedBytes });
  const bundle = await readBundle(file, url);
  checkTag(bundle, url, tagged);
  return bundle;
}

/**
 * Makes the entry of a release whose bundle lies on disk, and will be served from elsewhere.
 *
 * @throws {UserError} if a file cannot be read, or is not what it should be
 */
export async function entryFromDisk(
  { file, signatureFile, downloadUrl, repo, tag }: DiskRelease,
  { placement, now, inspect }: EntryOptions,
): Promise<Entry> {
  const bundle = await readBundle(file, file).catch((error: unknown) => {
    throw explainReadError(error, file);
  });
  checkTag(bundle, file, { tag });
  const signature = await readSignatureFile(
    signatureFile ?? `${file}.sig`,
    signatureFile !== undefined,
  );
  await inspect?.({ file, name: file, bundle, signature });
  return makeEntry({
    bundle,
    placement,
    repoName: repo,
    downloadUrl: escapePlus(downloadUrl),
    signature,
    platforms: {},
    now,
  });
}

function checkTag({ manifest }: PluginBundle, name: string, { tag, version }: TaggedVersion) {
  const tagged = version ?? tag.replace(/^v/, '');
  // Build metadata after a plus distinguishes builds of one version, such as the one for FIPS: manifests need not have it.
  if (manifest.version === tagged || manifest.version === tagged.split('+')[0]) return;
  throw new UserError(
    `the bundle ${name} holds version ${manifest.version}, and the tag is ${tag}: name the tag of that version, or build it again`,
  );
}

/** Empty where the file is not there and need not be. */
async function readSignatureFile(file: string, isNeeded: boolean): Promise<string> {
  const bytes = isNeeded ? await readNeeded(file) : await readIfThere(file);
  if (bytes === null) return '';
  if (bytes.length === 0 || bytes.length > MAX_SIGNATURE_BYTES) {
    throw new UserError(`${file} is not a detached signature: it has ${bytes.length} bytes`);
  }
  return bytes.toString('base64');
}
