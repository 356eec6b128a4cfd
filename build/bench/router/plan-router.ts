import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import { readBuildSettings } from '../../../src/settings/read-settings.ts';
import { planSite } from '../../../src/site/plan/plan-site.ts';
import type { BenchCatalog } from '../benchmark.ts';
import { rankPluginIds } from '../inputs/rank-plugin-ids.ts';

/** A router, and what has to be known to ask it for something. */
export interface PlannedRouter {
  /** Source of the CloudFront Function. */
  readonly source: string;
  /** The paths of all answers, as the router gives them. */
  readonly paths: ReadonlySet<string>;
  /** The ids of the catalog, that with the most releases first. */
  readonly pluginIds: readonly string[];
}

/** With search, and pages of 10, for every real catalog. Nothing of it is written, so the budget is for all of that. */
const FLAGS = {
  'page-sizes': '10,100',
  'every-page-size': 'off',
  'max-bytes': '20000000000',
  'max-files': '200000',
} as const;

/** The router of a site that is planned and not written. */
export async function planRouter({ file }: BenchCatalog): Promise<PlannedRouter> {
  const cwd = path.dirname(file);
  const settings = await readBuildSettings({ catalog: [file], ...FLAGS }, {}, cwd);
  const { releases } = await readCatalog(settings.catalog, { cwd });
  const { router, answers, table } = await planSite({ ...settings, releases });
  return {
    source: router,
    paths: new Set([`${table.root}api/empty.json`, ...answers.answers.map((a) => a.path)]),
    pluginIds: rankPluginIds(releases),
  };
}
