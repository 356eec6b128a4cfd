import { EVERYTHING, ROWS, type Space, type Step } from '../../query/audience/space.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
} from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { locate } from '../../router/locate.ts';
import type { Name } from '../../router/name.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { digit, digitAt, escapeId } from '../../router/table/encoding.ts';
import { stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { folderName } from '../../snapshot/folder-name.ts';
import { EVERYTHING_PUBLISHED, type Published } from '../plan/published.ts';
import { abbreviator, unusedCharacters } from './abbreviate.ts';
import { PLAIN_TEXTS, type TextEncoder, type TextForm, textEncoder } from './encode-texts.ts';
import { type RankedTexts, rankTexts } from './rank-texts.ts';

/** They are written out for every request about one plugin, so there are few. */
const MOST_ID_ABBREVIATIONS = 12;

/** What a routing table is made of. */
export interface TableSource extends Space {
  /** How many icons the pages show. */
  readonly icons: number;
  /** Path of the snapshot, with slashes around it. */
  readonly root: string;
}

/** The routing table for what is published, with its texts in some form. */
export type EncodeTable = (published: Published, form: TextForm) => RoutingTable;

/**
 * Encodes a catalog as a routing table. What each server sees is taken from the evaluator's answers, so the table knows no
 * rule. What tables of one catalog share is worked out once.
 *
 * @throws {Error} where the router does not find the lists of all plugins by it: a bug
 */
export function tableEncoder(source: TableSource): EncodeTable {
  const { catalog, root, icons, steps, platforms } = source;
  const ranks = rankTexts(catalog);
  const newest = findNewest(source, ranks);
  const { plugins, patterns, classes } = encodePlugins(source, ranks);
  const idCodes = unusedCharacters(new Set(plugins.join(''))).slice(0, MOST_ID_ABBREVIATIONS);
  const abbreviateIds = abbreviator(plugins, '\n', idCodes, '\n');
  const longest = longestLists(catalog);
  const textEncoders = new Map<string, TextEncoder>();
  const encodeWith =
    (lists: Pick<RoutingTable, 'lists' | 'kinds'>): EncodeTable =>
    ({ search, allLists, pageSizes }, { abbreviations, onlyNewest }) => {
      const key = `${search} ${onlyNewest}`;
      const encodeTexts =
        textEncoders.get(key) ?? textEncoder(ranks, onlyNewest ? newest : undefined, !search);
      textEncoders.set(key, encodeTexts);
      const ids = abbreviateIds(abbreviations);
      return {
        root,
        icons,
        steps: steps.map(encodeStep).join(' '),
        platforms: ['default', ...platforms].join(' '),
        patterns: patterns.join(' '),
        classes: classes.join(' '),
        plugins: plugins.length > 0 ? `\n${ids.text}` : '',
        ...(allLists ? lists : withoutAllLists(lists)),
        allLists,
        idAbbreviations: ids.abbreviations,
        longest,
        pageSizes: [pageSizes.newest, pageSizes.all, pageSizes.search].map((sizes) =>
          sizes === 'every' ? [] : [...sizes],
        ),
        ...encodeTexts(abbreviations),
      };
    };
  const withoutLists = encodeWith(NO_LISTS)(EVERYTHING_PUBLISHED, PLAIN_TEXTS);
  return encodeWith(encodeLists(withoutLists, source));
}

/** The plugins' lines, and the platform patterns and classes of releases that these name by their numbers. */
function encodePlugins({ catalog, steps, rendered }: TableSource, ranks: RankedTexts) {
  const seen = findSeen(catalog, steps);
  const patterns: string[] = [];
  const classes: string[] = [];
  const plugins = groupByPlugin(catalog).map((releases) => {
    const encoded = releases.map((release, i) => {
      const before = releases[i - 1];
      const pattern = digit(numberOf(patterns, patternOf(rendered.forms[release.position] ?? [])));
      const changes = encodeChanges(seen(release));
      const rank = digit(ranks.of(release));
      const isRanked = before === undefined || digit(ranks.of(before)) === rank;
      const tie = before?.versionRank === release.versionRank ? '!' : '';
      return `${isRanked ? '' : `#${rank}`}${tie}${digit(numberOf(classes, pattern + changes))}`;
    });
    const first = releases[0] as IndexedRelease;
    const id = escapeId(first.id);
    const folder = folderName(first.id);
    const line = [id, digit(ranks.of(first)) + encoded.join('')];
    return [...line, ...(folder === id ? [] : [folder])].join(' ');
  });
  return { plugins, patterns, classes };
}

/** The number of a text in a list of different texts, to which it is added where it is new. */
function numberOf(texts: string[], text: string): number {
  const known = texts.indexOf(text);
  return known < 0 ? texts.push(text) - 1 : known;
}

/** The ranks that some newest version has. */
function findNewest({ catalog, steps }: Space, ranks: RankedTexts): Set<number> {
  const views = ROWS.flatMap((row) =>
    steps.map(({ serverVersion }) => ({ ...row, serverVersion })),
  );
  return new Set(
    views.flatMap((view) => evaluate(catalog, { ...EVERYTHING, ...view })?.map(ranks.of) ?? []),
  );
}

/** `stepName` gives the name back. */
function encodeStep({ name, serverVersion }: Step): string {
  const key = versionKey(name) ?? (serverVersion && '');
  return stepName(key) === name ? key : `${key}=${name}`;
}

/** For each release, row by row and step by step, whether it is in the answer. */
function findSeen(catalog: CatalogIndex, steps: readonly Step[]) {
  const answers = ROWS.map((row) =>
    steps.map(({ serverVersion }) => {
      const filter = { ...EVERYTHING, ...row, serverVersion, allVersions: true };
      return new Set(evaluate(catalog, filter));
    }),
  );
  return (release: IndexedRelease) =>
    answers.map((row) => row.map((answer) => answer.has(release)));
}

/** The steps at which a release begins or ceases to be seen, row by row, or once where all rows agree. */
function encodeChanges(rows: readonly (readonly boolean[])[]): string {
  const parts = rows.map((row) =>
    row.map((isSeen, step) => (isSeen === (row[step - 1] ?? false) ? '' : digit(step))).join(''),
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

/** Every list from the first step on of kind 0: `locate` works it out. */
const NO_LISTS = {
  lists: Array(8)
    .fill(digit(0) + digit(0))
    .join(' '),
  kinds: '',
};

/** The lists of all plugins, which real clients ask for most, as `locate` works them out without this part of a table. */
function encodeLists(table: RoutingTable, { steps }: Space) {
  const kinds: string[] = [];
  const lists: string[] = [];
  for (const allVersions of [false, true]) {
    for (const [asked, row] of ROWS.entries()) {
      let list = '';
      let before: string | undefined;
      for (const [number, { name: stepName, serverVersion }] of steps.entries()) {
        const step = digit(number);
        const name = locate(table, { ...EVERYTHING, ...row, serverVersion, allVersions });
        if ('error' in name) throw new Error(`the router refuses a list: ${name.error}`);
        const isList = name.folder === 'all/' && name.allVersions === allVersions;
        const kind = isList ? kindOf(name, asked) : '';
        const state = isList ? name.since + kind : '';
        if (state === before) continue;
        if (isList && name.since !== step) throw new Error(`no list begins at ${stepName}`);
        before = state;
        list += step + digit(isList ? numberOf(kinds, kind) + 1 : 0);
      }
      const equal = lists.indexOf(list);
      lists.push(equal < 0 ? list : digit(equal));
    }
  }
  return { lists: lists.join(' '), kinds: kinds.join(' ') };
}

/** Of the lists of all versions, those that are always published: for Enterprise editions, without a server version. */
function withoutAllLists({ lists, kinds }: Pick<RoutingTable, 'lists' | 'kinds'>) {
  const all = lists.split(' ');
  const half = all.length / 2;
  const kept = all.map((list, i) => {
    if (i < half) return list;
    const own = list.length > 1 ? list : (all[digitAt(list)] as string);
    // Whoever asks, the last is meant.
    return ROWS[i - half]?.enterprise ? digit(0) + digit(0) + own.slice(-2) : digit(0) + digit(0);
  });
  return { lists: kept.join(' '), kinds };
}

/** What the router does not learn from the row that is asked for: the axes, and for which platforms the list is the same. */
function kindOf({ row, free, patterns }: Name, asked: number): string {
  const platforms = [...(patterns[0] ?? '')];
  const first = platforms.map((_, i) =>
    platforms.findIndex((_, j) => patterns.every((pattern) => pattern[i] === pattern[j])),
  );
  return digit(4 * free + ((row ^ asked) & ~free)) + first.map(digit).join('');
}
