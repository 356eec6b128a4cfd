import { createHash } from 'node:crypto';
import type { Space } from '../../query/audience/space.ts';
import type { IndexedRelease } from '../../query/catalog-index.ts';
import { locate, nameFound, viewOf } from '../../router/locate.ts';
import { foundOf, lookAt, type Plugin, readPlugins } from '../../router/members.ts';
import { fileOf, type Name } from '../../router/name.ts';
import type { Filter, Refusal } from '../../router/request/parse-filter.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { View } from '../../router/table/scan-plugin.ts';
import type { FilterClass } from './answer-space.ts';

/** A file of the snapshot: its path and what it is made of. */
export interface Answer {
  /** As the router gives it. */
  readonly path: string;
  /** In the order of the answer. */
  readonly releases: readonly IndexedRelease[];
  /** Which form of each: 0 for the default, else the platform's number. */
  readonly form: number;
  /** Bytes. */
  readonly size: number;
}

/** How much something is. */
export interface Amount {
  readonly files: number;
  readonly bytes: number;
}

/** How many texts a build asks its router for. */
const MOST_CHECKED = 1000;

/** What an answer takes as it is stored. */
export type Stored = (answer: Answer) => Amount;

/**
 * The answers to be published, each once. The evaluator says what is in one, the router's own code where it lies. Which plugins a
 * text finds it is told here; `checkTexts` asks it.
 */
export class AnswerSet {
  readonly #space: Space;
  readonly #table: RoutingTable;
  readonly #stored: Stored;
  /** The plugins' lines in the table, and where each plugin stands among them. */
  readonly #lines: string[][];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #classes: string[];
  #looked: { key: string; plugins: Plugin[]; offered: number } | undefined;
  readonly #contents = new Map<string, string>();
  readonly #answers: Answer[] = [];
  readonly #size = { files: 0, bytes: 0 };
  /** Of the first answers, what they take as they are stored: those that were measured. */
  readonly #measured = { answers: 0, files: 0, bytes: 0 };

