/**
 * The keys in the bucket. Viewers can read only what is below `snapshots/`.
 *
 *   snapshots/<id>/…                             what is served
 *   manifests/<id>/snapshot.json                 the manifest; written when the snapshot is complete
 *   manifests/<id>/cloudfront-function.js        the router, for rollbacks
 *   manifests/<id>/cloudfront-store.json         the keys that the router reads in the store; there while any of them is
 *   deployments/<when>-<id>.json                 which snapshot went live, and when
 *   builds/<id>-<digest>/…                       where hosts read the router: the rest of a build, named by its manifest
 *   prune.json                                   what a prune is removing
 */
export const PREFIXES = {
  snapshots: 'snapshots/',
  manifests: 'manifests/',
  deployments: 'deployments/',
  builds: 'builds/',
} as const;

export const PRUNE_KEY = 'prune.json';

export const manifestKey = (id: string) => `${PREFIXES.manifests}${id}/snapshot.json`;

export const routerKey = (id: string) => `${PREFIXES.manifests}${id}/cloudfront-function.js`;

export const storeKey = (id: string) => `${PREFIXES.manifests}${id}/cloudfront-store.json`;

export const deploymentKey = (at: Date, id: string) =>
  `${PREFIXES.deployments}${at.toISOString()}-${id}.json`;

const ID = '[0-9a-f]{16}';

/** The id in the key of a manifest; null for another key. */
export function idOfManifestKey(key: string): string | null {
  return new RegExp(`^${PREFIXES.manifests}(${ID})/snapshot\\.json$`).exec(key)?.[1] ?? null;
}

/** The time and id in the key of a deployment; null for another key. */
export function parseDeploymentKey(key: string): { at: Date; id: string } | null {
  const [, when = '', id = ''] =
    new RegExp(`^${PREFIXES.deployments}([0-9].{23})-(${ID})\\.json$`).exec(key) ?? [];
  const at = new Date(when);
  return !Number.isNaN(at.getTime()) && at.toISOString() === when ? { at, id } : null;
}

/** The id of the snapshot whose files a router names; null if the code is not our router, nor the name of a build. */
export function idOfRouter(code: string): string | null {
  if (isBuildName(code)) return code.slice(PREFIXES.builds.length).split('-', 1)[0] ?? null;
  return new RegExp(`/${PREFIXES.snapshots}(${ID})/`).exec(code)?.[1] ?? null;
}

/** Whether the router is a folder of the store, `builds/<id>-<digest>`, and not code. */
export function isBuildName(code: string): boolean {
  return new RegExp(`^${PREFIXES.builds}${ID}-${ID}$`).test(code);
}

export function isSnapshotId(text: string): boolean {
  return new RegExp(`^${ID}$`).test(text);
}
