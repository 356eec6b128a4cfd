import { createHash } from 'node:crypto';
import type { IndexedRelease } from '../../query/catalog-index.ts';
import { locate, pathOf } from '../../router/locate.ts';
import type { AnswerSpace, FilterClass } from './answer-space.ts';

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
  readonly #space: AnswerSpace;
  readonly #contents = new Map<string, string>();
  readonly #answers: Answer[] = [];
  #bytes = 0;

  constructor(space: AnswerSpace) {
    this.#space = space;
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
  addAll(classes: Iterable<FilterClass>, budget: Amount, counted: Amount): Cost {
    const count = this.count;
    const bytes = this.#bytes;
    const added = () => ({ files: this.count - count, bytes: this.#bytes - bytes });
    let isCounted = true;
    for (const { filter, releases } of classes) {
      const place = locate(this.#space.table, filter);
      if ('error' in place) {
        throw new Error(`the router refuses ${JSON.stringify(filter)}: ${place.error}`);
      }
      ['', ...this.#space.platforms].forEach((platform, form) => {
        this.#add(pathOf(this.#space.table, place, platform), releases, form);
      });
      if (exceeds(added(), budget) && exceeds(added(), counted)) {
        isCounted = false;
        break;
      }
    }
    const cost = added();
    const isAdded = !exceeds(cost, budget);
    if (!isAdded) {
      for (const { path } of this.#answers.slice(count)) this.#contents.delete(path);
      this.#answers.length = count;
      this.#bytes = bytes;
    }
    return { ...cost, isAdded, isCounted };
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

/** Whether an amount is over a limit, in files or in bytes. */
export function exceeds(amount: Amount, limit: Amount): boolean {
  return amount.files > limit.files || amount.bytes > limit.bytes;
}
