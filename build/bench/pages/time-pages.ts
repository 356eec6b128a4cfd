import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { sitePages } from '../../../src/pages/html/site-pages.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { writeSite } from '../../../src/site/build-site.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import { ALWAYS_FLAGS } from '../always-flags.ts';

/** What the pages of a catalog come to in a build of what is always published. */
export interface PagesTimes {
  readonly plugins: number;
  readonly files: number;
  /** Bytes of them, plain. */
  readonly bytes: number;
  /** Making them. */
  readonly pagesMs: number;
  /** Everything else: reading, planning and writing. */
  readonly othersMs: number;
}

// Usage: time-pages.ts CATALOG OUT. Builds with a router as large as it has to be, and prints `PagesTimes`; its own process, so that each run begins with
// cold code.
const [file = '', out = ''] = process.argv.slice(2);
const flags = { catalog: [file], out, ...ALWAYS_FLAGS, 'router-bytes': '100000000' };
const settings = await readBuildSettings(flags, {}, process.cwd());
const started = performance.now();
const { releases } = await readCatalog(settings.catalog, { cwd: process.cwd() });
const plan = await planSite({ ...settings, releases });
const planned = performance.now();
await sitePages(plan.space, plan.icons, settings);
const pagesMs = performance.now() - planned;
// The pages of a list of thousands are called by so many plugins that file systems do not take their names.
const answers = plan.answers.answers.filter(({ path }) => !/\/[^/]{201,}\//.test(path));
const result = await writeSite(
  { ...plan, answers: { answers } },
  { ...settings, out: settings.dir },
);
const times: PagesTimes = {
  plugins: result.snapshot.catalog.plugins,
  files: result.pageFiles,
  bytes: result.pageBytes,
  pagesMs,
  // Written are they once more.
  othersMs: performance.now() - started - 2 * pagesMs,
};
process.stdout.write(JSON.stringify(times));
