import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Space } from '../../query/audience/space.ts';
import type { IndexedRelease } from '../../query/catalog-index.ts';
import { locate } from '../../router/locate.ts';
import { fileOf, type Name } from '../../router/name.ts';
import type { Filter } from '../../router/request/parse-filter.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
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

/** What adding answers came to. */
export interface Cost extends Amount {
  readonly isAdded: boolean;
  /** Whether it was counted to the end. */
  readonly isCounted: boolean;
}

/**
 * The answers to be published, each once. The evaluator says what is in one, the router where it lies: so the router finds by
 * construction what it is asked for.
 */
export class AnswerSet {
  readonly #space: Space;
  readonly #table: RoutingTable;
  readonly #contents = new Map<string, string>();
  readonly #answers: Answer[] = [];
  readonly #located: { readonly filter: Filter; readonly name: Name }[] = [];
  #bytes = 0;

  /** @param table of the router that places them */
  constructor(space: Space, table: RoutingTable) {
    this.#space = space;
    this.#table = table;
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  /** How many there are. */
  get count(): number {
    return this.#answers.length;
  }

  /** Bytes of all of them. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds the answers of classes, for each platform, that are not empty and not there yet; or none of them, where they are more
   * than the budget.
   *
   * @param counted where counting stops, as it is beyond the budget anyway
   * @returns how much they are, or were when counting stopped
   * @throws {Error} where the router gives two different answers one path, or refuses one: a bug
   */
  addAll(classes: Iterable<FilterClass>, budget: Amount | null, counted: Amount): Cost {
    const table = this.#table;
    const { platforms } = this.#space;
    const count = this.count;
    const located = this.#located.length;
    const bytes = this.#bytes;
    const added = () => ({ files: this.count - count, bytes: this.#bytes - bytes });
    const isTooMuch = () => budget === null || exceeds(added(), budget);
    let isCounted = true;
    for (const { filter, releases } of classes) {
      const name = locateAnswer(table, filter);
      this.#located.push({ filter, name });
      ['', ...platforms].forEach((platform, form) => {
        const path = `${table.root}api/${fileOf(table, name, platform)}.json`;
        this.#add(path, releases, form);
      });
      if (isTooMuch() && exceeds(added(), counted)) {
        isCounted = false;
        break;
      }
    }
    const cost = added();
    const isAdded = !isTooMuch();
    if (!isAdded) {
      for (const { path } of this.#answers.slice(count)) this.#contents.delete(path);
      this.#answers.length = count;
      this.#located.length = located;
      this.#bytes = bytes;
    }
    return { ...cost, isAdded, isCounted };
  }

  /**
   * Checks that a router with another table finds every answer that was added where it lies.
   *
   * @throws {Error} where it does not: a bug
   */
  checkLocations(table: RoutingTable): void {
    for (const { filter, name } of this.#located) {
      const found = locateAnswer(table, filter);
      if (!isDeepStrictEqual(found, name)) {
        throw new Error(`the router finds ${JSON.stringify(filter)} elsewhere than it was placed`);
      }
    }
  }

  #add(path: string, releases: readonly IndexedRelease[], form: number) {
    const content = this.#contentKey(releases, form);
    const known = this.#contents.get(path);
    if (known === content) return;
    if (known !== undefined) throw new Error(`two answers would lie in ${path}`);
    this.#contents.set(path, content);
    if (releases.length === 0) return;
    const { pieces, forms } = this.#space.rendered;
    const size = releases.reduce(
      (sum, { position }) => sum + 1 + (pieces[forms[position]?.[form] ?? -1]?.length ?? 0),
      2,
    );
    this.#answers.push({ path, releases, form, size });
    this.#bytes += size;
  }

  /** Equal for answers of equal bytes; short, since there is one for every file. */
  #contentKey(releases: readonly IndexedRelease[], form: number): string {
    const { forms } = this.#space.rendered;
    const key = releases.map(({ position }) => forms[position]?.[form]).join();
    return key.length > 64 ? createHash('sha256').update(key).digest('base64') : key;
  }
}

/** @throws {Error} where the router refuses a filter: a bug */
function locateAnswer(table: RoutingTable, filter: Filter): Name {
  const name = locate(table, filter);
  if (!('error' in name)) return name;
  throw new Error(`the router refuses ${JSON.stringify(filter)}: ${name.error}`);
}

/** Whether an amount is over a limit, in files or in bytes. */
export function exceeds(amount: Amount, limit: Amount): boolean {
  return amount.files > limit.files || amount.bytes > limit.bytes;
}
