/**
 * Where things lie in the bucket. Only what is below `snapshots/` can be read from outside.
 *
 *   snapshots/<id>/…                             what is served
 *   manifests/<id>/snapshot.json                 what a snapshot holds; written when all of it is there
 *   manifests/<id>/cloudfront-function.js        its router, to go back to
 *   deployments/<when>-<id>.json                 which snapshot went live, and when
 *   prune.json                                   what is being removed
 */
export const PREFIXES = {
  snapshots: 'snapshots/',
  manifests: 'manifests/',
  deployments: 'deployments/',
} as const;

/** What a prune removes at the moment. */
export const PRUNE_KEY = 'prune.json';

/** The prefix of what is served of a snapshot. */
export const snapshotPrefix = (id: string) => `${PREFIXES.snapshots}${id}/`;

/** A snapshot's `snapshot.json`. */
export const manifestKey = (id: string) => `${PREFIXES.manifests}${id}/snapshot.json`;

/** A snapshot's router. */
export const routerKey = (id: string) => `${PREFIXES.manifests}${id}/cloudfront-function.js`;

/** The record that a snapshot went live. */
export const deploymentKey = (at: Date, id: string) =>
  `${PREFIXES.deployments}${at.toISOString()}-${id}.json`;

/** What an id looks like. */
const ID = '[0-9a-f]{16}';

/** The id in the key of a manifest, or null for another key. */
export function idOfManifestKey(key: string): string | null {
  return new RegExp(`^${PREFIXES.manifests}(${ID})/snapshot\\.json$`).exec(key)?.[1] ?? null;
}

/** What the key of a deployment says, or null for another key. */
export function parseDeploymentKey(key: string): { at: Date; id: string } | null {
  const [, when = '', id = ''] =
    new RegExp(`^${PREFIXES.deployments}([0-9].{23})-(${ID})\\.json$`).exec(key) ?? [];
  const at = new Date(when);
  return !Number.isNaN(at.getTime()) && at.toISOString() === when ? { at, id } : null;
}

/** The id in a router's code: that of the snapshot whose files it names. Null for code that is no router of ours. */
export function idOfRouter(code: string): string | null {
  return new RegExp(`/${PREFIXES.snapshots}(${ID})/`).exec(code)?.[1] ?? null;
}

/** Whether a text can be the id of a snapshot. */
export function isSnapshotId(text: string): boolean {
  return new RegExp(`^${ID}$`).test(text);
}
