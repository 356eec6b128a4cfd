import { ROWS, type Space } from '../../query/audience/space.ts';
import { lowerCase } from '../../query/lower-case.ts';
import { rowOf } from '../../router/axes.ts';
import type { Name } from '../../router/name.ts';
import type { StoreTable } from '../../router/store/locate-record.ts';
import {
  bucketOf,
  filterKey,
  listKey,
  PAGE_SIZE,
  pageKey,
  pluginKey,
} from '../../router/store/records.ts';
import { digit } from '../../router/table/encoding.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { folderName } from '../../snapshot/folder-name.ts';
import { exactFilters, type FilterClass, lists, plugins } from '../plan/answer-space.ts';
import { equalPlatforms } from './encode-table.ts';

/** A snapshot whose plugins are in a store: what the router carries, and the values of the store by their keys. */
export interface Records {
  readonly table: StoreTable;
  readonly values: Readonly<Record<string, string>>;
}

/** Bytes that a bucket has on average: few enough for one value, most of the time. */
const BUCKET_BYTES = 600;

/** Bytes of a value; CloudFront takes 1 KB. */
const VALUE_BYTES = 1000;

/** Gives an answer its name. */
export type Locate = (filterClass: FilterClass) => Name;

/**
 * Encodes what real clients ask for as records: for each subject, from which step on a server of each row is given which answer.
 *
 * @param table what the router knows of all plugins together
 */
export function encodeRecords(space: Space, table: RoutingTable, locate: Locate): Records {
  const records = collect(space, locate);
  const bytes = records.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
  const buckets = Math.ceil((bytes + 1) / BUCKET_BYTES);
  const texts = Array.from({ length: buckets }, () => '');
  for (const { subject, line } of records) texts[bucketOf(subject, buckets)] += line;
  return {
    table: { ...table, ...NOT_CARRIED, buckets },
    values: Object.fromEntries(
      texts.flatMap((text, number) =>
        cut(text).map((value, i) => [i === 0 ? `${number}` : `${number}.${i}`, value]),
      ),
    ),
  };
}

/** What the router has from the records. */
const NOT_CARRIED = {
  ...{ classes: '', plugins: '', patterns: '', abbreviations: '', idAbbreviations: '' },
  texts: '\n|',
  pageSizes: [[PAGE_SIZE], [PAGE_SIZE], [PAGE_SIZE]],
};

interface Line {
  readonly subject: string;
  /** Begun by a line break. */
  readonly line: string;
}

function collect(space: Space, locate: Locate): Line[] {
  const lines: Line[] = [];
  const steps = new Map(space.steps.map(({ serverVersion }, i) => [serverVersion, digit(i)]));
  const add = (subject: string, key: string, record: string) =>
    lines.push({ subject, line: `\n${key} ${record}` });
  const encode = (classes: readonly FilterClass[]) => encodeRecord(classes, steps, locate);
  const addWithPages = (
    subjectOf: (page: string) => string,
    keyOf: (page: string) => string,
    whole: readonly FilterClass[],
  ) => {
    const record = encode(whole);
    add(subjectOf(''), keyOf(''), record);
    const longest = Math.max(...whole.map(({ releases }) => releases.length));
    // A page that is there is told apart without the whole answer: where that is short, too.
    for (let page = 0; longest > PAGE_SIZE && page * PAGE_SIZE < longest; page++) {
      add(subjectOf(`${page}`), keyOf(`${page}`), encode(whole.map((each) => cutPage(each, page))));
    }
    return record;
  };
  addWithPages(
    (page) => page,
    (page) => listKey(false, page),
    [...lists(space, false)],
  );
  const exact = groupBy(exactFilters(space), ({ filter }) => filter.text);
  for (const [text, classes] of exact) {
    addWithPages(
      () => text,
      (page) => filterKey(text, page),
      classes,
    );
  }
  for (const allVersions of [false, true]) {
    for (const [id, classes] of groupBy(
      plugins(space, allVersions),
      ({ filter }) => filter.pluginId,
    )) {
      const record = addWithPages(
        () => id,
        (page) => pluginKey(id, allVersions, page),
        classes,
      );
      if (allVersions) continue;
      const text = lowerCase(id);
      if (!exact.has(text)) add(text, filterKey(text, ''), record);
      add(folderName(id), pageKey(folderName(id)), '');
    }
  }
  return lines;
}

function cutPage({ filter, releases }: FilterClass, page: number): FilterClass {
  return {
    filter: { ...filter, page, perPage: PAGE_SIZE },
    releases: releases.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE),
    whole: releases,
  };
}

/** The folder of most answers, the states of each row, and the answers' names. */
function encodeRecord(
  classes: readonly FilterClass[],
  steps: ReadonlyMap<string, string>,
  locate: Locate,
): string {
  const named = classes.map((each) => ({ ...each, name: locate(each) }));
  const folder = named.find(({ name }) => name.folder !== '')?.name.folder ?? '';
  const kinds: string[] = [];
  const rows = ROWS.map(() => '');
  const before: number[] = [];
  for (const { filter, releases, name } of named) {
    const row = rowOf(filter);
    const kind = kindOf(name, folder, releases.length);
    const known = kinds.indexOf(kind);
    const number = known < 0 ? kinds.push(kind) - 1 : known;
    if (before[row] === number) continue;
    before[row] = number;
    rows[row] += `${steps.get(filter.serverVersion)}${digit(number)}`;
  }
  const states = new Set(rows).size === 1 ? rows[0] : rows.join('!');
  return [folder, states, ...kinds].join(' ');
}

/** The name of an answer, and how many releases it has. */
function kindOf(name: Name, folder: string, count: number): string {
  if (name.folder === '') return '-';
  const head = name.since + digit(4 * name.free + name.row) + (name.allVersions ? 'a' : 'l');
  const rest = name.folder === folder ? name.suffix : name.folder;
  return head + digit(count) + equalPlatforms(name) + rest;
}

/** A text in values: the first begins with the digit of how many more there are. */
function cut(text: string): string[] {
  const values = [''];
  let bytes = 1;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (bytes + size > VALUE_BYTES - 3) {
      values.push('');
      bytes = 0;
    }
    values.push(`${values.pop()}${character}`);
    bytes += size;
  }
  return [`${digit(values.length - 1)}${values[0]}`, ...values.slice(1)];
}

function groupBy(classes: Iterable<FilterClass>, keyOf: (each: FilterClass) => string) {
  const groups = new Map<string, FilterClass[]>();
  for (const each of classes) {
    const key = keyOf(each);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return groups;
}
