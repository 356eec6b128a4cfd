import path from 'node:path';
import { groupBy, type LocatedRelease } from '../../src/catalog/located-release.ts';
import {
  applyNotices,
  type NoticeInEffect,
  noticesInEffect,
} from '../../src/catalog/notices/apply-notices.ts';
import { withoutIgnored } from '../../src/catalog/problems/ignore-problems.ts';
import { type ReadCatalogResult, readCatalog } from '../../src/catalog/read-catalog.ts';
import type { Release } from '../../src/catalog/release.ts';
import { readVerified } from '../../src/catalog/verified/verified-file.ts';
import { findUninstallable } from '../../src/curation/installability/find-uninstallable.ts';
import { findClientLimits } from '../../src/curation/limits/find-client-limits.ts';
import { findNoticeProblems } from '../../src/curation/notices/find-notice-problems.ts';
import { readKeys } from '../../src/curation/signatures/read-keys.ts';
import { findUnverified } from '../../src/curation/verify/evidence.ts';
import { parseUsers } from '../../src/hosts/users.ts';
import { count, formatProblem, type Problem, UserError } from '../../src/lib/errors.ts';
import { readText } from '../../src/lib/json/read-text.ts';
import { splitUserInfo } from '../../src/lib/json/user-info.ts';
import { CATALOG_FILE, readPack } from '../../src/pack/format/pack.ts';
import { readLogo } from '../../src/pages/assets/logo.ts';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import type { AskedBuildSettings } from '../../src/settings/read-settings.ts';
import type { SettingTable } from '../../src/settings/setting.ts';
import { planSite, type SitePlan } from '../../src/site/plan/plan-site.ts';
import { type BuildProgress, type BuildResult, writeSite } from '../../src/site/write-site.ts';
import { findWaiting, type WaitingRelease } from '../../src/upstream/first-seen.ts';
import { comesFromUpstream, overlay } from '../../src/upstream/overlay.ts';
import { LOCK_FILE, readUpstream } from '../../src/upstream/read-upstream.ts';
import { type CommandContext, locate } from '../cli/command.ts';
import { formatBytes } from './summarize.ts';

/** The flags of every command that builds. */
export const BUILD_FLAGS = {
  everything: { help: 'publish every answer, whatever it costs' },
  refresh: { help: `fetch the upstream anew, and keep it in ${LOCK_FILE}` },
  strict: {
    help: 'fail where something is left out that a flag, the environment or the configuration file asks for, or where only an older copy of the upstream is there',
  },
} as const;

/** The options of `runBuild`. */
export interface BuildRunOptions {
  readonly settings: AskedBuildSettings;
  /** Whether to fetch the upstream anew, though its catalog is kept. Default: not. */
  readonly isRefresh?: boolean;
  /** Whether to publish every answer, whatever the settings say. Default: not. */
  readonly isEverything?: boolean;
  /** Whether it is an error to leave out something that was asked for. */
  readonly isStrict: boolean;
}

/** Settings that leave nothing out. */
const EVERYTHING = {
  search: true,
  everyPageSize: true,
  allLists: true,
  maxFiles: Infinity,
  maxBytes: Infinity,
};

/** The input of a build from its process. */
export type BuildContext = Pick<CommandContext, 'cwd' | 'web' | 'now' | 'report' | 'status'>;

/** The plan of a build, and the warnings about the catalog and the plan. */
export interface PlanRun extends Pick<BuildRun, 'waiting'> {
  readonly plan: SitePlan;
  readonly notices: readonly NoticeInEffect[];
  readonly warnings: readonly Problem[];
  /** The files of the catalog. */
  readonly files: readonly string[];
}

/** The report of a build. */
export interface BuildRun {
  readonly result: BuildResult;
  /** What may come from the upstream once it is old enough. */
  readonly waiting: readonly WaitingRelease[];
  readonly warnings: readonly Problem[];
  readonly seconds: number;
}

/**
 * Plans a build. Warnings go to stderr.
 *
 * @throws {UserError} if the catalog cannot be used, or the build is strict and something that was asked for is left out
 */
export async function runPlan(options: BuildRunOptions, context: BuildContext): Promise<PlanRun> {
  const { settings } = options;
  const read = await readReleases(options, context);
  const { releases, files, located, notices, waiting } = read;
  const plan = await planSite({
    ...settings,
    userHashes: await readUsers(settings.users, context),
    ...(options.isEverything && EVERYTHING),
    releases,
    onPlanning: (part, files) => context.status.show(`Planning ${part} · ${count(files, 'file')}`),
  });
  context.status.clear();
  const limits = withoutIgnored(findClientLimits(releases, located), settings.ignoreChecks);
  const warnings = [...read.warnings, ...limits, ...plan.warnings];
  if (options.isStrict) checkNothingIsMissing(warnings, settings);
  for (const line of describeWarnings(warnings)) context.report(line);
  return { plan, notices, waiting, warnings, files };
}

