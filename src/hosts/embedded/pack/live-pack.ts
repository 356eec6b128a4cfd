import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import {
  BUNDLES_FOLDER,
  bundlesIn,
  openPack,
  PACK_FILE,
  type PackFile,
} from '../../../pack/pack.ts';

/** A bundle to send; whoever has it closes it. */
export interface OpenBundle {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  /** Strong, with its quotes. */
  readonly etag: string;
}

/** What the addresses of bundles begin with. */
export const BUNDLES_PATH = `/${BUNDLES_FOLDER}/`;

/**
 * The bundles of a pack as `npm run catalog -- mirror` makes it: those that its `pack.json` lists, and no other file. What a
 * later run of it adds is there without a restart.
 */
export class LivePack {
  readonly #dir: string;
  readonly #report: (line: string) => void;
  /** By address. */
  #bundles: ReadonlyMap<string, PackFile> = new Map();
  /** Of the `pack.json` that was read last, also in vain. */
  #fingerprint = '';

  private constructor(dir: string, report: (line: string) => void) {
    this.#dir = dir;
    this.#report = report;
  }

  /** @throws {UserError} where the folder is no pack */
  static async open(dir: string, report: (line: string) => void): Promise<LivePack> {
    const pack = new LivePack(dir, report);
    await pack.#load(await pack.#look());
    return pack;
  }

  /**
   * Opens the bundle at an address such as `/bundles/jira-4.1.1-0f3a….tar.gz`; undefined where there is none.
   *
   * @throws {Error} where it is not as long as it was: the pack is damaged
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

  /** A pack that is damaged is reported once, and what was there before goes on. */
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
      `Serving ${bundles.length} bundles of ${this.#dir}, whose catalog finds them at ${pack.baseUrl}${BUNDLES_PATH}`,
    );
  }

  async #look(): Promise<string> {
    const found = await stat(path.join(this.#dir, PACK_FILE), { bigint: true }).catch(() => null);
    return found === null ? '' : `${found.ino} ${found.size} ${found.mtimeNs}`;
  }
}
