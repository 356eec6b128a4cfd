import { parseArgs } from 'node:util';
import { readCatalog } from '../src/catalog/read-catalog.ts';
import { formatProblem, UserError } from '../src/errors.ts';
import { readSettings, SETTING_FLAGS } from '../src/settings.ts';
import { buildSite } from '../src/site/build-site.ts';
import { runCommand } from './cli.ts';
import { showProgress } from './show-progress.ts';
import { summarize } from './summarize.ts';

const HELP = `
Builds the marketplace: every answer of its API as a file, and the router that finds it.

  npm run build -- [--catalog FILE|GLOB]... [--out DIR] [options]

  --catalog FILE|GLOB   the catalog; several are read in the order given    (plugins.json)
  --out DIR             the folder to build; replaced whole when done       (dist)
  --page-sizes LIST     page sizes to publish beside the whole answer       (100)
  --router-bytes N      the largest router to accept                        (10000)
  --build-tag TAG       git tag that /api/v1/health tells                   (BUILD_TAG)
  --build-hash HASH     git hash that /api/v1/health tells                  (BUILD_HASH)
  --config FILE         settings as JSON                                    (marketplace.config.json)
  --strict              warnings are errors
  --json                the result as JSON

Example: npm run build -- --catalog 'catalog/*.json' --page-sizes 10,25,100
`;

await runCommand(HELP, async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      ...SETTING_FLAGS,
      strict: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const started = performance.now();
  const settings = await readSettings(values, process.env, process.cwd());
  const catalog = await readCatalog(settings.catalog, { cwd: process.cwd() });
  if (values.strict && catalog.warnings.length > 0) {
    throw new UserError('the catalog has warnings, and --strict is set', catalog.warnings);
  }
  for (const warning of catalog.warnings) {
    process.stderr.write(`warning: ${formatProblem(warning)}\n`);
  }
  const progress = showProgress(process.stderr, values.json);
  const result = await buildSite({
    ...settings,
    releases: catalog.releases,
    onProgress: progress.show,
  }).finally(progress.clear);
  const seconds = (performance.now() - started) / 1000;
  const { snapshot, ...figures } = result;
  const { files: _files, ...described } = snapshot;
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ...described, ...figures, warnings: catalog.warnings }, null, 2)}\n`
      : summarize(result, catalog.warnings.length, settings.out, seconds),
  );
});
