import type { Problem } from '../lib/errors.ts';
import { formatPath, type JsonPath, showValue, valueAt } from '../lib/json/finding.ts';
import type { Release } from './release.ts';

/** The releases of one file, in its order. */
export interface CatalogFile {
  readonly file: string;
  readonly releases: readonly Release[];
}

/** A release and its location. */
export interface LocatedRelease {
  readonly release: Release;
  readonly file: string;
  /** Within the file. */
  readonly index: number;
}

/** Every release of the files, in their order. */
export function locateReleases(files: readonly CatalogFile[]): LocatedRelease[] {
  return files.flatMap(({ file, releases }) =>
    releases.map((release, index) => ({ release, file, index })),
  );
}

/** The releases of each plugin, in catalog order. */
export function groupByPlugin(located: readonly LocatedRelease[]): LocatedRelease[][] {
  return [...groupBy(located, ({ release }) => release.manifest.id).values()];
}

/** The name of a release in messages: `jira@4.1.0`. */
export function nameRelease({ manifest }: Pick<Release, 'manifest'>): string {
  return `${manifest.id}@${manifest.version}`;
}

/** The location of a release: `plugins.json [3]`. */
export function locationOf(located: LocatedRelease | undefined): string {
  return located === undefined ? '' : `${located.file} ${formatPath([located.index])}`;
}

/** A problem of one field of a release, given as the path inside the entry, with what is found there. */
export function problemAt(
  at: LocatedRelease,
  path: JsonPath,
  problem: Pick<Problem, 'level' | 'check' | 'message' | 'remedy'>,
): Problem {
  const found = valueAt(at.release, path);
  return {
    ...problem,
    release: nameRelease(at.release),
    file: at.file,
    path: formatPath([at.index, ...path]),
    ...(found === undefined ? {} : { found: showValue(found) }),
  };
}

/** Items by a key, each group in the order of the items. */
export function groupBy<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) {
      groups.set(keyOf(item), [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
