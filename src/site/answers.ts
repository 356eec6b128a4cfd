import { createHash } from 'node:crypto';
import { locate, pathOf } from '../edge/locate.ts';
import type { IndexedRelease } from '../query/catalog-index.ts';
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

/**
 * The answers to be published, each once. The evaluator says what is in one, the router where it lies: so the router finds by
 * construction what it is asked for.
 */
export class AnswerSet {
  readonly #space: AnswerSpace;
  readonly #contents = new Map<string, string>();
  #answers: Answer[] = [];
  #size = 0;

  constructor(space: AnswerSpace) {
    this.#space = space;
  }

  get answers(): readonly Answer[] {
    return this.#answers;
  }

  /** Bytes of all of them. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds the answers of classes, for each platform, that are not empty and not there yet, or none of them.
   *
   * @param isEnough asked after each; true to stop and to take back all that was added
   * @returns how much was added, or would have been until then
   * @throws {Error} where the router gives two different answers one path, or refuses one: a bug
   */
  addAll(
    classes: Iterable<FilterClass>,
    isEnough: (files: number, bytes: number) => boolean = () => false,
  ): { files: number; bytes: number; isAdded: boolean } {
    const files = this.#answers.length;
    const size = this.#size;
    for (const { filter, releases } of classes) {
      const place = locate(this.#space.table, filter);
      if ('error' in place) {
        throw new Error(`the router refuses ${JSON.stringify(filter)}: ${place.error}`);
      }
      ['', ...this.#space.platforms].forEach((platform, form) => {
        this.#add(pathOf(this.#space.table, place, platform), releases, form);
      });
      const added = { files: this.#answers.length - files, bytes: this.#size - size };
      if (isEnough(added.files, added.bytes)) {
        for (const { path } of this.#answers.slice(files)) this.#contents.delete(path);
        this.#answers = this.#answers.slice(0, files);
        this.#size = size;
        return { ...added, isAdded: false };
      }
    }
    return { files: this.#answers.length - files, bytes: this.#size - size, isAdded: true };
  }

  #add(path: string, releases: readonly IndexedRelease[], form: number) {
    const content = this.#contentKey(releases, form);
    const known = this.#contents.get(path);
    if (known === content) return;
    if (known !== undefined)
      throw new Error(`two answers would lie in ${path}: ${known}, ${content}`);
    this.#contents.set(path, content);
    if (releases.length === 0) return;
    const { pieces, forms } = this.#space.rendered;
    const size = releases.reduce(
      (sum, { position }) => sum + 1 + (pieces[forms[position]?.[form] ?? -1]?.length ?? 0),
      2,
    );
    this.#answers.push({ path, releases, form, size });
    this.#size += size;
  }

  /** Equal for answers of equal bytes; short, since there is one for every file. */
  #contentKey(releases: readonly IndexedRelease[], form: number): string {
    const { forms } = this.#space.rendered;
    const key = releases.map(({ position }) => forms[position]?.[form]).join();
    return key.length > 64 ? createHash('sha256').update(key).digest('base64') : key;
  }
}
