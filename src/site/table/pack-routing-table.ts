import { type Column, EVERYTHING, ROWS, type Space } from '../../query/audience/space.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
} from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { locate, pathOf } from '../../router/locate.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { digit } from '../../router/table/digit.ts';
import { escapeId } from '../../router/table/escape-id.ts';
import { stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { folderName } from '../../snapshot/folder-name.ts';
import type { Published } from '../plan/published.ts';
import { abbreviate, unusedCharacters } from './abbreviate.ts';
import { Dictionary } from './dictionary.ts';
import { type PackOptions, packTexts } from './pack-texts.ts';
import { type RankedTexts, rankTexts } from './rank-texts.ts';

/** They are written out for every request about one plugin, so there are few. */
const MOST_ID_ABBREVIATIONS = 12;

/** What a routing table is made of. */
export interface TableSource extends Space {
  readonly published: Published;
  readonly texts: PackOptions;
  /** How many icons the pages show. */
  readonly icons: number;
  /** Path of the snapshot, with slashes around it. */
  readonly root: string;
}

/**
 * The routing table of a catalog. What each server sees is taken from the evaluator's answers, so the table knows no rule.
 *
 * @throws {Error} where the releases that a plugin's newest is chosen from are not what the table can say: a bug.
 */
export function packRoutingTable(source: TableSource): RoutingTable {
  const { catalog, columns, platforms, rendered } = source;
  const pageSizes = source.published.pageSizes;
  const seen = findSeen(catalog, columns);
  const patterns = new Dictionary();
  const classes = new Dictionary();
  const ranks = rankTexts(catalog);
  const newest = findNewest(source, ranks);
  const plugins = groupByPlugin(catalog).map((releases) => {
    const packed = releases.map((release, i) => {
      const before = releases[i - 1];
      const pattern = digit(patterns.numberOf(patternOf(rendered.forms[release.position] ?? [])));
      const changes = packChanges(seen.get(release) ?? []);
      const rank = digit(ranks.of(release));
      const isRanked = before === undefined || digit(ranks.of(before)) === rank;
      const tie = before?.versionRank === release.versionRank ? '!' : '';
      return `${isRanked ? '' : `#${rank}`}${tie}${digit(classes.numberOf(`${pattern}${changes}`))}`;
    });
    const first = releases[0] as IndexedRelease;
    const id = first.id;
    const folder = folderName(id);
    return [
      escapeId(id),
      digit(ranks.of(first)) + packed.join(''),
      ...(folder === escapeId(id) ? [] : [folder]),
    ].join(' ');
  });
  const codes = unusedCharacters(new Set(plugins.join('')));
  const count = Math.min(source.texts.abbreviations, MOST_ID_ABBREVIATIONS);
  const lines = abbreviate(plugins, '\n', codes.slice(0, count), '\n');
  const table: RoutingTable = {
    root: source.root,
    icons: source.icons,
    steps: columns.map(packStep).join(' '),
    platforms: ['default', ...platforms].join(' '),
    patterns: patterns.texts.join(' '),
    classes: classes.texts.join(' '),
    plugins: plugins.length > 0 ? `\n${lines.text}` : '',
    ...UNPACKED_LISTS,
    idAbbreviations: lines.abbreviations,
    longest: longestLists(catalog),
    pageSizes: [pageSizes.newest, pageSizes.all, pageSizes.search].map((sizes) =>
      sizes === 'every' ? [] : [...sizes],
    ),
    ...packTexts(ranks, newest, source.texts, !source.published.search),
  };
  return { ...table, ...packLists(table, source) };
}

/** The ranks that some newest version has. */
function findNewest({ catalog, columns }: TableSource, ranks: RankedTexts): Set<number> {
  const views = ROWS.flatMap((row) =>
    columns.map(({ serverVersion }) => ({ ...row, serverVersion })),
  );
  return new Set(
    views.flatMap((view) => evaluate(catalog, { ...EVERYTHING, ...view })?.map(ranks.of) ?? []),
  );
}

/** `stepName` gives the name back. */
function packStep({ name, serverVersion }: Column): string {
  const key = versionKey(name) ?? (serverVersion && '');
  return stepName(key) === name ? key : `${key}=${name}`;
}

/** For each release, row by row and column by column, whether it is in the answer. */
function findSeen(catalog: CatalogIndex, columns: readonly Column[]) {
  const seen = new Map<IndexedRelease, boolean[][]>();
  for (const release of catalog) {
    seen.set(
      release,
      ROWS.map(() => columns.map(() => false)),
    );
  }
  ROWS.forEach((row, r) => {
    columns.forEach(({ serverVersion }, c) => {
      const filter = { ...EVERYTHING, ...row, serverVersion, allVersions: true };
      for (const release of evaluate(catalog, filter) ?? []) {
        (seen.get(release)?.[r] as boolean[])[c] = true;
      }
    });
  });
  return seen;
}

/** The steps at which a release begins or ceases to be seen, row by row, or once where all rows agree. */
function packChanges(rows: readonly (readonly boolean[])[]): string {
  const parts = rows.map((row) =>
    row
      .map((isSeen, column) => (isSeen === (row[column - 1] ?? false) ? '' : digit(column)))
      .join(''),
  );
  return new Set(parts).size === 1 ? (parts[0] as string) : parts.join('!');
}

/** A digit a platform, the default first: equal where the pieces are equal. */
function patternOf(forms: readonly number[]): string {
  return forms.map((form) => digit(forms.indexOf(form))).join('');
}

function longestLists(catalog: CatalogIndex): [number, number] {
  const lengths = [false, true].map((allVersions) =>
    Math.max(
      ...ROWS.map((row) => evaluate(catalog, { ...EVERYTHING, ...row, allVersions })?.length ?? 0),
    ),
  );
  return lengths as [number, number];
}

/** Every list from the first column on of kind 0: `locate` works it out. */
const UNPACKED_LISTS = {
  lists: Array(8)
    .fill(digit(0) + digit(0))
    .join(' '),
  kinds: '',
};

/** The lists of all plugins, which real clients ask for most: where they lie, as `locate` finds without this part. */
function packLists(table: RoutingTable, { columns, platforms, root }: TableSource) {
  const kinds = new Dictionary();
  const rows: string[] = [];
  for (const allVersions of [false, true]) {
    for (const [asked, row] of ROWS.entries()) {
      let packed = '';
      let before = '';
      columns.forEach((column, c) => {
        const view = { ...EVERYTHING, ...row, serverVersion: column.serverVersion, allVersions };
        const place = locate(table, view);
        if ('error' in place) throw new Error(`the router refuses a list: ${place.error}`);
        const paths = ['', ...platforms].map((platform) => pathOf(table, place, platform));
        const list = readListPath(paths, root, platforms, allVersions, asked);
        const state = list === undefined ? '' : `${list.step} ${list.kind}`;
        if (c > 0 && state === before) return;
        before = state;
        packed += digit(c) + digit(list === undefined ? 0 : kinds.numberOf(list.kind) + 1);
        if (list !== undefined && list.step !== column.name) {
          throw new Error(`the list of ${paths[0]} does not begin at ${column.name}`);
        }
      });
      const equal = rows.indexOf(packed);
      rows.push(equal < 0 ? packed : digit(equal));
    }
  }
  return { lists: rows.join(' '), kinds: kinds.texts.join(' ') };
}

/**
 * The step and the kind of a list from its paths, the default's first; undefined where the answer is filed elsewhere.
 *
 * @param asked number of the row that is asked for
 */
function readListPath(
  paths: readonly string[],
  root: string,
  platforms: readonly string[],
  allVersions: boolean,
  asked: number,
): { step: string; kind: string } | undefined {
  const prefix = `${root}api/plugins/all/`;
  const file = allVersions ? 'all.json' : 'latest.json';
  const lists = paths.map((path) => {
    const segments = path.startsWith(prefix) ? path.slice(prefix.length).split('/') : [];
    const [step, form, edition, hosting, versions] = segments;
    return versions === file ? { step, form, edition, hosting } : undefined;
  });
  const first = lists[0];
  if (first?.step === undefined) return undefined;
  const row = (first.edition === 'enterprise' ? 1 : 0) + (first.hosting === 'cloud' ? 2 : 0);
  const free = (first.edition === 'any' ? 1 : 0) + (first.hosting === 'any' ? 2 : 0);
  const differing = (row ^ asked) & ~free;
  const forms = lists.map((list) => digit(platforms.indexOf(list?.form ?? '') + 1));
  return { step: first.step, kind: digit(4 * free + differing) + forms.join('') };
}
