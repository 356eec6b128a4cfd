import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { isConditionFailed } from '../aws/aws-error.ts';
import { type Bucket, newObject, toRecord } from '../aws/target.ts';
import { isSnapshotId, PRUNE_KEY } from './object-keys.ts';

/** The content of `prune.json`. */
export interface PruneRecord {
  /** The snapshots that a prune is removing; none when it is done. */
  readonly removing: readonly string[];
  /** When that prune began. */
  readonly at: string;
  /** The object's ETag; null if there is none. It changes when a prune begins or ends. */
  readonly etag: string | null;
}

/** A prune removes everything that is named here, so only whole snapshots may be. */
const schema = z.object({
  removing: z.array(z.string().refine(isSnapshotId, 'is not the id of a snapshot')),
  at: z.iso.datetime('is not a date and time'),
});

/** A prune removes some hundred snapshots at most, of 19 bytes each. */
const MOST_BYTES = 2 ** 20;

/** @throws {UserError} if no prune wrote the object */
export async function readPruneRecord(bucket: Bucket): Promise<PruneRecord> {
  const stored = await bucket.get(PRUNE_KEY, MOST_BYTES);
  if (stored === undefined) return { removing: [], at: '', etag: null };
  const label = `${bucket.address}/${PRUNE_KEY}`;
  const record = parseJsonAs(schema, stored.body.toString(), label);
  if ('value' in record) return { ...record.value, etag: stored.etag };
  throw new UserError(
    `${label} was not written by a prune: look at it, and remove it if no prune is running`,
    record.problems,
  );
}

/**
 * Replaces the record that was read.
 *
 * @returns null if another prune was faster
 */
export async function writePruneRecord(
  bucket: Bucket,
  before: PruneRecord,
  next: { readonly removing: readonly string[]; readonly at: Date },
): Promise<PruneRecord | null> {
  const record = { removing: next.removing, at: next.at.toISOString() };
  const body = toRecord(record);
  const object = newObject(PRUNE_KEY, 'application/json', body);
  try {
    return { ...record, etag: await bucket.put(object, body, before.etag) };
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
    // After a lost answer the SDK tries again, and finds our own record.
    const stored = await bucket.get(PRUNE_KEY, MOST_BYTES);
    return stored?.body.equals(body) ? { ...record, etag: stored.etag } : null;
  }
}

/** @throws {UserError} if a prune is removing the snapshot */
export function refuseRemoved({ removing, at }: PruneRecord, id: string | null): void {
  if (id === null || !removing.includes(id)) return;
  throw new UserError(
    `snapshot ${id} is being removed by a prune that began at ${at}: wait for it, or run npm run prune to finish it if it died`,
  );
}
