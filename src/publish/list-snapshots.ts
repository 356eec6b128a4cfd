import { servedFiles } from '../snapshot/parse-snapshot.ts';
import type { Target } from './aws/target.ts';
import { type CatalogChange, compareCatalogs } from './probe/check-loss.ts';
import { idOfManifestKey, PREFIXES } from './records/object-keys.ts';
import {
  listDeployments,
  type PublishState,
  readManifest,
  readPublishState,
  recordDeployment,
} from './records/publish-state.ts';

/** A complete snapshot in the bucket. */
export interface StoredSnapshot {
  readonly id: string;
  readonly isLive: boolean;
  readonly uploadedAt: Date;
  /** When it last went live; null if it never did. */
  readonly liveAt: Date | null;
  /** When it last stopped being live; null if it is live, or never was. */
  readonly retiredAt: Date | null;
}

/** A snapshot with its size and what it changed. */
export interface DescribedSnapshot extends StoredSnapshot {
  readonly files: number;
  readonly bytes: number;
  readonly plugins: number;
  readonly releases: number;
  /** Against the next one in the list; null for the last. */
  readonly change: CatalogChange | null;
}

/**
 * The complete snapshots, last used first: the live one, then the others by when they went live, or arrived.
 *
 * @param state read just before
 */
export async function listStored(
  { bucket }: Target,
  state: PublishState,
): Promise<StoredSnapshot[]> {
  const [manifests, deployments] = await Promise.all([
    bucket.list(PREFIXES.manifests),
    listDeployments(bucket),
  ]);
  return manifests
    .flatMap(({ key, modifiedAt }) => {
      const id = idOfManifestKey(key);
      if (id === null) return [];
      const last = deployments.findLastIndex((deployment) => deployment.id === id);
      return {
        id,
        isLive: id === state.live.id,
        uploadedAt: modifiedAt,
        liveAt: deployments[last]?.at ?? null,
        retiredAt: last < 0 ? null : (deployments[last + 1]?.at ?? null),
      };
    })
    .sort((a, b) => lastUsed(b) - lastUsed(a) || (a.id < b.id ? -1 : 1));
}

/** The snapshots with their sizes and changes. Records what is live if that is missing. */
export async function listSnapshots(target: Target): Promise<DescribedSnapshot[]> {
  const state = await readPublishState(target);
  await recordDeployment(target.bucket, state.live);
  const stored = await listStored(target, state);
  const manifests = await Promise.all(stored.map(({ id }) => readManifest(target.bucket, id)));
  return stored.flatMap((snapshot, i) => {
    const manifest = manifests[i];
    // A prune removed it meanwhile.
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

function lastUsed({ isLive, liveAt, uploadedAt }: StoredSnapshot): number {
  return isLive ? Number.POSITIVE_INFINITY : (liveAt ?? uploadedAt).getTime();
}
