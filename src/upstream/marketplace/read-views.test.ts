import assert from 'node:assert/strict';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { assertSameAnswers, evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import { buildPlainSite } from '../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { makeFixtureFolder } from '../../hosts/embedded/site/fixture-site.ts';
import { startServer } from '../../hosts/embedded/start-server.ts';
import { UserError } from '../../lib/errors.ts';
import type { Web } from '../../lib/http/web.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { readMarketplace } from './read-marketplace.ts';

/** Exactly what a site must publish for real clients. */
const LEAN = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };

const parse = (catalog: string | readonly object[]): Release[] => {
  const text = typeof catalog === 'string' ? catalog : JSON.stringify(catalog);
  const { releases, problems } = parseCatalog(text, 'test.json');
  assert.deepEqual(problems, []);
  return releases;
};

/** The network, in which no marketplace has a catalog to read as a whole. */
const webOfViews = (more: Partial<Web> = {}) =>
  impatientWeb({
    ...more,
    fetch: async (url, init) =>
      url.endsWith('/catalog.json') ? new Response('', { status: 404 }) : await fetch(url, init),
  });

const read = async (url: string) =>
  (await readMarketplace({ url, web: webOfViews(), mayBeEmpty: true })).releases;

/** Serves releases by our own server, and reads them from there. */
async function readFromOurs(
  t: TestContext,
  releases: readonly Release[],
): Promise<readonly Release[]> {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await buildPlainSite({ ...LEAN, out: dir, compress: 'gzip', releases });
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  return await read(server.url);
}

const randomQueries = (releases: readonly Release[], count: number, seed = 1) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => randomQuery(random, releases));
};

interface MarketplaceOptions {
  readonly mayServeAll?: boolean;
  /** Changes an answer on its way. */
  readonly change?: (plugins: Release[], query: string) => Release[];
}

/** A marketplace that evaluates each request, as the reference does. */
function marketplace(
  releases: readonly Release[],
  { mayServeAll = true, change = (plugins) => plugins }: MarketplaceOptions = {},
): RequestListener {
  return ({ url = '' }, response) => {
    const [, query] = /^\/api\/v1\/plugins\?(.*)$/.exec(url) ?? [];
    if (query === undefined) return end(response, 404);
    if (!mayServeAll && query.includes('per_page=-1')) return end(response, 400);
    const plugins = JSON.parse(evaluatedAnswer(indexCatalog(releases), query) ?? '[]') as Release[];
    return end(response, 200, JSON.stringify(change(plugins, query)));
  };
}

function end(response: ServerResponse, status: number, body: string | Buffer = '') {
  response.writeHead(status).end(body);
}

for (const seed of seeds(20)) {
  test(`a marketplace with look-alikes is read, whole or in pages (seed ${seed})`, async (t) => {
    const random = seededRandom(seed);
    const given = [...randomCatalog(random), ...randomCatalog(random)];
    const releases = [...given, ...given.slice(0, 3)];
    for (const mayServeAll of [true, false]) {
      const { url } = await startLoopback(t, marketplace(releases, { mayServeAll }));
      assertSameAnswers(await read(`${url}/`), releases, randomQueries(releases, 100, seed));
    }
  });
}

test('more than a page is read in pages where everything at once is refused', async (t) => {
  const releases = parse(
    Array.from({ length: 250 }, (_, i) => ({ manifest: { id: `p${i}`, version: '1.0.0' } })),
  );
  const { url, asked } = await startLoopback(t, marketplace(releases, { mayServeAll: false }));
  assert.equal((await read(url)).length, 250);
  assert.equal(asked.length, 2 * 4);
});

test('a marketplace is read below a path, compressed, and where a redirect leads', async (t) => {
  const releases = parse([{ manifest: { id: 'abc', version: '1.0.0' } }]);
  const server = await startLoopback(t, ({ url = '', headers }, response) => {
    const [, query] = /^\/market\/api\/v1\/plugins\?(.*)$/.exec(url) ?? [];
    if (query === undefined) {
      response.writeHead(308, { location: `/market${url}` }).end();
      return;
    }
    assert.match(String(headers['accept-encoding']), /gzip/);
    response.writeHead(200, { 'content-encoding': 'gzip' });
    response.end(gzipSync(evaluatedAnswer(indexCatalog(releases), query) ?? ''));
  });
  assert.deepEqual(await read(`${server.url}/market/`), releases);
  assert.deepEqual(await read(server.url), releases);
});

