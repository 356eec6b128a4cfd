import { readCatalog } from '../src/catalog/read-catalog.ts';
import { formatProblem, type Problem, UserError } from '../src/errors.ts';
import type { BuildSettings } from '../src/settings/build-settings.ts';
import { type BuildProgress, type BuildResult, writeSite } from '../src/site/build-site.ts';
import { planSite, type SitePlan } from '../src/site/plan-site.ts';
import { progressLine } from './progress-line.ts';
import { formatBytes } from './summarize.ts';

/** The lines of a command's help for what `BUILD_FLAGS` take. */
export const BUILD_HELP = `\
  --catalog FILE|GLOB   the catalog; several are read in the order given    (plugins.json)
  --out DIR             the folder to build; replaced whole when done       (dist)
  --page-sizes LIST     page sizes to publish beside the whole answer       (10,20,25,50,100)
  --every-page-size on|off  every page size of the lists of newest versions (on)
  --search on|off       text search of newest versions                      (on)
  --max-files N         the budget: files that the answers may take         (20000)
  --max-bytes N         the budget: bytes that they may take                (2147483648)
  --router-bytes N      the largest router to accept                        (10000)
  --compress off|gzip|both  files plain, as .gz, or in both forms           (both; npm start: gzip)
  --build-tag TAG       git tag that /api/v1/health tells                   (BUILD_TAG)
  --build-hash HASH     git hash that /api/v1/health tells                  (BUILD_HASH)
  --config FILE         settings as JSON                                    (marketplace.config.json)
  --strict              warnings are errors`;

/** What goes into `runBuild`. */
export interface BuildRunOptions {
  readonly settings: BuildSettings;
  /** The folder that the files of the catalog are named relative to. */
  readonly cwd: string;
  /** Whether a warning is an error. */
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
 * @throws {UserError} where the catalog cannot be used, or there are warnings and they are errors
 */
export async function runPlan(options: BuildRunOptions): Promise<PlanRun> {
  const { settings, cwd } = options;
  const { releases, warnings: inCatalog } = await readCatalog(settings.catalog, { cwd });
  const plan = await planSite({ ...settings, releases });
  const warnings = [...inCatalog, ...plan.warnings];
  if (options.isStrict && warnings.length > 0) {
    throw new UserError('there are warnings, and --strict is set', warnings);
  }
  for (const warning of warnings) process.stderr.write(`warning: ${formatProblem(warning)}\n`);
  return { plan, warnings };
}

/**
 * Builds what the settings say, as `npm run build` and `npm start` do: warnings and progress go to stderr.
 *
 * @throws {UserError} where the catalog or the folder cannot be used
 */
export async function runBuild(options: BuildRunOptions): Promise<BuildRun> {
  const startMs = performance.now();
  const { plan, warnings } = await runPlan(options);
  const progress = progressLine(process.stderr, options.isQuiet);
  const result = await writeSite(plan, {
    ...options.settings,
    onProgress: (state) => progress.show(describe(state), state.files === state.filesTotal),
  }).finally(progress.clear);
  return { result, warnings, seconds: (performance.now() - startMs) / 1000 };
}

function describe({ files, filesTotal, bytes }: BuildProgress): string {
  const percent = Math.floor((100 * files) / filesTotal);
  return `Writing ${percent} % · ${files} of ${filesTotal} files · ${formatBytes(bytes)}`;
}
