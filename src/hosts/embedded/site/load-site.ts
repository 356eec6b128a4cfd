import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../../../lib/errors.ts';
import type { RoutingTable } from '../../../router/table/routing-table.ts';
import { MANIFEST, readSnapshot } from '../../../snapshot/read-snapshot.ts';
import { makeRouter, type Router } from '../../../snapshot/table/make-router.ts';
import { type SiteFile, toSiteFile } from './site-file.ts';

/** A build as the server holds it in memory: how requests are routed, and what it knows of each file. */
export interface Site {
  /** The snapshot's digest. */
  readonly id: string;
  /** The build's folder, absolute. */
  readonly root: string;
  readonly router: Router;
  /** By path with a leading slash, as the router writes it: `/snapshots/<id>/…`. */
  readonly files: ReadonlyMap<string, SiteFile>;
  /** What `fingerprintSite` said just before the build was read. */
  readonly fingerprint: string;
}

const remedy = 'run npm run build first';

/**
 * Reads a build's manifest, and with it the routing table. Answers are not read until they are asked for; code of the build
 * is never run.
 *
 * @param route what routes requests by a table
 * @throws UserError where the folder is missing or is not a build.
 */
export async function loadSite(
  dir: string,
  route: (table: RoutingTable) => Router = makeRouter,
): Promise<Site> {
  const root = resolve(dir);
  const label = dir.replace(/[\\/]+$/, '');
  const folder = await stat(root).catch(() => undefined);
  if (folder === undefined) throw new UserError(`${label}/ does not exist: ${remedy}`);
  if (!folder.isDirectory()) throw new UserError(`${label} is not a folder: ${remedy}`);

  const fingerprint = await fingerprintSite(dir);
  const { snapshot } = await readSnapshot(dir);
  const { id, files, router } = snapshot;
  return {
    id,
    root,
    router: route(router.table),
    files: new Map(files.map((file) => [`/${file.path}`, toSiteFile(file)])),
    fingerprint,
  };
}

/**
 * Changes whenever a build is replaced, without reading it: which file the manifest is, and when it changed. `-` where there
 * is none.
 */
export async function fingerprintSite(dir: string): Promise<string> {
  const found = await stat(join(dir, MANIFEST), { bigint: true }).catch(() => undefined);
  if (found === undefined) return '-';
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
}
