import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import type { Snapshot } from '../../../src/snapshot/parse-snapshot.ts';
import { ALWAYS_ARGUMENTS } from '../always-flags.ts';
import type { BenchCatalog } from '../benchmark.ts';
import { runProgram } from '../measure/run-process.ts';
import { rankPluginIds } from './rank-plugin-ids.ts';

/** A catalog's build of what is always published, and what has to be known to ask it for something. */
export interface BuiltSite {
  /** The folder of the build. */
  readonly dir: string;
  readonly snapshot: Snapshot;
  /** Source of the CloudFront Function. */
  readonly router: string;
  /** The ids of the catalog, that with the most releases first. */
  readonly pluginIds: readonly string[];
}

/** Gives a catalog's build. */
export type Sites = (catalog: BenchCatalog) => Promise<BuiltSite>;

/** Builds each catalog once, when it is first asked for. */
export function makeSites(workDir: string, signal: AbortSignal): Sites {
  const sites = new Map<string, Promise<BuiltSite>>();
  return (catalog) => {
    const dir = path.join(workDir, `site-${sites.size}`);
    const site = sites.get(catalog.file) ?? makeSite(catalog, dir, signal);
    sites.set(catalog.file, site);
    return site;
  };
}

async function makeSite({ file }: BenchCatalog, dir: string, signal: AbortSignal) {
  const args = ['--catalog', file, '--out', dir, '--json', ...ALWAYS_ARGUMENTS];
  await runProgram('build/site/build.ts', args, signal);
  const { releases } = await readCatalog([file], { cwd: path.dirname(file) });
  return {
    dir,
    snapshot: JSON.parse(await readFile(path.join(dir, 'snapshot.json'), 'utf8')) as Snapshot,
    router: await readFile(path.join(dir, 'edge/cloudfront-function.js'), 'utf8'),
    pluginIds: rankPluginIds(releases),
  };
}
