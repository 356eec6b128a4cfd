/** A pause in typing after which the address follows. */
const PAUSE_MS = 200;

/** A step of the history that is still to be made. */
interface Step {
  readonly kind: 'pushState' | 'replaceState';
  readonly query: string;
  readonly title: string;
}

/**
 * The address and the title of the list. They follow what is typed after a pause: a browser takes longer to change them than
 * to search, and some refuse to do it a hundred times in a row.
 */
export class Address {
  #isTyping = false;
  readonly #siteTitle = document.title;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: Step | undefined;

  get isTyping(): boolean {
    return this.#isTyping;
  }

  /**
   * Makes a step of the history. Typing without a break makes one.
   *
   * @param query without `?`
   * @param title of the view; empty for every plugin
   */
  go(query: string, title: string, isTyping: boolean): void {
    const isOneStep = this.#isTyping && isTyping;
    if (!isOneStep) this.settle();
    const kind = isOneStep ? (this.#waiting?.kind ?? 'replaceState') : 'pushState';
    this.#waiting = { kind, query, title };
    this.#isTyping = isTyping;
    clearTimeout(this.#timer);
    if (isTyping) this.#timer = setTimeout(() => this.#write(), PAUSE_MS);
    else this.#write();
  }

  /** Ends a step: what is typed next is another. */
  settle(): void {
    this.#write();
    this.#isTyping = false;
  }

  /** The browser has gone to another step. */
  restore(title: string): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
    this.#isTyping = false;
    this.#name(title);
  }

  #write(): void {
    clearTimeout(this.#timer);
    if (this.#waiting === undefined) return;
    const { kind, query, title } = this.#waiting;
    this.#waiting = undefined;
    history[kind](null, '', query === '' ? location.pathname : `?${query}`);
    this.#name(title);
  }

  #name(title: string): void {
    document.title = [title, this.#siteTitle].filter((part) => part !== '').join(' · ');
  }
}