test('trouble that passes is waited for', async (t) => {
  const releases = parse([{ manifest: { id: 'abc', version: '1.0.0' } }]);
  let asked = 0;
  const { url } = await startLoopback(t, (request, response) => {
    asked++;
    if (asked % 2 === 1) end(response, 503);
    else marketplace(releases)(request, response);
  });
  assert.deepEqual(await read(url), releases);
});

/** The catalog of a version 1.0.0 for each letter and hosting, such as `a b:cloud`. */
const catalogOf = (names: string) =>
  parse(
    names.split(' ').map((name) => {
      const [repo_name, hosting = ''] = name.split(':');
      return { repo_name, hosting, manifest: { id: 'abc', version: '1.0.0' } };
    }),
  );

// The answer for servers on premises, that for servers in the cloud, the catalog; null: they do not belong to one catalog.
const views: readonly (readonly [string, string, string | null])[] = [
  ['a b c', 'a b c', 'a b c'],
  ['a a', 'a a', 'a a'],
  ['a x:on-prem b', 'a y:cloud b', 'a x:on-prem y:cloud b'],
  ['x:on-prem', 'y:cloud', 'x:on-prem y:cloud'],
  // The reference service leaves the order of equal versions to chance, in each answer anew.
  ['a b c', 'c b a', 'a b c'],
  ['a x:on-prem b', 'b y:cloud a z:cloud', 'y:cloud a x:on-prem b z:cloud'],
  // A marketplace that ignores hosting shows everything to all servers.
  ['a x:on-prem y:cloud', 'a x:on-prem y:cloud', 'a x:on-prem y:cloud'],
  ['a b', 'a', null],
  ['a', 'a b', null],
  ['a a', 'a', null],
  ['a b', 'a c', null],
  ['a y:cloud', 'a', null],
  ['a', 'a x:on-prem', null],
];

for (const [onPrem, cloud, expected] of views) {
  test(`of "${onPrem}" and "${cloud}", ${expected === null ? 'no catalog' : `"${expected}"`} is read`, async (t) => {
    const answers = {
      false: JSON.stringify(catalogOf(onPrem)),
      true: JSON.stringify(catalogOf(cloud)),
    };
    const { url } = await startLoopback(t, (request, response) => {
      const isCloud = request.url?.includes('cloud=true') ? 'true' : 'false';
      end(response, 200, answers[isCloud]);
    });
    if (expected === null) {
      await assert.rejects(read(url), /: changed while it was read — try again$/);
    } else {
      assert.deepEqual(await read(url), catalogOf(expected));
    }
  });
}

/** Labels as in a catalog, by a short name; `=` has the URL of the computed label of that name. */
const LABELS = {
  New: { name: 'New', description: 'd', url: '', color: '#fff' },
  Beta: { name: 'Beta', description: 'An old one.', url: '', color: '' },
  '=Beta': {
    name: 'Beta',
    description: 'Worded otherwise.',
    url: 'https://mattermost.com/pl/default-beta-plugins',
    color: '',
  },
  '=Partner': {
    name: 'Partner',
    description: 'Worded otherwise.',
    url: 'https://mattermost.com/pl/default-partner-plugins',
    color: '',
  },
} as const;

const labels = (names: string) =>
  names.split(' ').flatMap((name) => LABELS[name as keyof typeof LABELS] ?? []);

const partnerBeta = { author_type: 'partner', release_stage: 'beta' };

// Fields of a release, the labels of an answer, those of the catalog.
const labelled: readonly (readonly [object, string, string])[] = [
  [partnerBeta, '=Partner =Beta', ''],
  [partnerBeta, 'New =Partner =Beta', 'New'],
  // Three marketplaces over each other, one of which does not know partners.
  [partnerBeta, 'New =Partner =Beta =Partner =Beta', 'New'],
  [partnerBeta, '=Beta =Partner =Beta =Partner =Beta', ''],
  // Catalogs may have labels of the same names.
  [partnerBeta, 'Beta =Partner =Beta', 'Beta'],
  [partnerBeta, '=Beta New =Partner =Beta', '=Beta New'],
  [partnerBeta, 'Beta', 'Beta'],
  [{}, '=Partner =Beta', '=Partner =Beta'],
  [{ author_type: 'partner' }, '=Partner =Beta', '=Partner =Beta'],
];

