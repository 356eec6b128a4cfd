import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { RULE_SERVER_VERSIONS } from '../axes.ts';
import { type CatalogIndex, groupByPlugin, type IndexedRelease } from '../catalog-index.ts';
import { evaluate, inOrder } from '../evaluate.ts';
import { bundleFor, hasBundle, renderAnswer, renderRelease } from '../render.ts';
import {
  candidateVersions,
  EVERYTHING,
  findPlatforms,
  LOWEST_VERSION,
  ROWS,
  type Step,
} from './space.ts';

/** How much every kind of server lists. */
export interface ListSizes {
  /** Wherever a list may change. */
  readonly steps: readonly Step[];
  /** For each row and each step. */
  readonly rows: readonly (readonly ListSize[])[];
}

/** The list of newest versions for one kind of server. */
export interface ListSize {
  /** How many plugins it has on all its pages. */
  readonly plugins: number;
  /** The bytes of its first page, on the platform for which it has the most. */
  readonly pageBytes: number;
}

/** The first page of the newest versions: servers ask for no other, and send no page size. */
export const FIRST_PAGE = parseFilter('') as Filter;

/**
 * Measures every list that servers ask for. Each row goes through the server versions once: the evaluator is asked about the
 * plugins that may change there, and a page is measured where its list did.
 */
export function measureLists(catalog: CatalogIndex): ListSizes {
  const versions = [LOWEST_VERSION, ...candidateVersions(catalog), ''];
  const changingAt = findChanging(catalog);
  const ordered = inOrder(catalog.map((release) => [release]));
  const rankOf = new Map(ordered.map((release, rank) => [release, rank]));
  const measurePage = pageMeter(catalog, ordered);
  const rows = ROWS.map((row) => {
    const newestOf = new Map<CatalogIndex, IndexedRelease>();
    /** The list, by the ranks of its releases in the order of answers. */
    const ranks: number[] = [];
    let size: ListSize | undefined;
    return versions.map((serverVersion) => {
      for (const plugin of changingAt(serverVersion)) {
        const [newest] = evaluate(plugin, { ...EVERYTHING, ...row, serverVersion }) ?? [];
        const before = newestOf.get(plugin);
        if (newest === before) continue;
        size = undefined;
        newestOf.delete(plugin);
        if (before) ranks.splice(placeOf(rankOf.get(before) as number, ranks), 1);
        if (newest === undefined) continue;
        newestOf.set(plugin, newest);
        const rank = rankOf.get(newest) as number;
        ranks.splice(placeOf(rank, ranks), 0, rank);
      }
      size ??= { plugins: ranks.length, pageBytes: measurePage(ranks) };
      return size;
    });
  });
  return { steps: versions.map((version) => ({ name: version, serverVersion: version })), rows };
}

/** The plugins whose newest version may change at a server version: where the rules change, every one. */
function findChanging(catalog: CatalogIndex): (serverVersion: string) => Iterable<CatalogIndex> {
  const plugins = groupByPlugin(catalog);
  const byMinimum = new Map<string, Set<CatalogIndex>>();
  for (const plugin of plugins) {
    for (const { minServerKey } of plugin) {
      const others = byMinimum.get(minServerKey);
      if (others) others.add(plugin);
      else byMinimum.set(minServerKey, new Set([plugin]));
    }
  }
  const everywhere = new Set([LOWEST_VERSION, '', ...RULE_SERVER_VERSIONS]);
  return (serverVersion) =>
    everywhere.has(serverVersion)
      ? plugins
      : (byMinimum.get(versionKey(serverVersion) ?? '') ?? []);
}

/**
 * Measures the first page of a list, given as the ranks of its releases. Renders a release once, when it is first asked for:
 * for another platform only the bundle differs.
 */
function pageMeter(catalog: CatalogIndex, ordered: readonly IndexedRelease[]) {
  const platforms = ['', ...findPlatforms(catalog)];
  const known: number[][] = [];
  const measure = (rank: number): number[] => {
    const { release } = ordered[rank] as IndexedRelease;
    const { download_url, signature } = release;
    const byDefault = bytesOf(renderRelease(release, ''));
    const rest = byDefault - bytesOf(JSON.stringify({ download_url, signature }));
    return platforms.map((platform) =>
      hasBundle(release, platform)
        ? rest + bytesOf(JSON.stringify(bundleFor(release, platform)))
        : byDefault,
    );
  };
  return (ranks: readonly number[]): number => {
    const page = ranks.slice(0, FIRST_PAGE.perPage);
    const frame = bytesOf(renderAnswer(page.map(() => '')));
    const sizes = page.map((rank) => (known[rank] ??= measure(rank)));
    const totals = platforms.map((_, i) => sizes.reduce((sum, of) => sum + (of[i] as number), 0));
    return frame + Math.max(...totals);
  };
}

const bytesOf = (text: string) => Buffer.byteLength(text);

/** Where a rank stands, or would stand, among others in ascending order. */
function placeOf(rank: number, ranks: readonly number[]): number {
  let [low, high] = [0, ranks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranks[middle] as number) < rank) low = middle + 1;
    else high = middle;
  }
  return low;
}
