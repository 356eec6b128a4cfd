import { readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from '../files/is-alive.ts';
import { nextPath, removeLeftovers } from '../files/replace-file.ts';
import type { WebAnswer } from './request.ts';
import { WebError } from './web-error.ts';

/** An entity tag that stands for the very same bytes; a weak one does not. */
const STRONG_TAG = /^"[\x21\x23-\x7e]*"$/;

/**
 * A download that is not complete, beside its file: what has come, and the entity tag of what it is a part of. A part that has none
 * is begun anew.
 */
export class PartialFile {
  readonly partFile: string;
  readonly #file: string;
  readonly #tagFile: string;
  readonly #url: string;

  constructor(file: string, url: string) {
    this.#file = file;
    this.#url = url;
    this.partFile = nextPath(file);
    this.#tagFile = nextPath(tagPath(file));
  }

  /** Takes over the part that a process which died has left. */
  async claim(): Promise<void> {
    if (await this.isContinuable()) return;
    const prefix = `${path.basename(this.#file)}.next-`;
    for (const name of await readdir(path.dirname(this.#file))) {
      const pid = name.startsWith(prefix) ? name.slice(prefix.length) : '';
      if (!/^\d+$/.test(pid) || isAlive(Number(pid))) continue;
      // Of two processes, one takes it.
      const isTaken = await rename(`${this.#file}.next-${pid}`, this.partFile).then(
        () => true,
        () => false,
      );
      if (!isTaken) continue;
      await rename(`${tagPath(this.#file)}.next-${pid}`, this.#tagFile).catch(() => {});
      if (await this.isContinuable()) return;
    }
  }

  /** Removes what other processes that died have left. */
  async removeLeftovers(): Promise<void> {
    await removeLeftovers(this.#file);
    await removeLeftovers(tagPath(this.#file));
  }

  /** Whether there is something to continue. */
  async isContinuable(): Promise<boolean> {
    return (await this.#look()) !== null;
  }

  /** The headers that ask for the rest, if the server still has the same. */
  async rangeHeaders(): Promise<Readonly<Record<string, string>>> {
    const known = await this.#look();
    if (known === null) return {};
    // The last byte comes again: of a whole file, a server would refuse the rest.
    return { range: `bytes=${known.sizeBytes - 1}-`, 'if-range': known.tag };
  }

  /**
   * Prepares the file for a body: keeps what the body continues, or else empties it.
   *
   * @returns how many bytes are kept
   * @throws {WebError} if the body is a part that was not asked for, or is too large
   */
  async startOf({ status, headers }: WebAnswer, mostBytes: number): Promise<number> {
    const known = await this.#look();
    const tag = headers.get('etag') ?? '';
    const [, first, last, total] =
      /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(headers.get('content-range') ?? '') ?? [];
    if (status !== 206) {
      await this.discard();
      if (STRONG_TAG.test(tag) && !headers.has('content-encoding')) {
        await writeFile(this.#tagFile, tag);
      }
      return 0;
    }
    const startBytes = (known?.sizeBytes ?? 0) - 1;
    const isTheRest =
      Number(first) === startBytes && Number(last) + 1 === Number(total) && startBytes >= 0;
    if (!isTheRest || tag !== known?.tag || headers.has('content-encoding')) {
      await this.discard();
      // The next attempt asks for all of it.
      throw new WebError(this.#url, 'sends another part than was asked for', {
        isTransient: known !== null,
      });
    }
    if (Number(total) > mostBytes) {
      throw new WebError(this.#url, `sends more than the ${mostBytes} bytes allowed`);
    }
    await truncate(this.partFile, startBytes);
    return startBytes;
  }

  /** The part is whole: it becomes the file. */
  async finish(): Promise<void> {
    await rm(this.#tagFile, { force: true });
    await rename(this.partFile, this.#file);
  }

  async discard(): Promise<void> {
    // A part without a tag is never continued.
    await rm(this.#tagFile, { force: true }).catch(() => {});
    await rm(this.partFile, { force: true }).catch(() => {});
  }

  async #look(): Promise<{ readonly sizeBytes: number; readonly tag: string } | null> {
    try {
      const tag = await readFile(this.#tagFile, 'utf8');
      const { size: sizeBytes } = await stat(this.partFile);
      return STRONG_TAG.test(tag) && sizeBytes > 0 ? { sizeBytes, tag } : null;
    } catch {
      return null;
    }
  }
}

function tagPath(file: string): string {
  return `${file}.etag`;
}
