import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { ByteCache } from './byte-cache.ts';
import type { Site } from './load-site.ts';
import { readBody } from './read-body.ts';
import type { SiteFile } from './site-file.ts';

const gzip = promisify(zlib.gzip);

/**
 * The bodies of files, plain and gzipped, each kind in memory up to `limitBytes`. Keys are digests,
 * so a new build keeps what it shares with the old one, and nothing is ever stale.
 */
export class BodyStore {
  readonly #plain: ByteCache;
  readonly #gzipped: ByteCache;

  constructor(limitBytes: number) {
    this.#plain = new ByteCache(limitBytes);
    this.#gzipped = new ByteCache(limitBytes);
  }

  /**
   * A body: at once where it is in memory, so that the hot path awaits nothing.
   *
   * @throws BodyUnavailable, in the promise.
   */
  take(site: Site, file: SiteFile, isGzip: boolean): Buffer | Promise<Buffer> {
    return isGzip
      ? this.#gzipped.take(file.sha256, () => this.#compress(site, file))
      : this.#plain.take(file.sha256, () => readBody(site.root, file));
  }

  /** Does not keep the plain form: where clients accept gzip, it is needed just this once. */
  async #compress(site: Site, file: SiteFile): Promise<Buffer> {
    const plain = this.#plain.peek(file.sha256) ?? (await readBody(site.root, file));
    const compressed = await gzip(plain);
    // zlib returns a view of a larger block; a copy of the right size keeps the limit honest.
    const exact = Buffer.allocUnsafeSlow(compressed.length);
    compressed.copy(exact);
    return exact;
  }
}