for (const [what, shown, expected] of labelled) {
  test(`of the labels "${shown}" of ${JSON.stringify(what)}, "${expected}" are the catalog's`, async (t) => {
    const manifest = { id: 'abc', version: '1.0.0' };
    const body = JSON.stringify([{ ...what, manifest, labels: labels(shown) }]);
    const { url } = await startLoopback(t, (_, response) => end(response, 200, body));
    assert.deepEqual((await read(url))[0]?.labels, labels(expected));
  });
}

test('labels of a catalog of its own come through our own server', async (t) => {
  const manifest = (id: string) => ({ id, version: '1.0.0' });
  const releases = parse([
    { manifest: manifest('a'), labels: labels('New'), author_type: 'community' },
    { manifest: manifest('b'), labels: labels('Beta'), release_stage: 'beta' },
    { manifest: manifest('c'), labels: labels('Beta =Partner') },
  ]);
  assert.deepEqual(await readFromOurs(t, releases), releases);
});

test('a large marketplace that shows labels twice is read in pages', async (t) => {
  const releases = parse(
    Array.from({ length: 250 }, (_, i) => ({
      labels: i % 3 === 0 ? labels('Beta New') : [],
      hosting: ['', 'cloud', 'on-prem'][i % 3],
      enterprise: i % 2 === 0,
      ...partnerBeta,
      manifest: { id: `plugin-${i % 20}`, version: `1.${i % 7}.0` },
    })),
  );
  const change = (plugins: Release[]) =>
    plugins.map((plugin) => ({
      ...plugin,
      labels: [...plugin.labels, ...plugin.labels.slice(-2)],
    }));
  const { url } = await startLoopback(t, marketplace(releases, { mayServeAll: false, change }));
  assertSameAnswers(await read(url), releases, randomQueries(releases, 300));
});

const entry = JSON.stringify({ manifest: { id: 'abc', version: '1.0.0' } });

