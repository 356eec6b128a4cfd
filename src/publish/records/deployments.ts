import { digestOf } from '../../lib/digests.ts';
import type { Bucket } from '../aws/bucket.ts';
import { deploymentKey, PREFIXES, parseDeploymentKey } from './object-keys.ts';
import type { LiveRouter } from './publish-state.ts';

/** That a snapshot went live. */
export interface Deployment {
  readonly id: string;
  readonly at: Date;
}

/** Every time a snapshot went live that is on record, oldest first. */
export async function listDeployments(bucket: Bucket): Promise<Deployment[]> {
  const objects = await bucket.list(PREFIXES.deployments);
  return objects
    .flatMap(({ key }) => parseDeploymentKey(key) ?? [])
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * Puts on record what is live. Done after a snapshot went live and, for that may have been cut short, before another takes
 * its place: so the record has no gaps. Whoever does it writes the same.
 */
export async function recordDeployment(bucket: Bucket, live: LiveRouter): Promise<void> {
  if (live.id === null) return;
  const body = Buffer.from(`${JSON.stringify({ snapshot: live.id, at: live.at.toISOString() })}\n`);
  await bucket.put(
    {
      key: deploymentKey(live.at, live.id),
      contentType: 'application/json',
      sha256: digestOf(body),
    },
    body,
  );
}

/**
 * When each snapshot ceased to be live the last time. Missing: those that never were live; the live one.
 *
 * @param deployments oldest first
 */
export function retiredAt(deployments: readonly Deployment[]): ReadonlyMap<string, Date> {
  const retired = new Map<string, Date>();
  for (const [i, { id }] of deployments.entries()) {
    const next = deployments[i + 1];
    if (next === undefined) retired.delete(id);
    else retired.set(id, next.at);
  }
  return retired;
}
