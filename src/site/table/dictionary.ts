/** Numbers texts in the order in which they first come. */
export class Dictionary {
  readonly #numbers = new Map<string, number>();

  /** The number of a text, from 0 up. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** The texts, each at its number. */
  get texts(): string[] {
    return [...this.#numbers.keys()];
  }
}
