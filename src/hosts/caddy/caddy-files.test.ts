import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { skipWithoutCaddy, startCaddy } from '../../../test/engines/caddy.ts';
import { builtSite } from '../../../test/sites/built-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { exchangeRaw, send } from '../embedded/fixture-client.ts';
import { caddyTables } from './caddy-tables.ts';

const JIRA = parseCatalog(
  JSON.stringify([{ manifest: { id: 'jira', name: 'Jira', version: '1.0.0' } }]),
  'test.json',
).releases;

async function serve(t: TestContext, prefix?: string) {
  const site = await builtSite(JIRA, 'off');
  t.after(site.remove);
  const caddy = await startCaddy(site.out, prefix);
  t.after(caddy.stop);
  return { ...site, ...caddy };
}

// Of what Caddy joins, decodes or takes for another path, each once.
const TRAPS: Readonly<Record<string, number>> = {
  ...{ '?plugin_id=jira&plugin_id=x': 400, '?plugin_id=&plugin_id=jira': 400 },
  ...{ '?%70lugin_id=jira': 400, '?plugin_id=%6aira': 400, '?PLUGIN_ID=jira&page=0': 400 },
  ...{ '?plugin_id=jira;x=1': 400, '?server_version=9.0.0%0A': 400, '?page=0#x': 400 },
  ...{ '?filter=nothing': 400, '?filter=JIRA': 200, '?filter=jira&plugin_id=jira': 400 },
  ...{ '?page=1&per_page=-1': 200, '?page=-1&per_page=-1': 400, '?cloud=tRUE': 400 },
};

describe('Caddy with the rules of a build', { skip: skipWithoutCaddy }, () => {
  test('refuses what it would read in another way than the router', async (t) => {
    const { url } = await serve(t);
    for (const [query, status] of Object.entries(TRAPS)) {
      const request = `GET /api/v1/plugins${query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      assert.match(await exchangeRaw(url, request), new RegExp(`^HTTP/1\\.1 ${status} `), query);
    }
  });

  test('answers below a path only, where it has a prefix', async (t) => {
    const { url } = await serve(t, '/marketplace');
    const statuses: Record<string, number> = {
      ...{ '/marketplace/': 200, '/marketplace/api/v1/plugins?plugin_id=jira': 200 },
      ...{ '/marketplace//api/v1/plugins': 200, '/marketplace/nowhere': 404, '/marketplace': 404 },
      ...{ '/api/v1/plugins': 404, '/marketplacex/api/v1/plugins': 404, '/': 404 },
    };
    for (const [target, status] of Object.entries(statuses)) {
      assert.equal((await send(url + target)).status, status, target);
    }
  });

  test('serves a folder with a blank in its name', async (t) => {
    const site = await builtSite(JIRA, 'off');
    t.after(site.remove);
    const folder = path.join(path.dirname(site.out), 'a build');
    await rename(site.out, folder);
    const { url, stop } = await startCaddy(folder);
    t.after(stop);
    assert.equal((await send(`${url}/about/`)).status, 200);
  });

  test('sends no other file of the folder, and an error in JSON where one is missing', async (t) => {
    const { url, id, out } = await serve(t);
    await writeFile(path.join(out, 'secret'), 'secret');
    for (const target of [
      '/secret',
      `/snapshots/${id}/api/labels.json`,
      '/x/../secret',
      '/edge/',
    ]) {
      const request = `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      assert.match(await exchangeRaw(url, request), /^HTTP\/1\.1 404 .*no such page/is, target);
    }
    await rm(path.join(out, 'snapshots'), { recursive: true });
    const { status, headers, body } = await send(`${url}/api/v1/labels`);
    assert.deepEqual([status, headers.etag], [500, undefined]);
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(JSON.parse(body.toString()).status, 500);
  });
});

test('finds the state in any number of steps without a repetition that Go refuses', () => {
  const steps = Array.from({ length: 600 }, (_, i) => ({ name: '', version: i ? `5.${i}.0` : '' }));
  const none = {
    id: '',
    root: '',
    platforms: [],
    decisions: [],
    longest: 0,
    pages: [],
    files: 0,
    digest: '',
  };
  const { picks } = caddyTables({ ...none, steps, wholeViews: ['', ''] });
  const states = steps.map((_step, i) => `${i}`.padStart(4, 'x')).join('');
  const patterns = picks.map(([pattern]) => new RegExp(pattern.slice(1)));
  const counts = patterns.flatMap(({ source }) => [...source.matchAll(/\{(\d+)\}/g)]);
  assert.ok(Math.max(...counts.map(([, count]) => Number(count))) <= 1000);
  for (const i of steps.keys()) {
    const asked = `${i}:${states}`;
    const found = patterns.find((pattern) => pattern.test(asked))?.exec(asked);
    assert.equal(found?.[1], `${i}`.padStart(4, 'x'));
  }
});
