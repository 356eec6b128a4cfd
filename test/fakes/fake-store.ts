import { digestOf } from '../../src/lib/digests.ts';
import { type EdgeStore, MOST_CHANGED } from '../../src/publish/aws/target.ts';
import type { VisibleKeys } from './edge-code.ts';
import { awsError } from './faults.ts';

/** The store, which functions see some time later. */
export interface FakeStore {
  readonly etag: string;
  /** The time by the fake's own clock, which goes on while a client sleeps. */
  readonly elapsedMs: number;
  readonly keys: ReadonlyMap<string, { readonly value: string; readonly visibleAtMs: number }>;
}

export const STORE = 'arn:aws:cloudfront::123456789012:key-value-store/01234567-89ab';

export const NEW_STORE: FakeStore = { etag: 'K0', elapsedMs: 0, keys: new Map() };

/** CloudFront's limits for a store. */
const MOST_KEY_BYTES = 512;
const MOST_VALUE_BYTES = 1000;
const MOST_STORE_BYTES = 5_000_000;
const KEYS_A_PAGE = 50;

/** Where a store lies, and how it is asked. */
export interface StoreHost {
  readonly read: () => FakeStore;
  /** How long until functions see a new key. A removed one is gone at once. */
  readonly lagMs: number;
  /** Makes a request, which may change the store. */
  readonly ask: <Result>(
    operation: string,
    act: (change: (next: FakeStore) => void) => Result,
  ) => Promise<Result>;
}

/** A KeyValueStore in memory, with CloudFront's limits and conditions. */
export function openStore({ read, lagMs, ask }: StoreHost): EdgeStore {
  return {
    arn: STORE,
    describe: () =>
      ask('DescribeKeyValueStore', () => {
        const { etag, keys } = read();
        return { etag, sizeBytes: sizeOf(keys) };
      }),
    list: async () => {
      const listed: [string, string][] = [];
      for (let isLast = false; !isLast; ) {
        const page = await ask('ListKeys', () =>
          [...read().keys]
            .filter(([key]) => key > (listed.at(-1)?.[0] ?? ''))
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .slice(0, KEYS_A_PAGE)
            .map(([key, { value }]): [string, string] => [key, value]),
        );
        listed.push(...page);
        isLast = page.length < KEYS_A_PAGE;
      }
      return new Map(listed);
    },
    update: (changes, etag) =>
      ask('UpdateKeys', (change) => {
        const store = read();
        if (changes.length > MOST_CHANGED) throw awsError('ValidationException');
        if (etag !== store.etag) throw awsError('ValidationException', 'Pre-Condition failed');
        const keys = new Map(store.keys);
        for (const [key, value] of changes) {
          if (value === null && !keys.delete(key)) throw awsError('ResourceNotFoundException');
          if (value === null) continue;
          const isLong = Buffer.byteLength(value) > MOST_VALUE_BYTES;
          if (isLong || key.length > MOST_KEY_BYTES) throw awsError('ValidationException');
          keys.set(key, { value, visibleAtMs: store.elapsedMs + lagMs });
        }
        if (sizeOf(keys) > MOST_STORE_BYTES) throw awsError('ServiceQuotaExceededException');
        const next = `K${digestOf(`${etag} ${JSON.stringify(changes)}`).slice(0, 12)}`;
        change({ ...store, keys, etag: next });
        return next;
      }),
  };
}

function sizeOf(keys: FakeStore['keys']): number {
  let bytes = 0;
  for (const [key, { value }] of keys) bytes += key.length + Buffer.byteLength(value);
  return bytes;
}

/**
 * The keys that a function sees; undefined if it has no store. The same object while nothing changes.
 *
 * @param arn the store of the function
 */
export function visibleKeys(store: FakeStore, arn: string | undefined): VisibleKeys | undefined {
  if (arn !== STORE) return undefined;
  const known = visible.get(store);
  if (known) return known;
  const keys = new Map<string, string>();
  for (const [key, { value, visibleAtMs }] of store.keys) {
    if (visibleAtMs <= store.elapsedMs) keys.set(key, value);
  }
  visible.set(store, keys);
  return keys;
}

const visible = new WeakMap<FakeStore, VisibleKeys>();
