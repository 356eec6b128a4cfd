import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { BuildSettings } from '../settings/build-settings.ts';

/** What goes into `writeFixtureSite`. */
export interface FixtureSite {
  /** Hex. */
  readonly id: string;
  /** By name: `list.json` is served at `/api/list.json`. */
  readonly bodies: Readonly<Record<string, string | Buffer>>;
  /** In which forms bodies of more than a kilobyte are there; `both` where it is missing. */
  readonly compress?: BuildSettings['compress'];
}

/**
 * A stand-in for the router of a build. It sends `/api/<name>` to the file `<name>` of its snapshot,
 * and has an address for each thing that a router may do.
 */
function fixtureRouter(id: string): string {
  return `
    const escape = 'a router may declare the name of a built-in';
    function respond(statusCode, value) {
      return {
        statusCode: statusCode,
        statusDescription: 'Fixture',
        headers: { 'content-type': { value: 'application/json' }, 'x-router': { value: escape && '${id}' } },
        body: JSON.stringify(value),
      };
    }
    function handler(event) {
      const request = event.request;
      const pairs = [];
      for (const key in request.querystring) {
        if (Object.prototype.hasOwnProperty.call(request.querystring, key)) {
          pairs.push([key, request.querystring[key]]);
        }
      }
      switch (request.uri) {
        case '/echo': return respond(200, { method: request.method, uri: request.uri, pairs: pairs });
        case '/headers': return respond(200, request.headers);
        case '/globals': return respond(200, [typeof process, typeof require, typeof setTimeout, typeof globalThis, typeof fetch]);
        case '/refused': return respond(400, { error: 'not published' });
        case '/gone': return { statusCode: 204, headers: {} };
        case '/throws': throw new Error('router bug');
        case '/nothing': return undefined;
        case '/bad-header': return { statusCode: 200, headers: { 'x-bad': { value: 'a\\r\\nb: c' } }, body: '' };
        case '/ghost': request.uri = '/snapshots/${id}/ghost.json'; return request;
      }
      if (request.uri.indexOf('/api/') === 0) {
        request.uri = '/snapshots/${id}/' + request.uri.slice('/api/'.length);
        request.querystring = {};
      }
      return request;
    } // a comment at the end
  `;
}

/** Writes a small build by hand, the way `npm run build` lays it out. */
export async function writeFixtureSite(dir: string, site: FixtureSite): Promise<void> {
  const { compress = 'both' } = site;
  const contents = new Map<string, Buffer>();
  for (const [name, body] of Object.entries(site.bodies)) {
    contents.set(`snapshots/${site.id}/${name}`, Buffer.from(body));
  }
  contents.set('edge/cloudfront-function.js', Buffer.from(fixtureRouter(site.id)));
  const files = [...contents].map(([path, body]) => {
    const file = { path, ...describe(body), contentType: 'application/json' };
    if (compress === 'off' || body.length <= 1024 || path.startsWith('edge/')) return file;
    const gzip = gzipSync(body);
    contents.set(`${path}.gz`, gzip);
    if (compress === 'gzip') contents.delete(path);
    return { ...file, gzip: describe(gzip) };
  });
  contents.set('snapshot.json', Buffer.from(JSON.stringify({ id: site.id, compress, files })));
  for (const [path, body] of contents) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), body);
  }
}

function describe(bytes: Buffer) {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

/** Puts another build in the place of `dir`, as `npm run build` does: by two renames. */
export async function swapFixtureSite(dir: string, site: FixtureSite): Promise<void> {
  const mark = randomBytes(4).toString('hex');
  await writeFixtureSite(`${dir}.new-${mark}`, site);
  await rename(dir, `${dir}.old-${mark}`);
  await rename(`${dir}.new-${mark}`, dir);
  await rm(`${dir}.old-${mark}`, { recursive: true });
}

/** A path for a build in a folder of its own, and what removes the folder again. */
export async function makeFixtureFolder(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'marketplace-'));
  return {
    dir: join(folder, 'dist'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
