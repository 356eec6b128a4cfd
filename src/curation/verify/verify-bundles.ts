import pLimit from 'p-limit';
import type { OfferedBundle } from '../../catalog/bundles/bundles-of.ts';
import { nameRelease } from '../../catalog/located-release.ts';
import { UserError } from '../../lib/errors.ts';
import { explainFileError } from '../../lib/files/explain-file-error.ts';
import { platformOfName } from '../../mattermost/platforms.ts';
import { type CheckedSignature, checkSignature } from '../../signatures/check-signature.ts';
import type { VerificationKey } from '../../signatures/read-keys.ts';
import { readBundle } from '../bundles/read-bundle.ts';
import { type CheckedBundle, checkBundle } from './check-bundle.ts';

/** The result for one bundle. */
export interface VerifiedBundle {
  /** Such as `jira@4.1.0`. */
  readonly release: string;
  /** Empty for the bundle that serves every platform. */
  readonly platform: string;
  readonly url: string;
  /** The failures, in words. */
  readonly failures: readonly string[];
  /** What servers accept, but people should know. */
  readonly notes: readonly string[];
}

export interface VerifyOptions {
  /** If there are none, signatures are not checked. */
  readonly keys: readonly VerificationKey[];
  readonly now: Date;
  /** Gives the file of a bundle; called once for each URL. */
  readonly fetch: (bundle: OfferedBundle, onBytes: (bytes: number) => void) => Promise<string>;
  /** Called for each good bundle as soon as it is verified. What it returns is a failure after all. */
  readonly onSound?: (bundle: OfferedBundle, sound: SoundBundle) => Promise<string | undefined>;
  /** Called after each bundle, and as bytes come. */
  readonly onProgress: (progress: VerifyProgress) => void;
}

/** A verified bundle. */
export interface SoundBundle {
  readonly file: string;
  /** The key that signed it; absent where signatures are not checked. */
  readonly signer?: VerificationKey | undefined;
}

export interface VerifyProgress {
  readonly bundles: number;
  readonly bundlesTotal: number;
  readonly bytes: number;
}

/** More at a time would not be faster, and take a store's bandwidth from others. */
const BUNDLES_AT_A_TIME = 4;

/** Checks bundles, in their order: signature, manifest, programs. */
export async function verifyBundles(
  offered: readonly OfferedBundle[],
  { keys, now, fetch, onProgress, onSound }: VerifyOptions,
): Promise<VerifiedBundle[]> {
  const limit = pLimit(BUNDLES_AT_A_TIME);
  const files = new Map<string, Promise<string>>();
  let bundles = 0;
  let bytes = 0;
  const report = () => onProgress({ bundles, bundlesTotal: offered.length, bytes });
  const fileOf = (bundle: OfferedBundle) => {
    const file =
      files.get(bundle.url) ??
      fetch(bundle, (more) => {
        bytes += more;
        report();
      });
    files.set(bundle.url, file);
    return file;
  };
  return await Promise.all(
    offered.map((bundle) =>
      limit(async () => {
        let sound: SoundBundle | undefined;
        const checked = await orHeadline(async () => {
          const file = await fileOf(bundle);
          const { signer, ...found } = await checkFile(file, bundle, keys, now);
          sound = { file, signer };
          return found;
        });
        const failure =
          checked.failures.length === 0 && sound ? await onSound?.(bundle, sound) : undefined;
        bundles++;
        report();
        const { release, platform, url } = bundle;
        const failures = failure === undefined ? checked.failures : [failure];
        return { release: nameRelease(release), platform, url, ...checked, failures };
      }),
    ),
  );
}

async function checkFile(
  file: string,
  { release, platform, url, signature }: OfferedBundle,
  keys: readonly VerificationKey[],
  now: Date,
): Promise<CheckedBundle & Pick<SoundBundle, 'signer'>> {
  const signed = keys.length === 0 ? UNCHECKED : await checkSignature(file, signature, keys, now);
  const inside = await orHeadline(async () =>
    checkBundle(await readBundle(file, url), release.manifest, platform || platformOfName(url)),
  );
  return {
    signer: signed.signer,
    failures: [...(signed.failure === null ? [] : [signed.failure]), ...inside.failures],
    notes: [...signed.notes, ...inside.notes, ...(platform === '' ? tellPlatform(url) : [])],
  };
}

function tellPlatform(url: string): string[] {
  const platform = platformOfName(url);
  return platform === ''
    ? []
    : [`is for ${platform} by its name, and servers of every platform are offered it`];
}

const UNCHECKED: CheckedSignature = { failure: null, notes: [] };

/** A problem of one bundle is reported with the others; a bug of ours ends the run. */
async function orHeadline(check: () => Promise<CheckedBundle>): Promise<CheckedBundle> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof UserError) return { failures: [error.message], notes: [] };
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const { message } = explainFileError(error);
    return { failures: [`is downloaded, and its file ${message}`], notes: [] };
  }
}
