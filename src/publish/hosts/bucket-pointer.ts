import { randomUUID } from 'node:crypto';
import { UserError } from '../../lib/errors.ts';
import { isConditionFailed } from '../aws/aws-error.ts';
import {
  type Bucket,
  type EdgeFunction,
  type FunctionUpload,
  newObject,
  type Stage,
  type StagedCode,
  toRecord,
} from '../aws/target.ts';
import { type Pointer, parsePointer } from './parse-pointer.ts';

/** Names the live build, and the last one that somebody meant to make live. */
const KEY = 'pointer.json';

/** The pointer of a bucket that no CloudFront reads: an object, which is replaced on the condition that nobody else did. */
export class BucketPointer implements EdgeFunction {
  readonly name = KEY;
  readonly #bucket: Bucket;
  readonly #now: () => Date;

  constructor(bucket: Bucket, now: () => Date) {
    this.#bucket = bucket;
    this.#now = now;
  }

  async read(stage: Stage): Promise<StagedCode | undefined> {
    const { pointer, etag } = await this.#read();
    const code = stage === 'LIVE' ? pointer?.live?.build : pointer?.build;
    return { code: code ?? '', etag };
  }

  async publishedAt(): Promise<Date> {
    return new Date((await this.#read()).pointer?.live?.at ?? 0);
  }

  async update({ code }: FunctionUpload, etag: string): Promise<string> {
    const found = await this.#read();
    const live = found.pointer?.live ?? null;
    const body = toRecord({ build: code, live, claim: randomUUID() });
    const claimed = await this.#put(body, etag || null);
    await this.#checkConditions(body);
    return claimed;
  }

  async publish(etag: string): Promise<void> {
    const { pointer } = await this.#read();
    if (pointer === undefined) throw new Error(`${KEY} is gone`);
    const before = new Date(pointer.live?.at ?? 0).getTime();
    // The times of two are in their order, also where two machines' clocks differ.
    const at = new Date(Math.max(this.#now().getTime(), before + 1)).toISOString();
    const { build } = pointer;
    await this.#put(toRecord({ build, live: { build, at } }), etag);
  }

  /** A store that ignores conditions would let two deploys at once win. What is written is what is there. */
  async #checkConditions(body: Buffer): Promise<void> {
    try {
      await this.#put(body, null);
    } catch (error) {
      if (isConditionFailed(error)) return;
      throw error;
    }
    throw new UserError(
      `${this.#bucket.address} ignores the condition of a write (If-None-Match), so two deploys could mix: nothing went live; update its server, or publish to another one`,
    );
  }

  async #put(body: Buffer, expected: string | null): Promise<string> {
    return await this.#bucket.put(newObject(KEY, 'application/json', body), body, expected);
  }

  async #read(): Promise<{ readonly pointer?: Pointer; readonly etag: string }> {
    const stored = await this.#bucket.get(KEY);
    if (stored === undefined) return { etag: '' };
    const label = `${this.#bucket.address}/${KEY}`;
    return { pointer: parsePointer(stored.body.toString(), label), etag: stored.etag };
  }
}
