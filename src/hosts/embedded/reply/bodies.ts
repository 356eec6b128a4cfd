/**
 * Bodies by key; beyond `limitBytes` the least recently used are dropped. A body that is asked for several times while it is
 * being made is made once.
 */
export class ByteCache {
  /** Oldest use first. */
  readonly #bodies = new Map<string, Buffer>();
  readonly #inMaking = new Map<string, Promise<Buffer>>();
  readonly #limitBytes: number;
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** The bytes held now. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /**
   * The body: from memory if possible, otherwise from `make`. A failure reaches every waiting caller, and is not kept.
   */
  take(key: string, make: () => Promise<Buffer>): Buffer | Promise<Buffer> {
    const held = this.#bodies.get(key);
    if (held !== undefined) {
      // Nothing is dropped soon while there is room for as much again.
      if (this.#sizeBytes > this.#limitBytes / 2) {
        this.#bodies.delete(key);
        this.#bodies.set(key, held);
      }
      return held;
    }
    let making = this.#inMaking.get(key);
    if (making === undefined) {
      making = this.#make(key, make);
      this.#inMaking.set(key, making);
    }
    return making;
  }

  async #make(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    try {
      const body = await make();
      this.#keep(key, body);
      return body;
    } finally {
      this.#inMaking.delete(key);
    }
  }

  #keep(key: string, body: Buffer): void {
    if (body.length > this.#limitBytes) return;
    this.#bodies.set(key, body);
    this.#sizeBytes += body.length;
    for (const [oldest, { length }] of this.#bodies) {
      if (this.#sizeBytes <= this.#limitBytes) return;
      this.#bodies.delete(oldest);
      this.#sizeBytes -= length;
    }
  }
}

/** The bodies that clients have not read yet. Each counts once, however many clients it is sent to. */
export class UnreadBodies {
  readonly #readers = new Map<Buffer, number>();
  readonly #limitBytes: number;
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Whether one more stays within the limit, or is alone. */
  hasRoomFor(body: Buffer): boolean {
    return (
      this.#sizeBytes === 0 ||
      this.#sizeBytes + body.length <= this.#limitBytes ||
      this.#readers.has(body)
    );
  }

  /** Counts a body until it is released. */
  add(body: Buffer): void {
    const readers = this.#readers.get(body) ?? 0;
    this.#readers.set(body, readers + 1);
    if (readers === 0) this.#sizeBytes += body.length;
  }

  /** Once its response is out or its client gone. */
  release(body: Buffer): void {
    const readers = (this.#readers.get(body) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(body, readers);
    } else {
      this.#readers.delete(body);
      this.#sizeBytes -= body.length;
    }
  }
}