  /** @param table of a router that refuses nothing */
  constructor(space: Space, table: RoutingTable, stored: Stored) {
    this.#space = space;
    this.#table = table;
    this.#stored = stored;
    this.#lines = readPlugins(table, '');
    this.#classes = table.classes.split(' ');
    const ids = new Set(space.catalog.map(({ id }) => id));
    this.#positions = new Map([...ids].map((id, position) => [id, position]));
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  /** How many there are, and their bytes, whatever form they are stored in. */
  get size(): Amount {
    return { ...this.#size };
  }

  /** What all of them take as they are stored. */
  measure(): Amount {
    const measured = this.#measured;
    for (const answer of this.#answers.slice(measured.answers)) {
      const { files, bytes } = this.#stored(answer);
      measured.answers++;
      measured.files += files;
      measured.bytes += bytes;
    }
    return { files: measured.files, bytes: measured.bytes };
  }

  /**
   * Whether the answers of classes may fit in some room: their distinct contents do, each of which takes a file. None of them is
   * located for that.
   *
   * @param room for what is not there yet
   */
  mayHold(classes: Iterable<FilterClass>, room: Amount): boolean {
    const known = new Set(this.#contents.values());
    const needed = { files: 0, bytes: 0 };
    for (const { releases, isForDefault } of classes) {
      if (releases.length === 0) continue;
      const forms = isForDefault ? 1 : 1 + this.#space.platforms.length;
      for (let form = 0; form < forms; form++) {
        const content = this.#contentKey(releases, form);
        if (known.has(content)) continue;
        known.add(content);
        needed.files++;
        needed.bytes += this.#sizeOf(releases, form);
        if (exceeds(needed, room)) return false;
      }
    }
    return true;
  }

  /**
   * Adds the answers of classes, for each platform, that are not empty and not there yet; or none of them, where they do not fit.
   *
   * @param fits whether there is room for all answers that are there; asked once some were added
   * @returns whether they were added
   * @throws {Error} where the router gives two different answers one path, or refuses one: a bug
   */
  addAll(classes: Iterable<FilterClass>, fits: () => boolean): boolean {
    const { platforms } = this.#space;
    const before = { size: this.size, measured: { ...this.#measured } };
    const { root } = this.#table;
    for (const filterClass of classes) {
      const name = this.locate(filterClass);
      const forms = filterClass.isForDefault ? [''] : ['', ...platforms];
      for (const [form, platform] of forms.entries()) {
        const path = `${root}api/${fileOf(this.#table, name, platform)}.json`;
        this.#add(path, filterClass.releases, form);
      }
      if (this.#answers.length === before.size.files || fits()) continue;
      for (const { path } of this.#answers.splice(before.size.files)) this.#contents.delete(path);
      Object.assign(this.#size, before.size);
      Object.assign(this.#measured, before.measured);
      return false;
    }
    return true;
  }

  /**
   * The name that the router gives an answer. Where it would look through all plugins for those that are in the answer, and they
   * are known, it is told.
   *
   * @throws {Error} where it refuses: a bug
   */
  locate({ filter, releases, whole = releases }: FilterClass): Name {
    const line = this.#lines[this.#positions.get(filter.pluginId) ?? -1];
    if (line === undefined && filter.text === '' && filter.perPage < 0)
      return answered(filter, locate(this.#table, filter));
    // The classes are taken apart once, since there may be thousands.
    const view = { ...viewOf({ ...this.#table, classes: '' }, filter), classes: this.#classes };
    if (line !== undefined) {
      const plugins = lookAt(view, [line]);
      const members = plugins.filter(isFound);
      const found = foundOf(plugins, members, members.length);
      return answered(filter, nameFound(this.#table, filter, view, found));
    }
    const { plugins, offered } = this.#lookAt(view);
    const positions = new Set(whole.map(({ id }) => this.#positions.get(id) as number));
    const found = [...positions].map((position) => plugins[position] as Plugin);
    return answered(filter, nameFound(this.#table, filter, view, foundOf(plugins, found, offered)));
  }

  /**
   * Checks that a router finds by texts what the evaluator finds: of all that find different plugins, a thousand at most.
   *
   * @param table that ships
   * @throws {Error} where it does not: a bug
   */
  checkTexts(table: RoutingTable, texts: readonly FilterClass[]): void {
    const stride = Math.ceil(texts.length / MOST_CHECKED);
    for (const each of texts.filter((_, i) => i % stride === 0)) {
      const [found, named] = [locate(table, each.filter), this.locate(each)];
      if (!('error' in found) && fileOf(table, found, '') === fileOf(table, named, '')) continue;
      throw new Error(`the router finds ${JSON.stringify(each.filter)} elsewhere than it lies`);
    }
  }

  /** What a server sees of all plugins; kept for the next filter, which is often of the same server. */
  #lookAt(view: View) {
    const key = `${view.row} ${view.step} ${view.allVersions}`;
    if (this.#looked?.key !== key) {
      const plugins = lookAt(view, this.#lines);
      const offered = plugins.filter(isFound).length;
      this.#looked = { key, plugins, offered };
    }
    return this.#looked;
  }

  #add(path: string, releases: readonly IndexedRelease[], form: number) {
    const content = this.#contentKey(releases, form);
    const known = this.#contents.get(path);
    if (known === content) return;
    if (known !== undefined) throw new Error(`two answers would lie in ${path}`);
    this.#contents.set(path, content);
    if (releases.length === 0) return;
    const size = this.#sizeOf(releases, form);
    this.#answers.push({ path, releases, form, size });
    this.#size.files++;
    this.#size.bytes += size;
  }

  /** The bytes of an answer. */
  #sizeOf(releases: readonly IndexedRelease[], form: number): number {
    const { pieces, forms } = this.#space.rendered;
    return releases.reduce(
      (sum, { position }) => sum + 1 + (pieces[forms[position]?.[form] ?? -1]?.length ?? 0),
      2,
    );
  }

  /** Equal for answers of equal bytes; short, since there is one for every file. */
  #contentKey(releases: readonly IndexedRelease[], form: number): string {
    const { forms } = this.#space.rendered;
    const key = releases.map(({ position }) => forms[position]?.[form]).join();
    return key.length > 64 ? createHash('sha256').update(key).digest('base64') : key;
  }
}

const isFound = ({ found }: Plugin) => found !== '';

/** @throws {Error} where the router refuses a filter: a bug */
function answered(filter: Filter, name: Name | Refusal): Name {
  if (!('error' in name)) return name;
  throw new Error(`the router refuses ${JSON.stringify(filter)}: ${name.error}`);
}

/** Whether an amount is over a limit, in files or in bytes. */
export function exceeds(amount: Amount, limit: Amount): boolean {
  return amount.files > limit.files || amount.bytes > limit.bytes;
}
