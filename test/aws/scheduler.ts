/** A request that waits for its turn. */
export interface PendingRequest {
  readonly operation: string;
  /** Of the object, or the name of the function or distribution; of DeleteObjects and ListObjectsV2 the bucket. */
  readonly key: string;
  /** The access key id. */
  readonly client: string;
}

/** Says which request takes effect next: its index. They stand by client, in the order of registration, then of arrival. */
export type Schedule = (waiting: readonly PendingRequest[]) => number;

interface Waiting {
  readonly request: PendingRequest;
  /** Lets the request take effect, or fail with the reason why its turn never came. */
  readonly act: (stall?: Error) => void;
}

/**
 * Chooses the order in which the requests of several clients take effect. A choice is made when every client that is live
 * has a request waiting, so it depends on what the clients do and not on how fast they do it.
 *
 * With one request at a time in each client, the same schedule gives the same order, run after run. A client with more
 * requests under way has some of them waiting at a choice, and which ones depends on timing: every order chosen is then one
 * that can happen, but it is not repeatable.
 */
export class Scheduler {
  readonly #schedule: Schedule;
  readonly #stallMs: number;
  readonly #live: Set<string>;
  #waiting: Waiting[] = [];
  #stall: NodeJS.Timeout | undefined;

  /** After `stallMs` in which a live client sent nothing, those that wait for it fail. */
  constructor(clients: Iterable<string>, schedule: Schedule, stallMs: number) {
    this.#live = new Set(clients);
    this.#schedule = schedule;
    this.#stallMs = stallMs;
  }

  /** Calls `act` when the request's turn has come. */
  enter(request: PendingRequest, act: Waiting['act']): void {
    this.#waiting.push({ request, act });
    this.#next();
  }

  /** A client will send nothing more: nobody waits for it any longer. */
  leave(client: string): void {
    this.#live.delete(client);
    this.#next();
  }

  /** Lets go of whatever waits. */
  close(): void {
    clearTimeout(this.#stall);
    this.#fail(new Error('the server is closed'));
  }

  #next(): void {
    clearTimeout(this.#stall);
    while (this.#waiting.length > 0 && this.#findIdle() === undefined) {
      const order = [...this.#live];
      this.#waiting.sort(
        (a, b) => order.indexOf(a.request.client) - order.indexOf(b.request.client),
      );
      const [chosen] = this.#waiting.splice(
        this.#schedule(this.#waiting.map(({ request }) => request)),
        1,
      );
      if (!chosen) throw new Error('the schedule chose a request that does not wait');
      chosen.act();
    }
    if (this.#waiting.length === 0) return;
    this.#stall = setTimeout(() => {
      const idle = this.#findIdle();
      this.#fail(new Error(`${idle} sent nothing for ${this.#stallMs} ms: is a leave() missing?`));
    }, this.#stallMs);
  }

  /** A live client that has no request waiting. */
  #findIdle(): string | undefined {
    const busy = new Set(this.#waiting.map(({ request }) => request.client));
    return [...this.#live].find((client) => !busy.has(client));
  }

  #fail(reason: Error): void {
    for (const { act } of this.#waiting.splice(0)) act(reason);
  }
}
