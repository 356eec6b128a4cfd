import { readFileSync } from 'node:fs';
import type { Entry } from '../../../src/catalog/schema.ts';
import type { BenchCatalog } from '../inputs/builds.ts';
import { FOUR_RELEASES, growCatalog, historyOf, unionOf } from '../inputs/grow-catalog.ts';
import { LIKE_PRODUCTION, syntheticCatalog } from '../inputs/synthetic-catalog.ts';

/** A catalog that is made when its turn comes. */
export interface GrowthCatalog {
  readonly name: string;
  /** @returns the entries */
  readonly make: () => readonly object[];
}

/** The name of the shipped catalog, which is no real one. */
const SHIPPED = 'plugins';

const YEARS = [1, 3, 10];

/** As many plugins as Jenkins has, with few releases and small ones: the number of plugins is what is measured. */
const MANY_PLUGINS = {
  ...LIKE_PRODUCTION,
  releasesPerPlugin: 3,
  thresholds: 20,
  platformShare: 0,
  words: 400,
  bulk: 0,
};

/**
 * The catalogs of the benchmark of growth: those given, the union of the real ones among them, that union grown by years at
 * two rates, and large ones made up. Where only the shipped one is given, it is the one that grows.
 *
 * @param only names or, where no catalog has that name, parts of names; all catalogs if there are none
 */
export function growthCatalogs(
  catalogs: readonly BenchCatalog[],
  only: readonly string[],
): GrowthCatalog[] {
  const real = catalogs.filter(({ name }) => name !== SHIPPED);
  const grown = real.length > 0 ? real : catalogs;
  const union = () => unionOf(grown.map(readEntries));
  const name = grown.length > 1 ? 'union' : (grown[0]?.name ?? '');
  const all = [
    ...catalogs.map((catalog) => ({ name: catalog.name, make: () => readEntries(catalog) })),
    ...(grown.length > 1 ? [{ name, make: union }] : []),
    ...YEARS.map((years) => ({
      name: `${name} +${years}, by history`,
      make: () => grow(union(), years),
    })),
    ...YEARS.map((years) => ({
      name: `${name} +${years}, four each`,
      make: () => growCatalog(union(), { ...FOUR_RELEASES, years, seed: 1 }),
    })),
    ...[1000, 2000].map((plugins) => ({
      name: `made up, ${plugins.toLocaleString('en')}`,
      make: () => syntheticCatalog({ ...MANY_PLUGINS, plugins }),
    })),
  ];
  const isNamed = (name: string, text: string) =>
    all.some((catalog) => catalog.name === text) ? name === text : name.includes(text);
  return all.filter(({ name }) => only.length === 0 || only.some((text) => isNamed(name, text)));
}

function grow(base: readonly Entry[], years: number): Entry[] {
  return growCatalog(base, { ...historyOf(base), years, seed: 1 });
}

function readEntries({ file }: BenchCatalog): Entry[] {
  return JSON.parse(readFileSync(file, 'utf8'));
}