// What the marketplace does, how, the error message.
const faults: readonly (readonly [string, RequestListener, RegExp])[] = [
  [
    'is down for maintenance',
    (_, response) => end(response, 503),
    /: answers 503 Service Unavailable — it has trouble: try again later$/,
  ],
  ['is something else', (_, response) => end(response, 404), /: answers 404 Not Found — check/],
  [
    'refuses everything',
    (_, response) => end(response, 400),
    /: answers 400, even when asked for everything/,
  ],
  [
    'leads in a circle',
    ({ url }, response) => response.writeHead(308, { location: url }).end(),
    /: redirects without end — check/,
  ],
  [
    'answers with a page for people',
    (_, response) => end(response, 200, '\n<html>'),
    /gives something else and not a list of plugins in JSON: .* it begins with "\\n<html>" — check the address, and whether a sign-in page/,
  ],
  [
    'answers with a page for people, by its content type',
    (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('[]'),
    /gives a web page and not a list of plugins in JSON: .* answered 200, text\/html, it begins with "\[\]" — check/,
  ],
  [
    'answers with an object',
    (_, response) => end(response, 200, '{"message":"moved"}'),
    /not a list of plugins in JSON: .* it begins with "\{\\"message\\":\\"moved\\"\}" — check/,
  ],
  ...['null', '"[]"', '0', 'true'].map(
    (body) =>
      [
        `answers with ${body}`,
        (_: unknown, response: ServerResponse) => end(response, 200, body),
        /gives something else and not a list of plugins in JSON: .* answered 200, .* — check/,
      ] as const,
  ),
  ...['', ' \n', '\uFEFF'].map(
    (body) =>
      [
        `answers with a body of ${JSON.stringify(body)}`,
        (_: unknown, response: ServerResponse) => end(response, 200, body),
        /not a list of plugins in JSON: .* answered 200, no content type, (an empty body|it begins with) .* — check|an empty body — check/,
      ] as const,
  ),
  [
    'has no content',
    (_, response) => end(response, 204),
    /not a list of plugins in JSON: .* answered 204, no content type, an empty body — check/,
  ],
  ['lists nothing', (_, response) => end(response, 200, '[]'), /: lists no plugin — check/],
  [
    'lists nothing, in pages',
    ({ url }, response) => end(response, url?.includes('per_page=-1') ? 400 : 200, '[]'),
    /: lists no plugin — check/,
  ],
  [
    'lists nothing but null',
    (_, response) => end(response, 200, '[null,null]'),
    /: lists no plugin — check.*\n.* \[0\]: null is not an object: left out.*\n.* \[1\]: null is/,
  ],
  [
    'lists a broken release and nothing else',
    (_, response) => end(response, 200, '[{"manifest":{"id":"a"}}]'),
    /: lists no plugin — check.*\n.* a@ manifest\.version: is missing: left out/,
  ],
  ...[5, 30, 100].map(
    (length) =>
      [
        `answers with ${length} characters of a list`,
        (_: unknown, response: ServerResponse) =>
          end(response, 200, `[${entry},${entry},${entry}]`.slice(0, length)),
        /does not answer with a list of plugins\n.*per_page=-1:1:\d+: is not whole: .* — try again later, or check/,
      ] as const,
  ),
  ...[
    '{"a":1,"a":2}',
    '{"manifest":{"id":"a","id":"b"}}',
    '{"x":[{"__proto__":1,"__proto__":1}]}',
  ].map(
    (repeated) =>
      [
        `answers with a key that appears twice, ${repeated}`,
        (_: unknown, response: ServerResponse) => end(response, 200, `[${entry},${repeated}]`),
        /per_page=-1:1:\d+ \[1\]\.\S+: is not whole: appears twice, .* — try again later/,
      ] as const,
  ),
  [
    'answers with bytes',
    (_, response) => end(response, 200, Buffer.from([0x5b, 0xff, 0x5d])),
    /: answers with something that is not UTF-8 — check/,
  ],
  ['hangs up', (request) => request.socket.destroy(), /: cut the connection — check/],
  [
    'hangs up in the middle',
    (_, response) =>
      response.writeHead(200, { 'content-length': 9 }).write('[', () => response.destroy()),
    /: cut the connection — check/,
  ],
  ['is silent', () => {}, /: sends nothing for 0\.4 s — check/],
  [
    'dawdles',
    (_, response) => {
      const timer = setInterval(() => response.write(' '), 50);
      response.on('close', () => clearInterval(timer));
    },
    /: takes longer than 1 s — check/,
  ],
  ['answers without end', flood, /: sends more than the 1000000 bytes allowed — check/],
  [
    'has always one more page',
    ({ url }, response) =>
      url?.includes('per_page=-1')
        ? end(response, 400)
        : end(response, 200, `[${Array(100).fill(0).join()}]`),
    /: has more than 1000 pages — check/,
  ],
  [
    'has pages that are too much together',
    ({ url }, response) =>
      url?.includes('per_page=-1')
        ? end(response, 400)
        : end(response, 200, `[${Array(100).fill(entry).join()}]`),
    /: sends more than the \d{1,6} bytes allowed — check/,
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

for (const [what, listener, expected] of faults) {
  test(`a marketplace that ${what} is reported`, async (t) => {
    const { url } = await startLoopback(t, listener);
    const limits = { dawdles: { limitMs: 1000 }, 'is silent': { stallMs: 400 } }[what];
    const web = webOfViews(limits);
    await assert.rejects(readMarketplace({ url, web, mostBytes: 1_000_000 }), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /^the marketplace /);
      assert.match(error.message, expected);
      assert.ok(error.problems.length > 0, 'a build that continues without it can report why');
      assert.ok(error.message.includes(url), 'it names the address');
      return true;
    });
  });
}

test('an unreachable marketplace is reported', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(
    read(`http://127.0.0.1:${port}`),
    /^UserError: the marketplace cannot be read\n.*: refuses the connection — check/,
  );
});
