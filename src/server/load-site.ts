import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { loadRouter, type Router } from '../snapshot/load-router.ts';
import { parseSnapshot, type SnapshotFile } from '../snapshot/parse-snapshot.ts';
import { type SiteFile, toSiteFile } from './site-file.ts';

/** A build as the server holds it in memory: the router, and what it knows of each file. */
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

const manifestPath = 'snapshot.json';
const routerPath = 'edge/cloudfront-function.js';
const remedy = 'run npm run build first';

/**
 * Reads a build's manifest and router. Answers are not read until they are asked for.
 * Manifest and router are of one build, or the site is refused: the manifest names the router's
 * digest.
 *
 * @throws UserError where the folder is missing or is not a build.
 */
export async function loadSite(dir: string): Promise<Site> {
  const root = resolve(dir);
  const label = dir.replace(/[\\/]+$/, '');
  const folder = await stat(root).catch(() => undefined);
  if (folder === undefined) throw new UserError(`${label}/ does not exist: ${remedy}`);
  if (!folder.isDirectory()) throw new UserError(`${label} is not a folder: ${remedy}`);

  const fingerprint = await fingerprintSite(dir);
  const manifest = await readBuilt(root, label, manifestPath);
  const { id, files } = parseSnapshot(manifest.toString('utf8'), `${label}/${manifestPath}`);
  const router = await readRouter(root, label, files);
  return {
    id,
    root,
    router,
    files: new Map(files.map((file) => [`/${file.path}`, toSiteFile(file)])),
    fingerprint,
  };
}

/**
 * Changes whenever a build is replaced, without reading it: which files the manifest and the router
 * are, and when they changed. `-` stands for one that is not there.
 */
export async function fingerprintSite(dir: string): Promise<string> {
  const marks = [manifestPath, routerPath].map(async (path) => {
    const found = await stat(join(dir, path), { bigint: true }).catch(() => undefined);
    if (found === undefined) return '-';
    return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
  });
  return (await Promise.all(marks)).join(' ');
}

async function readRouter(
  root: string,
  label: string,
  files: readonly SnapshotFile[],
): Promise<Router> {
  const source = await readBuilt(root, label, routerPath);
  const listed = files.find((file) => file.path === routerPath);
  if (listed?.sha256 !== createHash('sha256').update(source).digest('hex')) {
    throw new UserError(`${label}/${routerPath} is not the router of this build: ${remedy}`, [
      {
        level: 'error',
        file: `${label}/${manifestPath}`,
        message:
          listed === undefined ? 'does not list the router' : 'lists another digest for the router',
        remedy: 'build again into an empty folder',
      },
    ]);
  }
  try {
    return loadRouter(source.toString('utf8'), routerPath);
  } catch (error) {
    throw new UserError(`${label}/${routerPath} is not a router: ${remedy}`, [
      { level: 'error', file: `${label}/${routerPath}`, message: String(error) },
    ]);
  }
}

async function readBuilt(root: string, label: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(root, path));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UserError(
      code === 'ENOENT'
        ? `${label}/ holds no ${path}: ${remedy}`
        : `${label}/${path} cannot be read: ${code}`,
    );
  }
}
