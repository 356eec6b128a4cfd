import { type Bucket, newObject, toRecord } from '../aws/target.ts';
import { deploymentKey, PREFIXES, parseDeploymentKey } from './object-keys.ts';
import type { LiveRouter } from './publish-state.ts';

/** A snapshot went live. */
export interface Deployment {
  readonly id: string;
  readonly at: Date;
}

/** The recorded deployments, oldest first. */
export async function listDeployments(bucket: Bucket): Promise<Deployment[]> {
  const objects = await bucket.list(PREFIXES.deployments);
  return objects
    .flatMap(({ key }) => parseDeploymentKey(key) ?? [])
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * Records what is live. A command does this after a snapshot went live and, since that may have died, again before another one
 * replaces it: so the record has no gaps. Everybody writes the same.
 */
export async function recordDeployment(bucket: Bucket, { id, at }: LiveRouter): Promise<void> {
  if (id === null) return;
  const body = toRecord({ snapshot: id, at: at.toISOString() });
  await bucket.put(newObject(deploymentKey(at, id), 'application/json', body), body);
}
