/** A request to the fakes. */
export interface Call {
  readonly client: string;
  /** The name of the SDK's command: `PutObject`. */
  readonly operation: string;
  /** The key of an object or the prefix of a listing; the name of a function. */
  readonly key: string;
}

/** Chooses the request that takes effect next: its index. They are sorted by client, then by arrival. */
export type Schedule = (waiting: readonly Call[]) => number;

/**
 * Decides the order in which the requests of several clients take effect. It chooses when every live client has a request
 * waiting, so the order depends on what the clients do and not on how fast they are: the same schedule gives the same order.
 */
export class Scheduler {
  readonly #schedule: Schedule;
  readonly #live: Set<string>;
  #waiting: { readonly call: Call; readonly go: () => void }[] = [];

  constructor(clients: Iterable<string>, schedule: Schedule) {
    this.#live = new Set(clients);
    this.#schedule = schedule;
  }

  /** Resolves when it is the request's turn. */
  turn(call: Call): Promise<void> {
    return new Promise((go) => {
      this.#waiting.push({ call, go });
      this.#next();
    });
  }

  /** A client sends nothing more: stop waiting for it. */
  leave(client: string): void {
    this.#live.delete(client);
    this.#next();
  }

  #next(): void {
    const isIdle = (client: string) => this.#waiting.every(({ call }) => call.client !== client);
    while (this.#waiting.length > 0 && ![...this.#live].some(isIdle)) {
      this.#waiting.sort((a, b) =>
        a.call.client < b.call.client ? -1 : Number(a.call.client > b.call.client),
      );
      const [chosen] = this.#waiting.splice(
        this.#schedule(this.#waiting.map(({ call }) => call)),
        1,
      );
      if (!chosen) throw new Error('the schedule chose a request that does not wait');
      chosen.go();
    }
  }
}