/**
 * Fails if something is left out that was asked for. What only `check` reports about the catalog does not count.
 *
 * @throws {UserError}
 */
function checkNothingIsMissing(warnings: readonly Problem[], { given }: AskedBuildSettings): void {
  // Fetch anew only if asked to.
  const asked = new Set<string | undefined>(['refresh']);
  for (const name of given) {
    const setting = (BUILD_SETTINGS as SettingTable)[name];
    if (setting && 'parse' in setting) asked.add(setting.flag);
  }
  const missing = warnings.filter((warning) => warning.missing && asked.has(warning.missing));
  if (missing.length === 0) return;
  throw new UserError('--strict is set, and what was asked for is missing', missing);
}

/** @throws {UserError} with every bundle of the catalog that nobody has verified as it is there */
async function requireVerified(located: readonly LocatedRelease[], name: string, cwd: string) {
  const records = await readVerified(path.resolve(cwd, name), name);
  const problems = findUnverified(located, records);
  if (problems.length === 0) return;
  throw new UserError(`--require-verified is set, and ${name} lacks bundles`, problems);
}

/** The catalog, laid over that of the upstream if there is one, with what its notices say. */
async function readReleases(options: BuildRunOptions, context: BuildContext) {
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
  { settings, isRefresh = false }: BuildRunOptions,
  { cwd, web, now }: BuildContext,
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

/** Who may ask, by a file; undefined where that is everybody. */
async function readUsers(name: string, context: BuildContext): Promise<string | undefined> {
  if (name === '') return undefined;
  const read = await readText(locate(name, context), name);
  if ('text' in read) return parseUsers(read.text, name);
  throw new UserError('the file of users cannot be used', [read.problem]);
}

/**
 * Builds, for `npm run build` and `npm start`. Warnings and progress go to stderr.
 *
 * @throws {UserError} where the catalog or the folder cannot be used
 */
export async function runBuild(options: BuildRunOptions, context: BuildContext): Promise<BuildRun> {
  const startMs = performance.now();
  const { settings } = options;
  const { cwd, status } = context;
  // Pages show it.
  const siteUrl = splitUserInfo(settings.siteUrl).url;
  const logoPicture = await readLogo(settings.logo, cwd);
  const evidence = await readVerified(path.resolve(cwd, settings.verified), settings.verified);
  const { plan, notices, waiting, warnings, files } = await runPlan(options, context);
  const digests = await readDigests(files.map((file) => path.resolve(cwd, file)));
  const result = await writeSite(plan, {
    ...settings,
    siteUrl,
    out: locate(settings.dir, context),
    logoPicture,
    notices,
    evidence,
    digests,
    onProgress: (state) => status.show(describe(state), state.files === state.filesTotal),
  }).finally(status.clear);
  return { result, waiting, warnings, seconds: (performance.now() - startMs) / 1000 };
}

/** The digests of the bundles of packs whose catalogs are among some files, by their addresses. */
async function readDigests(files: readonly string[]): Promise<Map<string, string>> {
  const catalogs = files.filter((file) => path.basename(file) === CATALOG_FILE);
  const packs = await Promise.all(catalogs.map((file) => readPack(path.dirname(file))));
  return new Map(
    packs.flatMap((pack) =>
      (pack?.files ?? []).map(({ path, sha256 }) => [`${pack?.baseUrl}/${path}`, sha256] as const),
    ),
  );
}

function describe({ files, filesTotal, bytes }: BuildProgress): string {
  const percent = Math.floor((100 * files) / filesTotal);
  return `Writing ${percent} % · ${files} of ${filesTotal} files · ${formatBytes(bytes)}`;
}

/** Up to so many warnings of one kind are shown one by one. */
const MOST_OF_A_KIND = 3;

/** A line for each warning, or one for all of a kind if there are many: a build is not for reviewing a catalog. */
function describeWarnings(warnings: readonly Problem[]): string[] {
  const unnamed = warnings.filter(({ check }) => check === undefined);
  const named = warnings.filter(({ check }) => check !== undefined);
  const groups = [...groupBy(named, ({ check }) => check ?? '').values()];
  const lines = [...unnamed.map((warning) => [warning]), ...groups].flatMap((group) =>
    group.length > MOST_OF_A_KIND ? [describeGroup(group)] : group.map(formatProblem),
  );
  return lines.map((line) => `warning: ${line}`);
}

function describeGroup(group: readonly Problem[]): string {
  const [{ check, release, message, found }] = group as [Problem];
  const example = [release, found, message].filter((part) => part !== undefined).join(' ');
  return `${group.length} times ${check}, such as ${example} — npm run catalog -- check lists them`;
}
