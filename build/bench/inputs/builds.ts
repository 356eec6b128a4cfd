import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readCatalog } from '../../../src/catalog/read-catalog.ts';
import type { Release } from '../../../src/catalog/release.ts';
import type { Snapshot } from '../../../src/snapshot/parse-snapshot.ts';
import { runProgram } from '../measure/processes.ts';

/** A catalog to measure with. */
export interface BenchCatalog {
  /** Such as `production-2024-10`. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
}

/** A build of what is always published, and what it takes to ask it for something. */
export interface Build {
  readonly dir: string;
  readonly snapshot: Snapshot;
  /** Those with the most releases first. */
  readonly pluginIds: readonly string[];
}

/** The shipped catalog, and real ones beside some checkouts, which are too large to ship. */
const DEFAULTS = [
  'plugins.json',
  ...['master-2021', 'production-2023-09', 'production-2024-10'].map(
    (name) => `../shared/catalogs/${name}.json`,
  ),
];

/** The flags for what is published whatever the budget: figures of that can be compared over time. */
export const ALWAYS_FLAGS = {
  search: 'off',
  'every-page-size': 'off',
  'page-sizes': '100',
} as const;

/** The same, for a command line. */
export const ALWAYS_ARGUMENTS: readonly string[] = Object.entries(ALWAYS_FLAGS).flatMap(
  ([flag, value]) => [`--${flag}`, value],
);

/** The catalogs named, or the default ones that exist; `report` gets the others. */
export function findCatalogs(
  named: readonly string[] = [],
  report: (line: string) => void,
): BenchCatalog[] {
  const missing = named.length > 0 ? [] : DEFAULTS.filter((file) => !existsSync(file));
  for (const file of missing) report(`without ${file}: it does not exist`);
  const files = named.length > 0 ? named : DEFAULTS.filter((file) => !missing.includes(file));
  return files.map((file) => ({
    name: path.basename(file, path.extname(file)),
    file: path.resolve(file),
  }));
}

/** Builds each catalog once, when it is first asked for. */
export function makeBuilds(workDir: string, signal: AbortSignal) {
  const builds = new Map<string, Promise<Build>>();
  return (catalog: BenchCatalog): Promise<Build> => {
    const dir = path.join(workDir, `build-${builds.size}`);
    const build = builds.get(catalog.file) ?? makeBuild(catalog, dir, signal);
    builds.set(catalog.file, build);
    return build;
  };
}

async function makeBuild({ file }: BenchCatalog, dir: string, signal: AbortSignal): Promise<Build> {
  const args = ['--catalog', file, '--out', dir, '--json', ...ALWAYS_ARGUMENTS];
  await runProgram('build/site/build.ts', args, signal);
  const { releases } = await readCatalog([file], { cwd: path.dirname(file) });
  const snapshot = JSON.parse(await readFile(path.join(dir, 'snapshot.json'), 'utf8')) as Snapshot;
  return { dir, snapshot, pluginIds: rankPluginIds(releases) };
}

/** The ids of a catalog, those with the most releases first. */
export function rankPluginIds(releases: readonly Release[]): string[] {
  const counts = new Map<string, number>();
  for (const { manifest } of releases) counts.set(manifest.id, (counts.get(manifest.id) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([id]) => id);
}
