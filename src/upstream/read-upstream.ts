import { stat } from 'node:fs/promises';
import path from 'node:path';
import { nameRelease } from '../catalog/located-release.ts';
import type { Release } from '../catalog/release.ts';
import { type Problem, UserError } from '../lib/errors.ts';
import { readIfThere } from '../lib/files/explain-file-error.ts';
import { replaceFile } from '../lib/files/replace-file.ts';
import type { Web } from '../lib/http/web.ts';
import { readText } from '../lib/json/read-text.ts';
import { hideUserInfo, splitUserInfo } from '../lib/json/user-info.ts';
import type { VerificationKey } from '../signatures/read-keys.ts';
import {
  findWaiting,
  recordFirstSeen,
  type SeenCatalog,
  type WaitingRelease,
} from './first-seen.ts';
import { lockError, parseLock, type ReadLock, renderLock } from './lock.ts';
import { type ReadCatalog, readMarketplace } from './marketplace/read-marketplace.ts';
import type { MarketplacePin } from './marketplace/read-signed.ts';
import type { TakenEntries } from './take-entries.ts';

/** The file that keeps the upstream's catalog, beside the local one. */
export const LOCK_FILE = 'marketplace.upstream.json';

export interface ReadUpstreamOptions {
  /** The URL of the marketplace; it may have a user and a password, which are not kept. */
  readonly url: string;
  /** Absolute. */
  readonly lockPath: string;
  /** Whether to fetch anew what is kept already. */
  readonly isRefresh: boolean;
  /** Whether a plugin may come from there, by its id: there are no warnings about others. */
  readonly isReported: (id: string) => boolean;
  /** The keys of its publisher, where what is fetched must be signed with one. */
  readonly keys?: readonly VerificationKey[];
  /** How old releases have to be; the file names those that are not. */
  readonly minAgeDays: number;
  readonly web: Web;
  readonly now: () => Date;
}

/** The catalog of an upstream, with warnings about its entries and about how it was read. */
export type UpstreamCatalog = TakenEntries & SeenCatalog;

/**
 * The catalog of an upstream marketplace: the kept one, or, if there is none or a refresh is asked for, the current one,
 * which is then kept. If a refresh fails, the kept one is used, with a warning.
 *
 * @throws {UserError} if there is no catalog, or the kept one is broken or of another marketplace
 */
export async function readUpstream(options: ReadUpstreamOptions): Promise<UpstreamCatalog> {
  const kept = await readKept(options);
  if (kept !== undefined && !options.isRefresh) return kept;
  const now = options.now();
  let fetched: ReadCatalog;
  try {
    fetched = await readMarketplace({ ...options, kept, pin: pinOf(options, now) });
  } catch (error) {
    if (kept === undefined || !(error instanceof UserError)) throw error;
    const stale = error.problems.map((problem) => warnKept(problem, kept, now));
    return { ...kept, warnings: [...stale, ...kept.warnings] };
  }
  const { etag, signed, releases, warnings } = fetched;
  const firstSeen = recordFirstSeen(releases, now, kept);
  const lock = {
    url: splitUserInfo(options.url).url,
    fetchedAt: now.toISOString(),
    etag,
    signed,
    releases,
    firstSeen,
  };
  const waiting = nameWaiting(findWaiting(lock, options.minAgeDays), options);
  await replaceFile(options.lockPath, renderLock({ ...lock, waiting }), { name: LOCK_FILE });
  return { ...lock, warnings: [...warnLoss(kept?.releases ?? [], releases), ...warnings] };
}

/**
 * The releases kept of an upstream, whichever it is; none if nothing is kept.
 *
 * @throws {UserError} if what is kept is broken
 */
export async function keptReleases(cwd: string): Promise<readonly Release[]> {
  const bytes = await readIfThere(path.resolve(cwd, LOCK_FILE), LOCK_FILE);
  return bytes === null ? [] : parseLock(bytes.toString(), LOCK_FILE).releases;
}

function pinOf({ keys = [] }: ReadUpstreamOptions, now: Date): MarketplacePin | undefined {
  return keys.length === 0 ? undefined : { keys, now, flag: '--upstream-key' };
}

/** Undefined if nothing is kept, or if a refresh makes it irrelevant. */
async function readKept(options: ReadUpstreamOptions): Promise<ReadLock | undefined> {
  const { isRefresh, keys = [] } = options;
  const { url } = splitUserInfo(options.url);
  try {
    const lock = await readLock(options);
    if (lock === undefined) return undefined;
    if (lock.url !== url) {
      const message = `is of ${hideUserInfo(lock.url)}, not of ${url}`;
      throw lockError({ file: LOCK_FILE, message });
    }
    const isPinned = keys.some(({ key }) => key.fingerprint === lock.signed?.key);
    if (keys.length === 0 || isPinned) return lock;
    throw lockError({ file: LOCK_FILE, message: 'was fetched without a signature by such a key' });
  } catch (error) {
    if (isRefresh && error instanceof UserError) return undefined;
    throw error;
  }
}

async function readLock({
  lockPath,
  isReported,
}: ReadUpstreamOptions): Promise<ReadLock | undefined> {
  const found = await stat(lockPath).catch(() => undefined);
  if (found === undefined) return undefined;
  const read = await readText(lockPath, LOCK_FILE);
  if ('text' in read) return parseLock(read.text, LOCK_FILE, isReported);
  throw new UserError('the catalog kept of the upstream cannot be used', [read.problem]);
}

function warnKept(problem: Problem, { fetchedAt }: ReadLock, now: Date): Problem {
  // A clock may have been put back.
  const hours = Math.max(0, Math.floor((now.getTime() - Date.parse(fetchedAt)) / 3_600_000));
  const age = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  return {
    ...problem,
    level: 'warning',
    missing: 'refresh',
    message: `${problem.message}; the catalog kept in ${LOCK_FILE} is used, which is ${age} old`,
  };
}

/** Undefined if nothing waits that may come. */
function nameWaiting(waiting: readonly WaitingRelease[], { isReported }: ReadUpstreamOptions) {
  const named = waiting
    .filter(({ release }) => isReported(release.manifest.id))
    .map(({ release, until }) => [nameRelease(release), until] as const);
  return named.length === 0 ? undefined : Object.fromEntries(named);
}

/** A marketplace that has lost most of what it had may be half broken. */
function warnLoss(before: readonly Release[], after: readonly Release[]): Problem[] {
  const [plugins, left] = [before, after].map(
    (releases) => new Set(releases.map(({ manifest }) => manifest.id)),
  ) as [Set<string>, Set<string>];
  const kept = [...plugins].filter((id) => left.has(id)).length;
  if (kept >= plugins.size / 2 && after.length >= before.length / 2) return [];
  return [
    {
      level: 'warning',
      file: LOCK_FILE,
      message: `had ${before.length} releases of ${plugins.size} plugins, and the upstream has ${after.length} releases and ${kept} of these plugins now`,
      remedy:
        'see that this is meant; otherwise take the file back as it was, and build without --refresh',
    },
  ];
}
