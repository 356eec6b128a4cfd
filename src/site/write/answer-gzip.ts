import type { IndexedRelease } from '../../query/catalog-index.ts';
import type { RenderedCatalog } from '../../query/render-catalog.ts';
import { type DeflatedPiece, deflatePiece, joinGzip, sizeOfGzip } from './gzip.ts';

/** The most that is kept of compressed pieces; the largest real catalog needs a fifth of it. */
const KEPT_BYTES = 64 * 1024 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Compresses answers without compressing any text twice: it joins each from its compressed releases. A release may refer to
 * the one before it in the answer, often another version of the same plugin with the same icon, so it is compressed once for
 * each release that precedes it in some answer. There are far fewer such pairs than releases in answers.
 */
export class AnswerGzip {
  readonly #rendered: RenderedCatalog;
  readonly #keptBytes: number;
  /** Keyed by the numbers of the pieces of a pair. */
  readonly #kept = new Map<number, DeflatedPiece>();
  readonly #end = deflatePiece(Buffer.from(']\n'));
  #sizeBytes = 0;
  #runs = 0;

  constructor(rendered: RenderedCatalog, keptBytes = KEPT_BYTES) {
    this.#rendered = rendered;
    this.#keptBytes = keptBytes;
  }

  /** How many releases were compressed so far. */
  get runs(): number {
    return this.#runs;
  }

  /** An answer as a gzip file of the bytes that `joinPieces` returns. */
  compress(releases: readonly IndexedRelease[], form: number): Buffer {
    return joinGzip(this.#piecesOf(releases, form));
  }

  /** Bytes of that file. */
  sizeOf(releases: readonly IndexedRelease[], form: number): number {
    return sizeOfGzip(this.#piecesOf(releases, form));
  }

  #piecesOf(releases: readonly IndexedRelease[], form: number): DeflatedPiece[] {
    let previous = -1;
    const pieces = releases.map(({ position }) => {
      const piece = this.#rendered.forms[position]?.[form] ?? -1;
      const deflated = this.#take(previous, piece);
      previous = piece;
      return deflated;
    });
    return [...pieces, this.#end];
  }

  /** @param previous the number of the piece before it; -1 for the first */
  #take(previous: number, piece: number): DeflatedPiece {
    const { pieces } = this.#rendered;
    const key = (previous + 1) * pieces.length + piece;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const text = Buffer.concat([Buffer.from(previous < 0 ? '[' : ','), pieces[piece] ?? NOTHING]);
    const deflated = deflatePiece(text, pieces[previous]);
    this.#runs++;
    this.#sizeBytes += deflated.blocks.length;
    if (this.#sizeBytes > this.#keptBytes) {
      // Bounds the memory for catalogs larger than any known; then some pieces are compressed again.
      this.#kept.clear();
      this.#sizeBytes = deflated.blocks.length;
    }
    this.#kept.set(key, deflated);
    return deflated;
  }
}
