import type { Writable } from 'node:stream';

/** The bodies that clients have not read yet: each counts once, however many are sent it. */
export class UnreadBodies {
  readonly #readers = new Map<Buffer, number>();
  readonly #limitBytes: number;
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Counts a body until its response is out or its client gone. False where that would be too much, unless it is alone. */
  take(body: Buffer, response: Writable): boolean {
    const readers = this.#readers.get(body) ?? 0;
    const addedBytes = readers === 0 ? body.length : 0;
    if (this.#sizeBytes > 0 && this.#sizeBytes + addedBytes > this.#limitBytes) return false;
    this.#readers.set(body, readers + 1);
    this.#sizeBytes += addedBytes;
    response.once('close', () => this.#release(body));
    return true;
  }

  #release(body: Buffer): void {
    const readers = (this.#readers.get(body) ?? 1) - 1;
    if (readers > 0) {
      this.#readers.set(body, readers);
    } else {
      this.#readers.delete(body);
      this.#sizeBytes -= body.length;
    }
  }
}
