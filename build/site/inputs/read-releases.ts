import path from 'node:path';
import { readVerified } from '../../../src/catalog/bundles/verified-file.ts';
import type { LocatedRelease } from '../../../src/catalog/located-release.ts';
import { applyNotices, noticesInEffect } from '../../../src/catalog/notices/apply-notices.ts';
import { withoutIgnored } from '../../../src/catalog/problems/ignore-problems.ts';
import { type ReadCatalogResult, readCatalog } from '../../../src/catalog/read-catalog.ts';
import type { Release } from '../../../src/catalog/release.ts';
import { findUninstallable } from '../../../src/curation/installability/find-uninstallable.ts';
import { findNoticeProblems } from '../../../src/curation/notices/find-notice-problems.ts';
import { findUnverified } from '../../../src/curation/verify/evidence.ts';
import { type Problem, UserError } from '../../../src/lib/errors.ts';
import type { BuildSettings } from '../../../src/settings/build-settings.ts';
import { readKeys } from '../../../src/signatures/read-keys.ts';
import { findWaiting, type WaitingRelease } from '../../../src/upstream/first-seen.ts';
import { comesFromUpstream, overlay } from '../../../src/upstream/overlay.ts';
import { LOCK_FILE, readUpstream } from '../../../src/upstream/read-upstream.ts';
import type { CommandContext } from '../../cli/command.ts';

export interface ReadReleasesOptions {
  readonly settings: BuildSettings;
  /** Whether to fetch the upstream anew, though its catalog is kept. Default: not. */
  readonly isRefresh?: boolean;
}

type InputContext = Pick<CommandContext, 'cwd' | 'web' | 'now'>;

/**
 * The catalog, laid over that of the upstream if there is one, with what its notices say.
 *
 * @throws {UserError} if it cannot be used, or bundles are not verified that have to be
 */
export async function readReleases(options: ReadReleasesOptions, context: InputContext) {
  const { settings } = options;
  const catalog = await readCatalog(settings.catalog, context);
  const { located, notices, noticeFiles } = catalog;
  if (settings.requireVerified) await requireVerified(located, settings.verified, context.cwd);
  const laid = settings.upstream === '' ? NOT_LAID : await layOver(catalog, options, context);
  const everything = [...catalog.byFile.flatMap((file) => file.releases), ...laid.upstream];
  const noticed = findNoticeProblems(noticeFiles, everything).map(toWarning);
  const inCatalog = withoutIgnored(
    [...catalog.warnings, ...noticed, ...located.flatMap(findUninstallable)],
    settings.ignoreChecks,
  );
  return {
    releases: laid.releases ?? catalog.releases,
    files: catalog.files,
    located,
    notices: noticesInEffect(notices, everything),
    waiting: laid.waiting,
    warnings: [...inCatalog, ...laid.warnings],
  };
}

/** @throws {UserError} with every bundle of the catalog that nobody has verified as it is there */
async function requireVerified(located: readonly LocatedRelease[], name: string, cwd: string) {
  const records = await readVerified(path.resolve(cwd, name), name);
  const problems = findUnverified(located, records);
  if (problems.length === 0) return;
  throw new UserError(`--require-verified is set, and ${name} lacks bundles`, problems);
}

/** A build is not for reviewing a catalog. */
const toWarning = (problem: Problem): Problem => ({ ...problem, level: 'warning' });

/** A catalog laid over an upstream. */
interface LaidOver {
  readonly releases?: readonly Release[];
  /** The releases of plugins that may come from the upstream. */
  readonly upstream: readonly Release[];
  readonly waiting: readonly WaitingRelease[];
  readonly warnings: readonly Problem[];
}

const NOT_LAID: LaidOver = { upstream: [], waiting: [], warnings: [] };

async function layOver(
  { releases: local, notices }: ReadCatalogResult,
  { settings, isRefresh = false }: ReadReleasesOptions,
  { cwd, web, now }: InputContext,
): Promise<LaidOver> {
  const rules = {
    reserved: settings.upstreamReserved,
    allow: settings.upstreamAllow,
    deny: settings.upstreamDeny,
  };
  const mayCome = comesFromUpstream(rules);
  const upstream = await readUpstream({
    url: settings.upstream,
    lockPath: path.resolve(cwd, LOCK_FILE),
    isRefresh,
    isReported: mayCome,
    keys: await readKeys(settings.upstreamKeys, cwd),
    minAgeDays: settings.upstreamMinAgeDays,
    web,
    now,
  });
  const young = findWaiting(upstream, settings.upstreamMinAgeDays);
  const held = new Set(young.map(({ release }) => release));
  const apply = applyNotices(notices);
  const isSuspended = (release: Release) => apply(release) === undefined;
  const isHeldBack = (release: Release) => held.has(release) || isSuspended(release);
  const { releases, warnings } = overlay(local, upstream.releases, { ...rules, isHeldBack });
  return {
    releases: releases.flatMap((release) => apply(release) ?? []),
    upstream: upstream.releases.filter(({ manifest }) => mayCome(manifest.id)),
    waiting: young.filter(({ release }) => mayCome(release.manifest.id) && !isSuspended(release)),
    warnings: [...upstream.warnings, ...warnings],
  };
}
