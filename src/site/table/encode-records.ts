import { ROWS, type Space } from '../../query/audience/space.ts';
import { lowerCase } from '../../query/lower-case.ts';
import { rowOf } from '../../router/axes.ts';
import { locate as locateIn } from '../../router/locate.ts';
import type { Name } from '../../router/name.ts';
import type { Filter } from '../../router/request/parse-filter.ts';
import {
  blockOf,
  filterKey,
  listKey,
  MOST_VALUE_BYTES,
  PAGE_SIZE,
  pageKey,
  pluginKey,
} from '../../router/store/records.ts';
import { digit } from '../../router/table/encoding.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import { folderName } from '../../snapshot/folder-name.ts';
import {
  cutPage,
  exactFilters,
  type FilterClass,
  lists,
  plugins,
  wholeViews,
} from '../plan/answer-space.ts';
import { equalPlatforms } from './encode-table.ts';

/** A snapshot whose plugins are in a store: what the router carries, and the values of the store by their keys. */
export interface Records {
  readonly table: RoutingTable;
  readonly values: Readonly<Record<string, string>>;
}

/** Bytes that a block has on average: few enough for one value, most of the time. */
const BLOCK_BYTES = 600;

/** Gives an answer its name. */
export type Locate = (filterClass: FilterClass) => Name;

/**
 * Encodes what real clients ask for as records: for each subject, from which step on a server of each row is given which answer.
 *
 * @param table what the router knows of all plugins together
 * @throws {Error} where the router does not find an answer by them: a bug
 */
export function encodeRecords(space: Space, table: RoutingTable, locate: Locate): Records {
  const records = new RecordList(space, locate);
  const { lines } = records;
  const bytes = lines.reduce((sum, { line }) => sum + Buffer.byteLength(line), 0);
  const blocks = Math.ceil((bytes + 1) / BLOCK_BYTES);
  const texts = Array.from({ length: blocks }, () => '');
  for (const { subject, line } of lines) texts[blockOf(subject, blocks)] += line;
  const carried = { ...table, ...NOT_CARRIED, blocks };
  for (const [subject, filter, name] of records.named) {
    const text = texts[blockOf(subject, blocks)] as string;
    checkName({ ...carried, records: text }, filter, name);
  }
  return {
    table: carried,
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
};

/** @throws {Error} where the router finds an answer elsewhere than it lies: a bug */
function checkName(table: RoutingTable, filter: Filter, name: Name): void {
  const found = locateIn(table, filter);
  const isSame =
    !('error' in found) &&
    found.folder === name.folder &&
    (name.folder === '' || describe(found) === describe(name));
  if (isSame) return;
  throw new Error(`a store finds ${JSON.stringify(filter)} elsewhere than it lies`);
}

/** Without the axes that do not matter. */
const describe = (name: Name) =>
  kindOf({ ...name, row: name.row & ~name.free }, name.folder, 0) + name.suffix;

/** A class with the name of its answer. */
interface NamedClass extends FilterClass {
  readonly name: Name;
}

/** The records of a catalog. */
class RecordList {
  /** Each begun by a line break. */
  readonly lines: { readonly subject: string; readonly line: string }[] = [];
  /** Where the router must find each answer: what the records are about, a filter, and the answer's name. */
  readonly named: (readonly [string, Filter, Name])[] = [];
  readonly #locate: Locate;
  readonly #steps: ReadonlyMap<string, string>;

  constructor(space: Space, locate: Locate) {
    this.#locate = locate;
    this.#steps = new Map(space.steps.map(({ serverVersion }, i) => [serverVersion, digit(i)]));
    this.#addLists([...lists(space, false)], [...wholeViews(space)]);
    const exact = groupBy(exactFilters(space), ({ filter }) => filter.text);
    for (const [text, classes] of exact) {
      this.#addWithPages(text, classes, (page) => filterKey(text, page));
    }
    for (const allVersions of [false, true]) {
      const own = groupBy(plugins(space, allVersions), ({ filter }) => filter.pluginId);
      for (const [id, classes] of own) {
        this.#addWithPages(id, classes, (page) => pluginKey(id, allVersions, page));
        const text = lowerCase(id);
        if (allVersions || exact.has(text)) continue;
        // What a whole id finds lies where that of its plugin does.
        const asText = this.#name(classes).map((each) => ({
          ...each,
          filter: { ...each.filter, pluginId: '', text: id },
        }));
        this.#add(text, filterKey(text, ''), asText);
      }
      for (const id of allVersions ? [] : own.keys()) this.#addPage(folderName(id));
    }
  }

  /** A page of the published size is asked for by its number, and found without the whole list, also where that is short. */
  #addLists(newest: readonly FilterClass[], all: readonly FilterClass[]) {
    this.#add('', listKey(false, ''), this.#name(newest));
    this.#add('', listKey(true, ''), this.#name(all));
    if (longestOf(all) <= PAGE_SIZE) this.#add('0', listKey(true, '0'), this.#name(all, 0));
    for (let page = 0; page === 0 || page * PAGE_SIZE < longestOf(newest); page++) {
      this.#add(`${page}`, listKey(false, `${page}`), this.#name(newest, page));
    }
  }

  #addWithPages(subject: string, whole: readonly FilterClass[], keyOf: (page: string) => string) {
    this.#add(subject, keyOf(''), this.#name(whole));
    const longest = longestOf(whole);
    for (let page = 0; longest > PAGE_SIZE && page * PAGE_SIZE < longest; page++) {
      this.#add(subject, keyOf(`${page}`), this.#name(whole, page));
    }
  }

  /** @param page of each, where it is not the whole */
  #name(classes: readonly FilterClass[], page?: number): NamedClass[] {
    return classes
      .map((each) => (page === undefined ? each : cutPage(each, page, PAGE_SIZE)))
      .map((each) => ({ ...each, name: this.#locate(each) }));
  }

  #add(subject: string, key: string, named: readonly NamedClass[]) {
    this.lines.push({ subject, line: `\n${key} ${encodeRecord(named, this.#steps)}` });
    for (const { filter, name } of named) this.named.push([subject, filter, name]);
  }

  #addPage(folder: string) {
    this.lines.push({ subject: folder, line: `\n${pageKey(folder)} ` });
  }
}

const longestOf = (classes: readonly FilterClass[]) =>
  Math.max(0, ...classes.map(({ releases }) => releases.length));

/** The folder of most answers, the states of each row, and the answers' names. */
function encodeRecord(named: readonly NamedClass[], steps: ReadonlyMap<string, string>): string {
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

/** A text in values: the first begins with the digit of how many more there are, which takes up to three bytes. */
function cut(text: string): string[] {
  const values = [''];
  let bytes = 3;
  for (const character of text) {
    const size = Buffer.byteLength(character);
    if (bytes + size > MOST_VALUE_BYTES) {
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
