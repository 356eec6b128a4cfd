import type { Target } from './aws/target.ts';
import { servedFiles } from './plan-upload.ts';
import type { CatalogChange } from './probe/check-loss.ts';
import { compareCatalogs } from './probe/check-loss.ts';
import {
  type Deployment,
  listDeployments,
  recordDeployment,
  retiredAt,
} from './records/deployments.ts';
import { idOfManifestKey, PREFIXES } from './records/object-keys.ts';
import { type PublishState, readPublishState } from './records/publish-state.ts';
import { readManifest } from './records/read-manifest.ts';

/** A snapshot that is whole in the bucket. */
export interface StoredSnapshot {
  readonly id: string;
  readonly isLive: boolean;
  readonly uploadedAt: Date;
  /** When it went live the last time; null where it never did. */
  readonly liveAt: Date | null;
  /** When it ceased to be live the last time; null where it is, or never was. */
  readonly retiredAt: Date | null;
}

/** A snapshot with what it holds. */
export interface DescribedSnapshot extends StoredSnapshot {
  readonly files: number;
  readonly bytes: number;
  readonly plugins: number;
  readonly releases: number;
  /** Against the one below it in the list; null for the last. */
  readonly change: CatalogChange | null;
}

/**
 * The snapshots that are there whole, the one used last first: the live one, then by when they went live, or else arrived.
 *
 * @param state what was just read of the target
 */
export async function listStored(
  { bucket }: Target,
  state: PublishState,
): Promise<StoredSnapshot[]> {
  const [manifests, deployments] = await Promise.all([
    bucket.list(PREFIXES.manifests),
    listDeployments(bucket),
  ]);
  const retired = retiredAt(deployments);
  return manifests
    .flatMap(({ key, modifiedAt }) => {
      const id = idOfManifestKey(key);
      if (id === null) return [];
      return {
        id,
        isLive: id === state.live.id,
        uploadedAt: modifiedAt,
        liveAt: lastOf(deployments, id),
        retiredAt: retired.get(id) ?? null,
      };
    })
    .sort((a, b) => lastUsed(b) - lastUsed(a) || (a.id < b.id ? -1 : 1));
}

/** The snapshots with what each holds and what it changed. Puts on record what is live, should that be missing. */
export async function listSnapshots(target: Target): Promise<DescribedSnapshot[]> {
  const state = await readPublishState(target);
  await recordDeployment(target.bucket, state.live);
  const stored = await listStored(target, state);
  const manifests = await Promise.all(stored.map(({ id }) => readManifest(target.bucket, id)));
  return stored.flatMap((snapshot, i) => {
    const manifest = manifests[i];
    // It was removed in between.
    if (manifest === undefined) return [];
    const below = manifests[i + 1];
    const files = servedFiles(manifest);
    return {
      ...snapshot,
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      plugins: manifest.catalog.plugins,
      releases: manifest.catalog.releases,
      change: below ? compareCatalogs(below.catalog, manifest.catalog) : null,
    };
  });
}

function lastOf(deployments: readonly Deployment[], id: string): Date | null {
  return deployments.findLast((deployment) => deployment.id === id)?.at ?? null;
}

function lastUsed({ isLive, liveAt, uploadedAt }: StoredSnapshot): number {
  return isLive ? Number.POSITIVE_INFINITY : (liveAt ?? uploadedAt).getTime();
}
