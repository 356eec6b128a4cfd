import { UserError } from '../../lib/errors.ts';
import { parseSnapshot, type Snapshot } from '../../snapshot/parse-snapshot.ts';
import type { Bucket } from '../aws/target.ts';
import { manifestKey } from './object-keys.ts';

/**
 * The manifest of a snapshot in the bucket; undefined if there is no such snapshot.
 *
 * @throws {UserError} if it is not a manifest, or that of another snapshot
 */
export async function readManifest(bucket: Bucket, id: string): Promise<Snapshot | undefined> {
  const stored = await bucket.get(manifestKey(id));
  if (stored === undefined) return undefined;
  const file = `s3://${bucket.name}/${manifestKey(id)}`;
  const snapshot = parseSnapshot(stored.body.toString(), file);
  if (snapshot.id === id) return snapshot;
  throw new UserError(
    `${file} id: ${JSON.stringify(snapshot.id)} is not ${id}: deploy ${id} again`,
  );
}
