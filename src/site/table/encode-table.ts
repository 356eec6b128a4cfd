import { EVERYTHING, ROWS, type Space, type Step, viewsOf } from '../../query/audience/space.ts';
import {
  type CatalogIndex,
  groupByPlugin,
  type IndexedRelease,
} from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { locate } from '../../router/locate.ts';
import type { Name } from '../../router/name.ts';
import { versionKey } from '../../router/request/version-key.ts';
import { digit, escapeId } from '../../router/table/encoding.ts';
import { stepName } from '../../router/table/find-step.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { folderName } from '../../snapshot/folder-name.ts';
import { DIGEST_PLACEHOLDER } from '../../snapshot/snapshot-id.ts';
import { EVERYTHING_PUBLISHED, type Published } from '../plan/published.ts';
import { abbreviator, unusedCharacters } from './abbreviate.ts';
import { PLAIN_TEXTS, type TextEncoder, type TextForm, textEncoder } from './encode-texts.ts';
import { type RankedTexts, rankTexts } from './rank-texts.ts';

/** The routing table for what is published, with its texts in some form. */
export type EncodeTable = TableEncoder['encode'];

/** They are written out for every request about one plugin, so there are few. */
const MOST_ID_ABBREVIATIONS = 12;

/** What a routing table is made of. */
export interface TableSource extends Space {
  /** How many files the pages load. */
  readonly files: number;
  /** Path of the snapshot, with slashes around it. */
  readonly root: string;
  /** Who may ask, as the table has them; undefined: everybody. */
  readonly users?: string | undefined;
}

/** Encodes a catalog as routing tables. */
export interface TableEncoder {
  /** Of a router that refuses nothing: for planning. It works out lists of all versions. */
  readonly open: RoutingTable;
  /** The routing table for what is published, with its texts in some form. */
  encode(published: Published, form: TextForm): RoutingTable;
}

/**
 * Encodes a catalog as a routing table. What each server sees is taken from the evaluator's answers, so the table knows no
 * rule. What tables of one catalog share is worked out once.
 *
 * @throws {Error} where the router does not find the lists of all plugins by it: a bug
 */
export function tableEncoder(source: TableSource): TableEncoder {
  const { catalog, root, files, steps, platforms, users } = source;
  const ranks = rankTexts(catalog);
  const newest = findNewest(source, ranks);
  const { plugins, patterns, classes } = encodePlugins(source, ranks);
  const idCodes = unusedCharacters(new Set(plugins.join(''))).slice(0, MOST_ID_ABBREVIATIONS);
  const abbreviateIds = abbreviator(plugins, '\n', idCodes, '\n');
  const longest = longestLists(catalog);
  const textEncoders = new Map<string, TextEncoder>();
  const encodeWith = (
    lists: Pick<RoutingTable, 'lists' | 'kinds'>,
    { search, allLists, pageSizes }: Published,
    { abbreviations, onlyNewest, withoutLists }: TextForm,
  ): RoutingTable => {
    const key = `${search} ${onlyNewest}`;
    const encodeTexts =
      textEncoders.get(key) ?? textEncoder(ranks, onlyNewest ? newest : undefined, !search);
    textEncoders.set(key, encodeTexts);
    const ids = abbreviateIds(abbreviations);
    return {
      root,
      files,
      ...(users !== undefined && { users }),
      digest: DIGEST_PLACEHOLDER,
      steps: steps.map(encodeStep).join(' '),
      platforms: ['default', ...platforms].join(' '),
      patterns: patterns.join(' '),
      classes: classes.join(' '),
      plugins: plugins.length > 0 ? `\n${ids.text}` : '',
      ...(withoutLists ? NO_LISTS : lists),
      allLists,
      idAbbreviations: ids.abbreviations,
      longest,
      pageSizes: [pageSizes.newest, pageSizes.all, pageSizes.search].map((sizes) =>
        sizes === 'every' ? [] : [...sizes],
      ),
      ...encodeTexts(abbreviations),
    };
  };
  const bare = encodeWith(NO_LISTS, EVERYTHING_PUBLISHED, PLAIN_TEXTS);
  const few = encodeLists(bare, steps, false);
  let all: typeof few | undefined;
  return {
    open: encodeWith(few, EVERYTHING_PUBLISHED, PLAIN_TEXTS),
    encode: (published, form) => {
      if (published.allLists) all ??= encodeLists(bare, steps, true);
      return encodeWith(published.allLists && all ? all : few, published, form);
    },
  };
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
  return new Set(
    viewsOf(steps).flatMap(
      (view) => evaluate(catalog, { ...EVERYTHING, ...view })?.map(ranks.of) ?? [],
    ),
  );
}

