import { stat } from 'node:fs/promises';
import { readText } from '../catalog/read-text.ts';
import type { Release } from '../catalog/release.ts';
import { type Problem, UserError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Web } from '../web/web.ts';
import { type Lock, lockError, parseLock, renderLock } from './lock.ts';
import { readMarketplace } from './read-marketplace.ts';

/** Where the catalog of the upstream is kept, beside the local one. */
export const LOCK_FILE = 'marketplace.upstream.json';

export interface ReadUpstreamOptions {
  /** Of the marketplace. */
  readonly url: string;
  /** Absolute. */
  readonly lockPath: string;
  /** Whether to fetch anew what is kept already. */
  readonly isRefresh: boolean;
  readonly web: Web;
  readonly now: () => Date;
}

export interface ReadUpstreamResult {
  readonly releases: readonly Release[];
  readonly warnings: readonly Problem[];
}

/**
 * The catalog of an upstream marketplace: the one that is kept, or where there is none, or it is to be fetched anew, the one
 * that the marketplace has now, which is then kept. Where it cannot be fetched anew, the one that is kept goes on, with a
 * warning.
 *
 * @throws {UserError} where there is no catalog, or the one that is kept is broken or of another marketplace
 */
export async function readUpstream(options: ReadUpstreamOptions): Promise<ReadUpstreamResult> {
  const kept = await readKept(options);
  if (kept !== undefined && !options.isRefresh) return { releases: kept.releases, warnings: [] };
  let releases: Release[];
  try {
    releases = await readMarketplace(options);
  } catch (error) {
    if (kept === undefined || !(error instanceof UserError)) throw error;
    const warnings = error.problems.map((problem) => warnKept(problem, kept, options.now()));
    return { releases: kept.releases, warnings };
  }
  const lock = { url: options.url, fetchedAt: options.now().toISOString(), releases };
  await replaceFile(options.lockPath, renderLock(lock), { name: LOCK_FILE });
  return { releases, warnings: [] };
}

/** Undefined where nothing is kept, or what is kept does not matter since it is to be fetched anew. */
async function readKept({
  url,
  lockPath,
  isRefresh,
}: ReadUpstreamOptions): Promise<Lock | undefined> {
  try {
    const lock = await readLock(lockPath);
    if (lock === undefined || lock.url === url) return lock;
    throw lockError({ file: LOCK_FILE, message: `is of ${lock.url}, not of ${url}` });
  } catch (error) {
    if (isRefresh && error instanceof UserError) return undefined;
    throw error;
  }
}

async function readLock(lockPath: string): Promise<Lock | undefined> {
  const found = await stat(lockPath).catch(() => undefined);
  if (found === undefined) return undefined;
  const read = await readText(lockPath, LOCK_FILE);
  if ('text' in read) return parseLock(read.text, LOCK_FILE);
  throw new UserError('the catalog kept of the upstream cannot be used', [read.problem]);
}

function warnKept(problem: Problem, { fetchedAt }: Lock, now: Date): Problem {
  const hours = Math.floor((now.getTime() - Date.parse(fetchedAt)) / 3_600_000);
  const age = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  return {
    ...problem,
    level: 'warning',
    missing: 'refresh',
    message: `${problem.message}; the catalog kept in ${LOCK_FILE} is used, which is ${age} old`,
  };
}
