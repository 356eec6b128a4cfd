import { z } from 'zod';
import { UserError } from '../errors.ts';
import { isConditionFailed } from './aws-error.ts';
import type { Bucket } from './bucket.ts';
import { digestOf } from './digest.ts';
import { PRUNE_KEY } from './object-keys.ts';

/** What `prune.json` says: the snapshots that a prune is removing; none when it is done. */
export interface PruneRecord {
  readonly removing: readonly string[];
  /** When that prune began. */
  readonly at: string;
  /** Of the object; null where there is none. Another one: a prune began or ended. */
  readonly etag: string | null;
}

const schema = z.object({ removing: z.array(z.string()), at: z.string() });

/** @throws {UserError} where the object is none of ours */
export async function readPruneRecord(bucket: Bucket): Promise<PruneRecord> {
  const stored = await bucket.get(PRUNE_KEY);
  if (stored === undefined) return { removing: [], at: '', etag: null };
  try {
    return { ...schema.parse(JSON.parse(stored.body.toString())), etag: stored.etag };
  } catch {
    throw new UserError(
      `s3://${bucket.name}/${PRUNE_KEY} is not what a prune wrote: look at it, and remove it if nothing is being pruned`,
    );
  }
}

/**
 * Writes what is being removed, in place of the record that was read.
 *
 * @returns null where another prune was first
 */
export async function writePruneRecord(
  bucket: Bucket,
  before: PruneRecord,
  removing: readonly string[],
  at: Date,
): Promise<PruneRecord | null> {
  const record = { removing, at: at.toISOString() };
  const body = Buffer.from(`${JSON.stringify(record)}\n`);
  const object = {
    key: PRUNE_KEY,
    contentType: 'application/json',
    sha256: digestOf(body),
  };
  const condition =
    before.etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: before.etag };
  try {
    return { ...record, etag: await bucket.put(object, body, condition) };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // An answer that was lost made the SDK ask again: then it is our own record that is there.
    const stored = await bucket.get(PRUNE_KEY);
    return stored?.body.equals(body) ? { ...record, etag: stored.etag } : null;
  }
}

/** @throws {UserError} where a snapshot is being removed */
export function refuseRemoved({ removing, at }: PruneRecord, id: string | null): void {
  if (id === null || !removing.includes(id)) return;
  throw new UserError(
    `snapshot ${id} is being removed by a prune that began at ${at}: wait for it, or let npm run prune finish it if it died`,
  );
}
