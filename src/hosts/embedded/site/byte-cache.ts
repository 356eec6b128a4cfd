/**
 * Bodies by key, the least recently used dropped first once they exceed `limitBytes`. A body that
 * several ask for while it is being made is made once.
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
   * The body, at once where it is held; otherwise what `make` makes of it. A failure goes to all
   * who wait for it and is not kept.
   */
  take(key: string, make: () => Promise<Buffer>): Buffer | Promise<Buffer> {
    const held = this.#bodies.get(key);
    if (held !== undefined) {
      this.#bodies.delete(key);
      this.#bodies.set(key, held);
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
