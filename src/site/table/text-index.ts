const BETWEEN = '\n';

/** Finds the texts that contain something, in time proportional to all of them together and not to their number. */
export class TextIndex {
  readonly #joined: string;
  /** Where each text begins in all of them. */
  readonly #starts: number[] = [];

  constructor(texts: readonly string[]) {
    let at = 0;
    for (const text of texts) {
      this.#starts.push(at);
      at += text.length + BETWEEN.length;
    }
    this.#joined = texts.join(BETWEEN);
  }

  /** The numbers of the texts that contain a part, ascending. */
  find(part: string): number[] {
    const found: number[] = [];
    let text = 0;
    let at = this.#joined.indexOf(part);
    while (at >= 0) {
      while (this.#startOf(text + 1) <= at) text++;
      const next = this.#startOf(text + 1);
      // Not where it begins in one text and ends in another.
      const isInside = at + part.length < next;
      if (isInside) found.push(text);
      at = this.#joined.indexOf(part, isInside ? next : at + 1);
    }
    return found;
  }

  #startOf(text: number): number {
    return this.#starts[text] ?? Infinity;
  }
}
