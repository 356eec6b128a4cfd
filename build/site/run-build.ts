import path from 'node:path';
import { placeReleases } from '../../src/catalog/placed-release.ts';
import { withoutIgnored } from '../../src/catalog/problems/ignore-problems.ts';
import { readCatalog } from '../../src/catalog/read-catalog.ts';
import { findUninstallable } from '../../src/curation/installability/find-uninstallable.ts';
import { type Problem, UserError } from '../../src/lib/errors.ts';
import { WEB } from '../../src/lib/http/web.ts';
import { readLogo } from '../../src/pages/assets/logo.ts';
import { BUILD_SETTINGS } from '../../src/settings/build-settings.ts';
import type { AskedBuildSettings } from '../../src/settings/read-settings.ts';
import { type BuildProgress, type BuildResult, writeSite } from '../../src/site/build-site.ts';
import { planSite, type SitePlan } from '../../src/site/plan/plan-site.ts';
import { comesFromUpstream, overlay } from '../../src/upstream/overlay.ts';
import { LOCK_FILE, readUpstream } from '../../src/upstream/read-upstream.ts';
import { progressLine } from '../cli/progress-line.ts';
import { formatBytes } from './summarize.ts';
import { tellWarnings } from './tell-warnings.ts';

/** The lines of a command's help for what `BUILD_FLAGS` take. */
export const BUILD_HELP = `\
  --catalog FILE|GLOB   the catalog; several are read in the order given    (plugins.json)
  --upstream URL        a marketplace to lay the catalog over               (BUILD_UPSTREAM_URL)
  --upstream-reserved LIST  plugin ids that never come from it, * for anything
  --upstream-allow LIST plugin ids that may come from it                    (*)
  --upstream-deny LIST  plugin ids that may not
  --refresh             fetch it anew, and keep it in ${LOCK_FILE}
  --dir DIR             the folder to build; replaced whole when done       (dist)
  --out DIR             the same
  --page-sizes LIST     page sizes to publish beside the whole answer       (10,20,25,50,100)
  --every-page-size on|off  every page size of the lists of newest versions (on)
  --search on|off       text search of newest versions                      (on)
  --max-files N         the budget: files that the answers may take         (20000)
  --max-bytes N         the budget: bytes that they may take                (2147483648)
  --router-bytes N      the largest router to accept                        (10000)
  --compress off|gzip|both  files plain, as .gz, or in both forms           (both; npm start: gzip)
  --site-title TEXT     what the site is called on its pages
  --introduction TEXT   what it says of itself
  --accent-color COLOR  of links and buttons                                (#1c58d9)
  --logo FILE           its own picture, .svg or .png
  --site-url URL        where it will be, for its feed                      (MARKETPLACE_SITE_URL)
  --build-tag TAG       git tag that /api/v1/health tells                   (BUILD_TAG)
  --build-hash HASH     git hash that /api/v1/health tells                  (BUILD_HASH)
  --config FILE         settings as JSON                                    (marketplace.config.json)
  --strict              fail where something is left out that a flag, the environment or the configuration file
                        asks for, or an older copy of the upstream has to do`;

/** What goes into `runBuild`. */
export interface BuildRunOptions {
  readonly settings: AskedBuildSettings;
  /** The folder that the files of the catalog are named relative to. */
  readonly cwd: string;
  /** Whether to fetch the upstream anew, though its catalog is kept. Default: not. */
  readonly isRefresh?: boolean;
  /** Whether it is an error where something that was asked for is left out. */
  readonly isStrict: boolean;
  /** Whether to show no progress, on a terminal either. */
  readonly isQuiet: boolean;
}

/** What a build will write, and what the catalog and the plan give to think about. */
export interface PlanRun {
  readonly plan: SitePlan;
  readonly warnings: readonly Problem[];
}

/** A build as the commands tell of it. */
export interface BuildRun {
  readonly result: BuildResult;
  readonly warnings: readonly Problem[];
  readonly seconds: number;
}

/**
 * Plans what the settings say. Warnings go to stderr.
 *
 * @throws {UserError} where the catalog cannot be used, or the build is strict and something that was asked for is left out
 */
export async function runPlan(options: BuildRunOptions): Promise<PlanRun> {
  const { settings } = options;
  const { releases, warnings: inCatalog } = await readReleases(options);
  const plan = await planSite({ ...settings, releases });
  const warnings = [...inCatalog, ...plan.warnings];
  if (options.isStrict) checkNothingIsMissing(warnings, settings);
  tellWarnings(warnings);
  return { plan, warnings };
}

/**
 * What nobody asked for may be left out, and what only `check` has to say of the catalog is left to it.
 *
 * @throws {UserError}
 */
function checkNothingIsMissing(warnings: readonly Problem[], { given }: AskedBuildSettings): void {
  // Nothing is fetched anew unless that was asked for.
  const asked = new Set<string | undefined>(['refresh']);
  for (const name of given) {
    const setting = BUILD_SETTINGS[name];
    if ('flag' in setting) asked.add(setting.flag);
  }
  const missing = warnings.filter((warning) => warning.missing && asked.has(warning.missing));
  if (missing.length === 0) return;
  throw new UserError('--strict is set, and what was asked for is not there', missing);
}

/** The catalog, laid over that of the upstream where there is one. */
async function readReleases({ settings, cwd, isRefresh = false }: BuildRunOptions) {
  const { releases: local, byFile, warnings: found } = await readCatalog(settings.catalog, { cwd });
  const uninstallable = placeReleases(byFile).flatMap(findUninstallable);
  const inCatalog = withoutIgnored([...found, ...uninstallable], settings.ignoreChecks);
  if (settings.upstream === '') return { releases: local, warnings: inCatalog };
  const rules = {
    reserved: settings.upstreamReserved,
    allow: settings.upstreamAllow,
    deny: settings.upstreamDeny,
  };
  const upstream = await readUpstream({
    url: settings.upstream,
    lockPath: path.resolve(cwd, LOCK_FILE),
    isRefresh,
    isTold: comesFromUpstream(rules),
    web: WEB,
    now: () => new Date(),
  });
  const { releases, warnings } = overlay(local, upstream.releases, rules);
  return { releases, warnings: [...inCatalog, ...upstream.warnings, ...warnings] };
}

/**
 * Builds what the settings say, as `npm run build` and `npm start` do: warnings and progress go to stderr.
 *
 * @throws {UserError} where the catalog or the folder cannot be used
 */
export async function runBuild(options: BuildRunOptions): Promise<BuildRun> {
  const startMs = performance.now();
  const { settings, cwd } = options;
  const logoPicture = await readLogo(settings.logo, cwd);
  const { plan, warnings } = await runPlan(options);
  const progress = progressLine(process.stderr, options.isQuiet);
  const result = await writeSite(plan, {
    ...settings,
    out: settings.dir,
    logoPicture,
    onProgress: (state) => progress.show(describe(state), state.files === state.filesTotal),
  }).finally(progress.clear);
  return { result, warnings, seconds: (performance.now() - startMs) / 1000 };
}

function describe({ files, filesTotal, bytes }: BuildProgress): string {
  const percent = Math.floor((100 * files) / filesTotal);
  return `Writing ${percent} % · ${files} of ${filesTotal} files · ${formatBytes(bytes)}`;
}
