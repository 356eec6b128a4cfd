import { UserError } from '../../lib/errors.ts';
import type { Snapshot } from '../../site/write/snapshot.ts';
import type { Bucket } from '../aws/bucket.ts';
import { manifestKey } from './object-keys.ts';
import { parseManifest } from './parse-manifest.ts';

/**
 * What a snapshot in the bucket holds; undefined where there is no such snapshot.
 *
 * @throws {UserError} where its manifest is none
 */
export async function readManifest(bucket: Bucket, id: string): Promise<Snapshot | undefined> {
  const key = manifestKey(id);
  const stored = await bucket.get(key);
  if (stored === undefined) return undefined;
  const label = `s3://${bucket.name}/${key}`;
  const snapshot = parseManifest(stored.body.toString(), label);
  if (snapshot.id === id) return snapshot;
  throw new UserError(`${label} is the manifest of another snapshot: deploy ${id} again`, [
    {
      level: 'error',
      file: label,
      path: 'id',
      found: JSON.stringify(snapshot.id),
      message: `is not ${id}`,
    },
  ]);
}
