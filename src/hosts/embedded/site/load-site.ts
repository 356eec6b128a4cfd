import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { digestOf } from '../../../lib/digests.ts';
import { UserError } from '../../../lib/errors.ts';
import { cacheControlOf, PAGE_HEADERS, PAGES_FOLDER } from '../../../router/headers/headers.ts';
import type { RoutingTable } from '../../../router/table/routing-table.ts';
import { type SnapshotFile, signedFile } from '../../../snapshot/parse-snapshot.ts';
import { MANIFEST, readSignedFile, readSnapshot } from '../../../snapshot/read-snapshot.ts';
import { makeRouter, type Router } from '../../../snapshot/table/make-router.ts';
import { toRequestTarget } from '../connection/to-request-target.ts';
import type { Reply } from '../reply/exchange.ts';
import { remember } from './remember.ts';

/** A file of a site. */
export interface SiteFile extends SnapshotFile {
  readonly plain: FileForm;
  /** Its different bytes need another entity tag. */
  readonly compressed: FileForm | undefined;
}

/** A form of a file. Headers are names and values in turn. */
export interface FileForm {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** The headers that 200 and 304 share. */
  readonly cacheHeaders: readonly string[];
  /** The headers of 200. */
  readonly headers: readonly string[];
}

/** A build as the server holds it in memory: its router, and the details of each file. */
export interface Site {
  /** The snapshot's digest. */
  readonly id: string;
  /** The build's folder, absolute. */
  readonly root: string;
  /** Takes addresses as they are sent. */
  readonly router: Router;
  /** Who may ask, as the routing table has them; undefined: everybody. */
  readonly users: string | undefined;
  /** Keyed by path with a leading slash, as the router writes it: `/snapshots/<id>/…`. */
  readonly files: ReadonlyMap<string, SiteFile>;
  /** From `fingerprintSite`, just before the build was read. */
  readonly fingerprint: string;
}

const remedy = 'run npm run build first';

/**
 * Reads a build's manifest, and with it the routing table. Answers are read on demand, and code of the
 * build never runs.
 *
 * @param makeRoute makes the router of a table
 * @param isPrivate whether a build that answers everybody is refused
 * @throws {UserError} if the folder is missing or is not a build
 */
export async function loadSite(
  dir: string,
  makeRoute: (table: RoutingTable) => Router = makeRouter,
  isPrivate = false,
): Promise<Site> {
  const root = resolve(dir);
  const label = dir.replace(/[\\/]+$/, '');
  const folder = await stat(root).catch(() => undefined);
  if (folder === undefined) throw new UserError(`${label}/ does not exist: ${remedy}`);
  if (!folder.isDirectory()) throw new UserError(`${label} is not a folder: ${remedy}`);

  const fingerprint = await fingerprintFile(join(dir, MANIFEST));
  const { snapshot } = await readSnapshot(dir);
  const { id, files, router } = snapshot;
  const ofSigned = await fingerprintFile(join(dir, signedFile(id)));
  const signed = describeSigned(id, await readSignedFile(dir, id));
  if (isPrivate && router.table.users === undefined) {
    throw new UserError(`${label}/ was built without users: build it again, with --users`);
  }
  const ask = makeRoute(router.table);
  return {
    id,
    root,
    router: remember((method, url) => ask(method, toRequestTarget(url))),
    users: router.table.users,
    files: new Map([...files, ...signed].map((file) => [`/${file.path}`, toSiteFile(file)])),
    fingerprint: `${fingerprint} ${ofSigned}`,
  };
}

/**
 * Identifies a build without reading it, by the files and modification times of its manifest and of what is signed about it.
 *
 * @param id of its snapshot, as far as known
 */
export async function fingerprintSite(dir: string, id: string): Promise<string> {
  const files = [MANIFEST, signedFile(id)].map((name) => fingerprintFile(join(dir, name)));
  return (await Promise.all(files)).join(' ');
}

/** `-` if there is no such file. */
async function fingerprintFile(file: string): Promise<string> {
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  if (found === undefined) return '-';
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(':');
}

/** The file that no manifest lists. */
function describeSigned(id: string, content: Buffer | undefined): SnapshotFile[] {
  if (content === undefined) return [];
  const described = { sha256: digestOf(content), size: content.length };
  return [{ path: signedFile(id), ...described, contentType: 'application/json' }];
}

/**
 * Routes a request: to a file of the site, or to the reply of the router.
 *
 * @param url the address of the request line, as sent
 * @throws {Error} where the router names a file that the site does not have
 */
export function route(
  site: Site,
  method: string,
  url: string,
): { readonly file: SiteFile } | { readonly reply: Reply } {
  const routed = site.router(method, url);
  if ('status' in routed) {
    const { status, headers, body } = routed;
    const bytes = Buffer.from(body);
    const length = ['Content-Length', String(bytes.length)];
    return {
      reply: { status, headers: [...Object.entries(headers).flat(), ...length], body: bytes },
    };
  }
  const file = site.files.get(routed.path);
  if (file !== undefined) return { file };
  // A build of an earlier version has no such file: that is answered as an unknown path.
  if (routed.path === `/${signedFile(site.id)}`) return route(site, method, '/api/');
  throw new Error(`the router names ${routed.path}, which snapshot.json does not list`);
}

function toSiteFile(file: SnapshotFile): SiteFile {
  const tag = file.sha256.slice(0, 32);
  // In any snapshot: `snapshots/<id>/site/…`.
  const inSnapshot = file.path.split('/').slice(2).join('/');
  const own = [
    ...['X-Content-Type-Options', 'nosniff', 'Content-Type', file.contentType],
    ...(inSnapshot.startsWith(PAGES_FOLDER) ? Object.entries(PAGE_HEADERS).flat() : []),
  ];
  const form = (etag: string, bytes: number, coding: readonly string[]): FileForm => {
    const cacheHeaders = [
      ...['ETag', etag, 'Cache-Control', cacheControlOf(inSnapshot)],
      ...['Access-Control-Allow-Origin', '*', 'Vary', 'Accept-Encoding'],
    ];
    return {
      etag,
      cacheHeaders,
      headers: [...cacheHeaders, ...own, ...coding, 'Content-Length', String(bytes)],
    };
  };
  return {
    ...file,
    plain: form(`"${tag}"`, file.size, []),
    compressed: file.gzip && form(`"${tag}-gzip"`, file.gzip.size, ['Content-Encoding', 'gzip']),
  };
}
