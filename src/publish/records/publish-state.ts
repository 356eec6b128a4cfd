import { UserError } from '../../lib/errors.ts';
import { parseSnapshot, type Snapshot } from '../../snapshot/parse-snapshot.ts';
import { type Bucket, newObject, type Target, toRecord } from '../aws/target.ts';
import {
  deploymentKey,
  idOfRouter,
  manifestKey,
  PREFIXES,
  parseDeploymentKey,
} from './object-keys.ts';
import { type PruneRecord, readPruneRecord } from './prune-record.ts';

/** The router that answers viewers. */
export interface LiveRouter {
  /** The id of its snapshot; null if it is not ours, such as the placeholder of a new stack. */
  readonly id: string | null;
  readonly code: string;
  /** When it was published. */
  readonly at: Date;
}

/** The published state, as a command found it when it began. */
export interface PublishState {
  /** The ETag of the last uploaded router: every change of the router changes it. */
  readonly etag: string;
  /** The snapshot of that router, whether it went live or not. */
  readonly claimedId: string | null;
  readonly live: LiveRouter;
  readonly prune: PruneRecord;
}

/** @throws {UserError} if the function does not exist */
export async function readPublishState({ bucket, edge }: Target): Promise<PublishState> {
  const [development, live, prune] = await Promise.all([
    edge.read('DEVELOPMENT'),
    edge.read('LIVE'),
    readPruneRecord(bucket),
  ]);
  if (development === undefined) {
    throw new UserError(
      `the function ${edge.name} does not exist: check --function, or create the stack of infra/ first`,
    );
  }
  return {
    etag: development.etag,
    claimedId: idOfRouter(development.code),
    live: {
      id: live === undefined ? null : idOfRouter(live.code),
      code: live?.code ?? '',
      at: live === undefined ? new Date(0) : await edge.publishedAt(),
    },
    prune,
  };
}

/**
 * The manifest of a snapshot in the bucket; undefined if the snapshot does not exist.
 *
 * @throws {UserError} if it is not a manifest, or that of another snapshot
 */
export async function readManifest(bucket: Bucket, id: string): Promise<Snapshot | undefined> {
  const stored = await bucket.get(manifestKey(id));
  if (stored === undefined) return undefined;
  const file = `${bucket.address}/${manifestKey(id)}`;
  const snapshot = parseSnapshot(stored.body.toString(), file);
  if (snapshot.id === id) return snapshot;
  throw new UserError(
    `${file} id: ${JSON.stringify(snapshot.id)} is not ${id}: deploy ${id} again`,
  );
}

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
