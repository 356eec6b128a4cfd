import type { RenderedCatalog } from '../../query/render-catalog.ts';
import type { Answer } from '../plan/answers.ts';
import { type DeflatedPiece, deflatePiece } from './deflate-piece.ts';
import { joinGzip } from './join-gzip.ts';

/** What may be kept of compressed pieces; the largest real catalog comes to a fifth of it. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** What no piece stands before. */
const NOTHING = Buffer.alloc(0);

/**
 * Compresses answers without compressing any text twice: each is joined from its releases, compressed. A release may refer
 * to the one before it in the answer, which often is another version of the same plugin and has the same icon; so it is
 * compressed once for each that stands before it in some answer. There are far fewer of such pairs than releases in answers.
 */
export class AnswerGzip {
  readonly #rendered: RenderedCatalog;
  readonly #keptBytes: number;
  /** By the numbers of the pieces of a pair. */
  readonly #kept = new Map<number, DeflatedPiece>();
  readonly #end = deflatePiece(Buffer.from(']\n'), NOTHING);
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

  /** An answer as a gzip file; it holds the bytes that `joinPieces` puts together. */
  compress({ releases, form }: Answer): Buffer {
    let previous = -1;
    const pieces = releases.map(({ position }) => {
      const piece = this.#rendered.forms[position]?.[form] ?? -1;
      const deflated = this.#take(previous, piece);
      previous = piece;
      return deflated;
    });
    return joinGzip([...pieces, this.#end]);
  }

  /** @param previous the number of the piece before it; -1 where it is the first */
  #take(previous: number, piece: number): DeflatedPiece {
    const { pieces } = this.#rendered;
    const key = (previous + 1) * pieces.length + piece;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const text = Buffer.concat([Buffer.from(previous < 0 ? '[' : ','), pieces[piece] ?? NOTHING]);
    const deflated = deflatePiece(text, pieces[previous] ?? NOTHING);
    this.#runs++;
    this.#sizeBytes += deflated.blocks.length;
    if (this.#sizeBytes > this.#keptBytes) {
      // Beyond what is expected: then some are compressed again, so that memory stays bounded.
      this.#kept.clear();
      this.#sizeBytes = deflated.blocks.length;
    }
    this.#kept.set(key, deflated);
    return deflated;
  }
}