/** `stepName` gives the name back. */
function encodeStep({ name, serverVersion }: Step): string {
  // The name of the first is no version, and stands below every one.
  const key = (name !== 'any' && versionKey(serverVersion)) || '';
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

/** From the first step on of kind 0: `locate` works it out. */
const WORKED_OUT = digit(0) + digit(0);

const NO_LISTS = {
  lists: Array(2 * ROWS.length)
    .fill(WORKED_OUT)
    .join(' '),
  kinds: '',
};

/**
 * The lists of all plugins, which real clients ask for most, as `locate` works them out without this part of a table.
 *
 * @param table without lists
 * @param allLists whether those of all versions are written out, too, or only what is published of them in any case
 */
function encodeLists(table: RoutingTable, steps: readonly Step[], allLists: boolean) {
  const kinds: string[] = [];
  const lists: string[] = [];
  for (const allVersions of [false, true]) {
    for (const [asked, row] of ROWS.entries()) {
      const nameAt = ({ serverVersion }: Step) => {
        const name = locate(table, { ...EVERYTHING, ...row, serverVersion, allVersions });
        if ('error' in name) throw new Error(`the router refuses a list: ${name.error}`);
        const isList = name.folder === 'all/' && name.allVersions === allVersions;
        const kind = isList ? numberOf(kinds, kindOf(name, asked)) + 1 : 0;
        return { since: name.since, kind: digit(kind) };
      };
      const isWhole = !allVersions || allLists;
      const encode = isWhole ? encodeList : row.enterprise ? encodeLast : () => WORKED_OUT;
      const list = encode(steps, nameAt);
      const equal = list.length > 1 ? lists.indexOf(list) : -1;
      lists.push(equal < 0 ? list : digit(equal));
    }
  }
  return { lists: lists.join(' '), kinds: kinds.join(' ') };
}

/** The name of a list at a step: the digit of the step since which it stands, and that of its kind. */
type NameAt = (step: Step) => { readonly since: string; readonly kind: string };

/** The list at every step. */
function encodeList(steps: readonly Step[], nameAt: NameAt): string {
  let list = '';
  let before: string | undefined;
  for (const [number, step] of steps.entries()) {
    const { since, kind } = nameAt(step);
    const isList = kind !== digit(0);
    const state = isList ? since + kind : '';
    if (state === before) continue;
    if (isList && since !== digit(number)) throw new Error(`no list begins at ${step.name}`);
    before = state;
    list += digit(number) + kind;
  }
  return list;
}

/** The list at the last step, for servers without a version: no other is published. */
function encodeLast(steps: readonly Step[], nameAt: NameAt): string {
  const { since, kind } = nameAt(steps.at(-1) as Step);
  if (kind === digit(0)) return WORKED_OUT;
  return since === digit(0) ? since + kind : WORKED_OUT + since + kind;
}

/** What the router does not learn from the row that is asked for: the axes, and for which platforms the list is the same. */
function kindOf(name: Name, asked: number): string {
  const { row, free } = name;
  return digit(4 * free + ((row ^ asked) & ~free)) + equalPlatforms(name);
}

/** One platform pattern in the place of several: a digit a platform, equal where all of theirs are. */
export function equalPlatforms({ patterns }: Name): string {
  const platforms = [...(patterns[0] ?? '')];
  const first = platforms.map((_, i) =>
    platforms.findIndex((_, j) => patterns.every((pattern) => pattern[i] === pattern[j])),
  );
  return first.map(digit).join('');
}
