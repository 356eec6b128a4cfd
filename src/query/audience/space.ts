import { compareText } from '../../lib/compare-text.ts';
import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { AXES, type AxisKey, RULE_SERVER_VERSIONS } from '../axes.ts';
import type { CatalogIndex } from '../catalog-index.ts';
import { evaluate } from '../evaluate.ts';
import { hasBundle } from '../render.ts';
import type { RenderedCatalog } from '../render-catalog.ts';

/** A value for each axis. */
export type Row = Readonly<Record<AxisKey, boolean>>;

/** Every combination of values, at the number that the router gives it: a bit for each axis. */
export const ROWS: readonly Row[] = Array.from({ length: 2 ** AXES.length }, (_, row) => {
  const values = AXES.map(({ key }, bit) => [key, ((row >> bit) & 1) === 1]);
  return Object.fromEntries(values) as Row;
});

/** A server version at which some answer changes, and those from there up to the next step. */
export interface Step {
  /** As it stands in paths: `any` below every step, a version, or `unspecified` for requests without one. */
  readonly name: string;
  /** A server version that lies in it. */
  readonly serverVersion: string;
}

/** What the answers of one catalog are made of. */
export interface Space {
  readonly catalog: CatalogIndex;
  readonly steps: readonly Step[];
  /** Those that get bundles of their own. */
  readonly platforms: readonly string[];
  readonly rendered: RenderedCatalog;
}

/** The lowest semantic version there is. */
export const LOWEST_VERSION = '0.0.0-0';

/** Everything the API can be asked for, whole: what is missing in a filter here is the default. */
export const EVERYTHING: Filter = { ...(parseFilter('') as Filter), perPage: -1 };

/** Whatever kind of server asks, at every step: the rows of a step stand together. */
export function viewsOf(steps: readonly Step[]): (Row & Pick<Filter, 'serverVersion'>)[] {
  return steps.flatMap(({ serverVersion }) => ROWS.map((row) => ({ ...row, serverVersion })));
}

/**
 * The steps of a catalog. Candidates are the versions that releases and rules name; which of them are steps is found by
 * comparing answers.
 */
export function findSteps(catalog: CatalogIndex): Step[] {
  const steps: Step[] = [{ name: 'any', serverVersion: LOWEST_VERSION }];
  let before = answersAt(catalog, LOWEST_VERSION);
  for (const serverVersion of candidateVersions(catalog)) {
    const answers = answersAt(catalog, serverVersion);
    if (answers !== before)
      steps.push({ name: stepNameOf(serverVersion, steps.length), serverVersion });
    before = answers;
  }
  return [...steps, { name: 'unspecified', serverVersion: '' }];
}

/** A name in a file's name is short. */
const LONGEST_STEP_NAME = 40;

/** The version; or how it begins and the step's number, where it is too long for a file's name, or only capitals tell it apart. */
function stepNameOf(version: string, number: number): string {
  const name = version.slice(0, LONGEST_STEP_NAME).toLowerCase();
  return name === version ? version : `${name}(${number})`;
}

/** The platforms for which some release has a bundle of its own, in code point order. */
export function findPlatforms(catalog: CatalogIndex): string[] {
  const platforms = new Set<string>();
  for (const { release } of catalog) {
    for (const platform of Object.keys(release.platforms)) {
      if (hasBundle(release, platform)) platforms.add(platform);
    }
  }
  return [...platforms].sort(compareText);
}

/** The server versions at which an answer may change, in ascending order. */
export function candidateVersions(catalog: CatalogIndex): string[] {
  const byKey = new Map<string, string>();
  const named = catalog.map(({ release }) => release.manifest.min_server_version ?? '');
  for (const version of [...named, ...RULE_SERVER_VERSIONS]) {
    const key = versionKey(version);
    if (key !== null) byKey.set(key, version.split('+')[0] as string);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, version]) => version);
}

/** What every row is answered for a version: equal texts for equal answers. */
function answersAt(catalog: CatalogIndex, serverVersion: string): string {
  const answers = ROWS.flatMap((row) =>
    [true, false].map((allVersions) => {
      const answer = evaluate(catalog, { ...EVERYTHING, ...row, serverVersion, allVersions });
      return answer?.map(({ position }) => position).join();
    }),
  );
  return answers.join(';');
}
