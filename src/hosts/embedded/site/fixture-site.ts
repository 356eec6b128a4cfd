import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../lib/digests.ts';
import type { RoutingTable } from '../../../router/table/routing-table.ts';
import type { BuildSettings } from '../../../settings/build-settings.ts';
import type { Router } from '../../../snapshot/table/make-router.ts';

/** The options of `writeFixtureSite`. */
export interface FixtureSite {
  /** Hex. */
  readonly id: string;
  /** Keyed by name: `fixtureRouter` finds `list.json` at `/api/list.json`; our own router finds `api/labels.json`. */
  readonly bodies: Readonly<Record<string, string | Buffer>>;
  /** The forms of bodies of more than a kilobyte. Default: `both`. */
  readonly compress?: BuildSettings['compress'];
}

/**
 * A stand-in for our router. It sends `/api/<name>` to the file `<name>` of its snapshot, and has
 * an address for each failure of a server.
 */
export function fixtureRouter({ root }: RoutingTable): Router {
  const headers = { 'content-type': 'application/json', 'x-router': root.split('/')[2] ?? '' };
  const respond = (status: number, value: unknown) =>
    ({ status, headers, body: JSON.stringify(value) }) as unknown as ReturnType<Router>;
  return (method, target) => {
    const [path = ''] = target.split('?');
    if (path.startsWith('/api/')) return { path: root + path.slice('/api/'.length) };
    if (path === '/echo') return respond(200, { method, target });
    if (path === '/refused') return respond(400, { error: 'not published' });
    if (path === '/throws') throw new Error('router bug');
    if (path === '/bad-header') {
      return { status: 400, headers: { 'x-bad': 'a\r\nb: c' }, body: '' };
    }
    if (path === '/ghost') return { path: `${root}ghost.json` };
    if (path === '/relative') return { path: `${root.slice(1)}small.json` };
    return respond(404, { error: 'no such page' });
  };
}

/** A table without plugins: our own router finds labels, health and the pages. */
export function fixtureTable(id: string): RoutingTable {
  return {
    root: `/snapshots/${id}/`,
    steps: '=any =unspecified',
    platforms: 'default',
    ...{ patterns: '', classes: '', plugins: '', kinds: '' },
    lists: Array(8).fill('((').join(' '),
    allLists: false,
    longest: [0, 0],
    pageSizes: [[], [], []],
    ...{ texts: '\n|', onlyIds: false, abbreviations: '', idAbbreviations: '' },
    lowerCase: [],
    files: 0,
    digest: '00000000',
  };
}

/** Writes a small build by hand, the way `npm run build` lays it out. */
export async function writeFixtureSite(dir: string, site: FixtureSite): Promise<void> {
  const { compress = 'both' } = site;
  const contents = new Map<string, Buffer>();
  for (const [name, body] of Object.entries(site.bodies)) {
    contents.set(`snapshots/${site.id}/${name}`, Buffer.from(body));
  }
  const files = [...contents].map(([path, body]) => {
    const file = { path, ...describe(body), contentType: 'application/json' };
    if (compress === 'off' || body.length <= 1024) return file;
    const gzip = gzipSync(body);
    contents.set(`${path}.gz`, gzip);
    if (compress === 'gzip') contents.delete(path);
    return { ...file, gzip: describe(gzip) };
  });
  const router = { version: '0'.repeat(16), table: fixtureTable(site.id) };
  const catalog = { plugins: 0, releases: 0, versions: {} };
  const pageSizes = { newest: [], all: [], search: [] };
  const published = {
    ...{ steps: [], platforms: [], search: false, allLists: false },
    ...{ pageSizes, parts: [] },
  };
  const manifest = { id: site.id, compress, catalog, published, router, files };
  contents.set('snapshot.json', Buffer.from(JSON.stringify(manifest)));
  for (const [path, body] of contents) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), body);
  }
}

function describe(bytes: Buffer) {
  return { sha256: digestOf(bytes), size: bytes.length };
}

/** Replaces the build in `dir`, as `npm run build` does: by two renames. */
export async function swapFixtureSite(dir: string, site: FixtureSite): Promise<void> {
  const mark = randomBytes(4).toString('hex');
  await writeFixtureSite(`${dir}.new-${mark}`, site);
  await rename(dir, `${dir}.old-${mark}`);
  await rename(`${dir}.new-${mark}`, dir);
  await rm(`${dir}.old-${mark}`, { recursive: true });
}

/** A path for a build in a folder of its own, and a function that removes the folder. */
export async function makeFixtureFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'marketplace-'));
  return {
    dir: join(folder, 'dist'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
