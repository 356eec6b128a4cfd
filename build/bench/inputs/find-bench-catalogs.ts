import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BenchCatalog } from '../benchmark.ts';

/** The shipped catalog, and real ones that lie beside some checkouts; too large to ship. */
const DEFAULTS = [
  'plugins.json',
  '../shared/catalogs/master-2021.json',
  '../shared/catalogs/production-2023-09.json',
  '../shared/catalogs/production-2024-10.json',
];

/** The catalogs named, or the default ones that are there; `say` hears of those that are not. */
export function findBenchCatalogs(
  named: readonly string[] | undefined,
  cwd: string,
  say: (line: string) => void,
): BenchCatalog[] {
  const files = named ?? DEFAULTS.filter((file) => existsSync(path.resolve(cwd, file)));
  for (const file of DEFAULTS) {
    if (named === undefined && !files.includes(file)) say(`without ${file}: there is no such file`);
  }
  return files.map((file) => ({
    name: path.basename(file, path.extname(file)),
    file: path.resolve(cwd, file),
  }));
}
