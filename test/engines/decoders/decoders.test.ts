import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import type { Snapshot } from '../../../src/snapshot/parse-snapshot.ts';
import { builtSite } from '../../sites/built-site.ts';
import { startLoopback } from '../loopback-server.ts';
import { DECODERS, digestPage } from './decoders.ts';

const fixture = path.join(import.meta.dirname, '../../fixtures/catalogs/7.json');
const site = await builtSite(parseCatalog(readFileSync(fixture, 'utf8'), fixture).releases, 'gzip');
after(site.remove);
const snapshot: Snapshot = JSON.parse(readFileSync(path.join(site.out, 'snapshot.json'), 'utf8'));
const compressed = snapshot.files.filter(({ gzip }) => gzip !== undefined);

for (const { name, skip, digests } of DECODERS) {
  test(`${name} reads every compressed answer of a build as what it is`, { skip }, async (t) => {
    assert.ok(compressed.length > 100, `${compressed.length} answers are compressed`);
    const names = compressed.map(({ path }) => `/${path}`);
    const files = new Map(names.map((each) => [each, readFileSync(`${site.out}${each}.gz`)]));
    const page = digestPage(names);
    let tell = (_digests: string) => {};
    const told = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const { url } = await startLoopback(t, async (request, response) => {
      const body = files.get(request.url ?? '');
      if (request.url === '/told') tell(await text(request));
      if (body === undefined) {
        response.writeHead(200, { 'content-type': 'text/html' }).end(page);
        return;
      }
      assert.match(request.headers['accept-encoding'] ?? '', /gzip/);
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(body);
    });
    assert.deepEqual(
      await digests(url, names, told),
      compressed.map(({ sha256 }) => sha256),
      `invariant 3: ${name} reads other bytes`,
    );
  });
}
