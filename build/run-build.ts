import { readCatalog } from '../src/catalog/read-catalog.ts';
import { formatProblem, type Problem, UserError } from '../src/errors.ts';
import type { Settings } from '../src/settings.ts';
import { type BuildResult, buildSite } from '../src/site/build-site.ts';
import { showProgress } from './show-progress.ts';

/** The lines of a command's help for what `SETTING_FLAGS` take. */
export const SETTING_HELP = `\
  --catalog FILE|GLOB   the catalog; several are read in the order given    (plugins.json)
  --out DIR             the folder to build; replaced whole when done       (dist)
  --page-sizes LIST     page sizes to publish beside the whole answer       (100)
  --router-bytes N      the largest router to accept                        (10000)
  --build-tag TAG       git tag that /api/v1/health tells                   (BUILD_TAG)
  --build-hash HASH     git hash that /api/v1/health tells                  (BUILD_HASH)
  --config FILE         settings as JSON                                    (marketplace.config.json)
  --strict              warnings are errors`;

/** What goes into `runBuild`. */
export interface BuildRunOptions {
  readonly settings: Settings;
  /** The folder that the files of the catalog are named relative to. */
  readonly cwd: string;
  /** Whether a warning is an error. */
  readonly isStrict: boolean;
  /** Whether to show no progress, on a terminal either. */
  readonly isQuiet: boolean;
}

/** A build as the commands tell of it. */
export interface BuildRun {
  readonly result: BuildResult;
  readonly warnings: readonly Problem[];
  readonly seconds: number;
}

/**
 * Builds what the settings say, as `npm run build` and `npm start` do: warnings and progress go to stderr.
 *
 * @throws {UserError} where the catalog or the folder cannot be used
 */
export async function runBuild(options: BuildRunOptions): Promise<BuildRun> {
  const { settings, cwd } = options;
  const startMs = performance.now();
  const { releases, warnings } = await readCatalog(settings.catalog, { cwd });
  if (options.isStrict && warnings.length > 0) {
    throw new UserError('the catalog has warnings, and --strict is set', warnings);
  }
  for (const warning of warnings) process.stderr.write(`warning: ${formatProblem(warning)}\n`);
  const progress = showProgress(process.stderr, options.isQuiet);
  const result = await buildSite({ ...settings, releases, onProgress: progress.show }).finally(
    progress.clear,
  );
  return { result, warnings, seconds: (performance.now() - startMs) / 1000 };
}
