import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { count, errorCode, UserError } from '../../../lib/errors.ts';
import {
  BUNDLES_FOLDER,
  bundlesIn,
  openPack,
  PACK_FILE,
  type PackFile,
} from '../../../pack/format/pack.ts';
import { SHORT_LIVED } from '../../../router/headers/headers.ts';
import { matchesEtag } from '../../../router/headers/matches-etag.ts';
import type { Exchange } from './exchange.ts';

/** A bundle to send; the caller closes it. */
export interface OpenBundle {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  /** Strong, with its quotes. */
  readonly etag: string;
}

/** The beginning of the addresses of bundles. */
export const BUNDLES_PATH = `/${BUNDLES_FOLDER}/`;

/**
 * The bundles of a pack as `npm run catalog -- mirror` makes it: those that its `pack.json` lists, and no other file. Bundles
 * that a later run adds are served without a restart.
 */
export class LivePack {
  readonly #dir: string;
  readonly #report: (line: string) => void;
  /** Keyed by address. */
  #bundles: ReadonlyMap<string, PackFile> = new Map();
  /** The fingerprint of the `pack.json` that was read last, successfully or not. */
  #fingerprint = '';

  private constructor(dir: string, report: (line: string) => void) {
    this.#dir = dir;
    this.#report = report;
  }

  /** @throws {UserError} if the folder is not a pack */
  static async open(dir: string, report: (line: string) => void): Promise<LivePack> {
    const pack = new LivePack(dir, report);
    await pack.#load(await pack.#look());
    return pack;
  }

  /**
   * Opens the bundle at an address such as `/bundles/jira-4.1.1-0f3a….tar.gz`; undefined if there is none.
   *
   * @throws {Error} if its size is not the listed one: the pack is damaged
   */
  async find(address: string): Promise<OpenBundle | undefined> {
    await this.#renew();
    const listed = this.#bundles.get(address);
    if (listed === undefined) return undefined;
    const file = path.join(await realpath(this.#dir), listed.path);
    // A link may lead out of the pack.
    if ((await realpath(file).catch(() => undefined)) !== file) return undefined;
    const handle = await open(file);
    const found = await handle.stat();
    const { sizeBytes, sha256 } = listed;
    if (found.isFile() && found.size === sizeBytes) {
      return { handle, sizeBytes, etag: `"${sha256.slice(0, 32)}"` };
    }
    await handle.close();
    throw new Error(`${file} is not whole: see npm run catalog -- mirror --check ${this.#dir}`);
  }

  /** Reports a damaged pack once, and keeps serving the bundles it had. */
  async #renew(): Promise<void> {
    const fingerprint = await this.#look();
    if (fingerprint === this.#fingerprint) return;
    try {
      await this.#load(fingerprint);
    } catch (error) {
      this.#fingerprint = fingerprint;
      const reason = error instanceof UserError ? error.message : String(error);
      this.#report(`Still serving the bundles of before: ${reason}`);
    }
  }

  async #load(fingerprint: string): Promise<void> {
    const pack = await openPack(this.#dir);
    const bundles = bundlesIn(pack);
    this.#bundles = new Map(bundles.map((file) => [`/${file.path}`, file]));
    this.#fingerprint = fingerprint;
    this.#report(
      `Serving ${count(bundles.length, 'bundle')} of ${this.#dir}, whose catalog finds them at ${pack.baseUrl}${BUNDLES_PATH}`,
    );
  }

  async #look(): Promise<string> {
    const found = await stat(path.join(this.#dir, PACK_FILE), { bigint: true }).catch(() => null);
    return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`;
  }
}

/** Sends a bundle, piece by piece, to a GET or HEAD, and closes it. */
export async function sendBundle(exchange: Exchange, bundle: OpenBundle): Promise<void> {
  const { request, response } = exchange;
  const { handle, sizeBytes, etag } = bundle;
  const cached = ['ETag', etag, 'Cache-Control', SHORT_LIVED];
  try {
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifNoneMatch !== undefined && matchesEtag(ifNoneMatch, etag)) {
      exchange.send({ status: 304, headers: cached });
      return;
    }
    const headers = [
      ...cached,
      ...['Content-Type', 'application/gzip', 'Content-Length', String(sizeBytes)],
      ...['X-Content-Type-Options', 'nosniff'],
    ];
    if (request.method === 'HEAD') {
      exchange.send({ status: 200, headers });
      return;
    }
    exchange.sendHead(200, headers);
    exchange.bodyBytes = sizeBytes;
    exchange.limitWait();
    const content = handle.createReadStream({ autoClose: false });
    const isSent = pipeline(content, response);
    exchange.whenDone(() => content.destroy());
    await isSent;
  } catch (error) {
    if (!hasClientLeft(error)) throw error;
  } finally {
    await handle.close();
  }
}

function hasClientLeft(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(errorCode(error));
}
