import type { Snapshot } from '../site/snapshot.ts';
import type { Bucket } from './bucket.ts';
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
  return stored && parseManifest(stored.body.toString(), `s3://${bucket.name}/${key}`);
}
