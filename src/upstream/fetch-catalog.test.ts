import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { UserError } from '../errors.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { parseFilter } from '../query/parse-filter.ts';
import { renderAnswer, renderRelease } from '../query/render.ts';
import { makeFixtureFolder } from '../server/fixture-site.ts';
import { startServer } from '../server/start-server.ts';
import { buildSite } from '../site/build-site.ts';
import { PLAIN_SITE } from '../testing/plain-site.ts';
import { GENEROUS } from '../testing/planned-site.ts';
import { seededRandom } from '../testing/random.ts';
import { randomQuery } from '../testing/random-catalog.ts';
import { fetchCatalog } from './fetch-catalog.ts';

const CATALOGS = path.join(import.meta.dirname, '../testing/fixtures/catalogs');

const readFixture = (name: string): Release[] => {
  const { releases, problems } = parseCatalog(
    readFileSync(path.join(CATALOGS, name), 'utf8'),
    name,
  );
  assert.deepEqual(problems, []);
  return releases;
};

/** Answers as a marketplace over a catalog. */
const answer = (releases: readonly Release[], query: string): string | undefined => {
  const filter = parseFilter(query);
  const found = 'error' in filter ? null : evaluate(indexCatalog(releases), filter);
  if (found === null || 'error' in filter) return undefined;
  return renderAnswer(found.map(({ release }) => renderRelease(release, filter.platform)));
};

/** A server of our own making, which ends with the test. */
async function listen(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Every answer that can be asked of the one must be that of the other. */
function checkSameAnswers(fetched: readonly Release[], releases: readonly Release[]) {
  const random = seededRandom(1);
  for (let i = 0; i < 300; i++) {
    const query = randomQuery(random, releases);
    assert.equal(answer(fetched, query), answer(releases, query), query);
  }
  assert.equal(fetched.length, releases.length);
}

describe('what is fetched of a marketplace answers as the marketplace does', () => {
  for (const name of [
    '1.json',
    '2.json',
    '3.json',
    '4.json',
    '5.json',
    '6.json',
    '7.json',
    '8.json',
  ]) {
    test(`served by us: ${name}`, async (t) => {
      const releases = readFixture(name);
      const { dir, remove } = await makeFixtureFolder();
      t.after(remove);
      const little = { search: false, everyPageSize: false, pageSizes: [100] };
      const written = { out: dir, compress: 'gzip', buildTag: '', buildHash: '' } as const;
      await buildSite({ ...GENEROUS, ...PLAIN_SITE, ...little, ...written, releases });
      const server = await startServer({ dir, host: '127.0.0.1', port: 0 });
      t.after(() => server.close());
      checkSameAnswers(await fetchCatalog({ url: server.url, fetch }), releases);
    });
  }

  test('where it answers pages only, below a path, and shows computed labels twice', async (t) => {
    const releases = Array.from({ length: 250 }, (_, i) => ({
      labels:
        i % 3 === 0 ? [{ name: 'Partner' }, { name: 'Ours', url: 'https://example.com' }] : [],
      hosting: (['', 'cloud', 'on-prem'] as const)[i % 3],
      enterprise: i % 2 === 0,
      author_type: 'partner',
      release_stage: 'beta',
      manifest: { id: `plugin-${i % 20}`, version: `1.${i % 7}.0` },
    }));
    const { releases: catalog } = parseCatalog(JSON.stringify(releases), 'test.json');
    const queries: string[] = [];
    const url = await listen(t, (request, response) => {
      const { pathname, search } = new URL(request.url ?? '', 'http://test');
      const query = search.slice(1);
      queries.push(query);
      if (pathname !== '/market/api/v1/plugins') return end(response, 404, '');
      if (query.includes('per_page=-1')) return end(response, 400, '{}');
      const plugins = JSON.parse(answer(catalog, query) ?? '[]') as { labels: object[] }[];
      for (const plugin of plugins) plugin.labels.push(...plugin.labels.slice(-2));
      return end(response, 200, JSON.stringify(plugins));
    });
    checkSameAnswers(await fetchCatalog({ url: `${url}/market/`, fetch }), catalog);
    assert.ok(
      queries.some((query) => query.includes('page=1')),
      'it went on after the first page',
    );
  });
});

function end(response: ServerResponse, status: number, body: string | Buffer) {
  response.writeHead(status).end(body);
}

const entry = JSON.stringify({ manifest: { id: 'abc', version: '1.0.0' } });

// What the marketplace does, what is said of it.
const faults: readonly [string, RequestListener, RegExp][] = [
  [
    'is down for maintenance',
    (_, response) => end(response, 503, ''),
    /answers with status 503 — .*later/,
  ],
  ['is something else', (_, response) => end(response, 404, ''), /answers with status 404 — check/],
  ['refuses everything', (_, response) => end(response, 400, '{}'), /is refused/],
  [
    'has moved',
    (_, response) => response.writeHead(308, { location: 'https://example.com/' }).end(),
    /redirects to https:\/\/example\.com\/ — name/,
  ],
  [
    'answers a page for people',
    (_, response) => end(response, 200, '<html>'),
    /something else than a list.*\n.*per_page=-1:1:1/,
  ],
  ['answers an object', (_, response) => end(response, 200, '{}'), /is not an array/],
  [
    'answers a broken release',
    (_, response) => end(response, 200, '[{"manifest":{"id":"a"}}]'),
    /\[0\]\.manifest\.version: is missing/,
  ],
  [
    'answers bytes',
    (_, response) => end(response, 200, Buffer.from([0x5b, 0xff, 0x5d])),
    /not UTF-8/,
  ],
  ['hangs up', (request) => request.socket.destroy(), /cannot be reached/],
  [
    'hangs up in the middle',
    (request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('[');
      setTimeout(() => request.socket.destroy(), 20);
    },
    /cannot be reached/,
  ],
  ['says nothing', () => {}, /did not answer whole within 0\.5 s/],
  [
    'dawdles',
    (_, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    /did not answer whole within 0\.5 s/,
  ],
  ['answers without end', flood, /answers with more than 1000000 bytes/],
  [
    'has always one more page',
    ({ url }, response) =>
      url?.includes('per_page=-1')
        ? end(response, 400, '{}')
        : end(response, 200, `[${Array(100).fill(entry).join()}]`),
    /has more than 1000 pages/,
  ],
];

function flood(_: unknown, response: ServerResponse) {
  const chunk = Buffer.alloc(65_536, ' ');
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

for (const [what, listener, message] of faults) {
  test(`a marketplace that ${what} is told of`, async (t) => {
    const url = await listen(t, listener);
    const timeoutMs = what === 'says nothing' || what === 'dawdles' ? 500 : 20_000;
    const fetching = fetchCatalog({ url, fetch, timeoutMs, maxBytes: 1_000_000 });
    await assert.rejects(fetching, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /^the upstream marketplace /);
      assert.match(error.message, message);
      assert.ok(error.message.includes(url), 'it names the address');
      return true;
    });
  });
}

test('a marketplace that is not there is told of', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(
    fetchCatalog({ url: `http://127.0.0.1:${port}`, fetch }),
    /^UserError: the upstream marketplace cannot be read\n.* cannot be reached: connect ECONNREFUSED .* — check/,
  );
});
