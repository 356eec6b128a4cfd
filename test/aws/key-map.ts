/** Enough that a change copies little, and few enough that it copies little. */
const SHARDS = 256;

/**
 * An immutable map from object keys to values: `set` and `delete` give a new map and copy a 256th of the old one, so that
 * the state after each of thousands of changes can be kept.
 */
export class KeyMap<Value> {
  readonly size: number;
  private readonly shards: readonly ReadonlyMap<string, Value>[];
  #sorted: readonly string[] | undefined;

  private constructor(shards: readonly ReadonlyMap<string, Value>[], size: number) {
    this.shards = shards;
    this.size = size;
  }

  static empty<Value>(): KeyMap<Value> {
    return new KeyMap<Value>(Array(SHARDS).fill(new Map()), 0);
  }

  get(key: string): Value | undefined {
    return this.shards[shardOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, value: Value): KeyMap<Value> {
    return this.#with(key, (shard) => shard.set(key, value), this.has(key) ? 0 : 1);
  }

  delete(key: string): KeyMap<Value> {
    return this.has(key) ? this.#with(key, (shard) => shard.delete(key), -1) : this;
  }

  /** In the order of their UTF-8 bytes, in which S3 lists. */
  keys(): readonly string[] {
    this.#sorted ??= this.shards
      .flatMap((shard) => [...shard.keys()])
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
      .map(({ key }) => key);
    return this.#sorted;
  }

  #with(key: string, change: (shard: Map<string, Value>) => unknown, growth: number) {
    const shards = [...this.shards];
    const shard = new Map(shards[shardOf(key)]);
    change(shard);
    shards[shardOf(key)] = shard;
    return new KeyMap<Value>(shards, this.size + growth);
  }
}

function shardOf(key: string): number {
  let hash = 0;
  for (let at = 0; at < key.length; at += 1) hash = (hash * 31 + key.charCodeAt(at)) | 0;
  return (hash >>> 0) % SHARDS;
}
