import { z } from 'zod';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import { parseJsonAs } from '../../lib/json/parse-json.ts';
import { isConditionFailed } from '../aws/aws-error.ts';
import type { Bucket } from '../aws/bucket.ts';
import { isSnapshotId, PRUNE_KEY } from './object-keys.ts';

/** What `prune.json` says: the snapshots that a prune is removing; none when it is done. */
export interface PruneRecord {
  readonly removing: readonly string[];
  /** When that prune began. */
  readonly at: string;
  /** Of the object; null where there is none. Another one: a prune began or ended. */
  readonly etag: string | null;
}

/** Whatever is named here is removed, so nothing but whole snapshots may be. */
const schema = z.object({
  removing: z.array(z.string().refine(isSnapshotId, 'is not the id of a snapshot')),
  at: z.iso.datetime('is no date and time'),
});

/** A prune removes some hundred snapshots at most, of 19 bytes each. */
const MOST_BYTES = 2 ** 20;

/** @throws {UserError} where the object is none of ours */
export async function readPruneRecord(bucket: Bucket): Promise<PruneRecord> {
  const stored = await bucket.get(PRUNE_KEY, MOST_BYTES);
  if (stored === undefined) return { removing: [], at: '', etag: null };
  const label = `s3://${bucket.name}/${PRUNE_KEY}`;
  const record = parseJsonAs(schema, stored.body.toString(), label);
  if ('value' in record) return { ...record.value, etag: stored.etag };
  throw new UserError(
    `${label} is not what a prune wrote: look at it, and remove it if nothing is being pruned`,
    record.problems,
  );
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
    const stored = await bucket.get(PRUNE_KEY, MOST_BYTES);
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
