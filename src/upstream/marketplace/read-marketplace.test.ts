import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FIXTURE_CORPORA, REAL_CORPORA, readCorpus } from '../../../test/corpora.ts';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { assertSameAnswers } from '../../../test/evaluated-answer.ts';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog, randomQuery } from '../../../test/samples/random-catalog.ts';
import { buildPlainSite } from '../../../test/sites/plain-site.ts';
import { GENEROUS } from '../../../test/sites/planned-site.ts';
import { formatReleases } from '../../catalog/format-catalog.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { makeFixtureFolder } from '../../hosts/embedded/site/fixture-site.ts';
import { startServer } from '../../hosts/embedded/start-server.ts';
import { UserError } from '../../lib/errors.ts';
import { type ReadMarketplaceOptions, readMarketplace } from './read-marketplace.ts';

/** What a site must publish for real clients, and no more. */
const LEAN = { ...GENEROUS, search: false, everyPageSize: false, pageSizes: [100] };

const parse = (text: string): Release[] => {
  const { releases, problems } = parseCatalog(text, 'test.json');
  assert.deepEqual(problems, []);
  return releases;
};

/** The network, with a list of what is asked for, and perhaps without catalogs to read as a whole. */
function watchedWeb({ hasCatalog = true } = {}) {
  const asked: string[] = [];
  const web = impatientWeb({
    fetch: async (url, init) => {
      asked.push(url.replace(/^https?:\/\/[^/]+|\?.*/g, ''));
      const isHidden = !hasCatalog && url.endsWith('/catalog.json');
      return isHidden ? new Response('', { status: 404 }) : await fetch(url, init);
    },
  });
  return { asked, web };
}

// The name of a catalog, how to get it, queries.
const catalogs: readonly (readonly [string, () => Release[], readonly string[]])[] = [
  ...[...FIXTURE_CORPORA, ...REAL_CORPORA].map(
    ({ name, catalog, answers }) =>
      [
        name,
        () => parse(readFileSync(catalog, 'utf8')),
        readCorpus(answers).map(({ q }) => q),
      ] as const,
  ),
  ...seeds(10).map(
    (seed) =>
      [
        `a random catalog (seed ${seed})`,
        () => {
          const given = randomCatalog(seededRandom(seed));
          return [...given, ...given.slice(0, 3)];
        },
        [],
      ] as const,
  ),
];

for (const [name, catalog, recorded] of catalogs) {
  test(`one request to our server reads all of ${name}, and its views give the same answers`, async (t) => {
    const releases = catalog();
    const random = seededRandom(1);
    const queries = [
      ...recorded,
      ...Array.from({ length: 300 }, () => randomQuery(random, releases)),
    ];
    const { url } = await serve(t, releases);
    const { asked, web } = watchedWeb();
    const whole = await readMarketplace({ url, web, mayBeEmpty: true });
    assert.deepEqual(asked, ['/catalog.json']);
    const views = watchedWeb({ hasCatalog: false });
    const viewed = await readMarketplace({ url, web: views.web, mayBeEmpty: true });
    assert.deepEqual(views.asked, ['/catalog.json', '/api/v1/plugins', '/api/v1/plugins']);
    assert.equal(formatReleases(whole.releases), formatReleases(releases));
    assertSameAnswers(whole.releases, releases, queries);
    assertSameAnswers(viewed.releases, releases, queries);
    assert.deepEqual([whole.warnings, viewed.warnings], [[], []]);
  });
}

async function serve(t: TestContext, releases: readonly Release[]) {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await buildPlainSite({ ...LEAN, out: dir, compress: 'gzip', releases });
  const server = await startServer({ dir, host: '127.0.0.1', port: 0, pollMs: 0 });
  t.after(() => server.close());
  return server;
}

const entry = (id: string) => ({ manifest: { id, version: '1.0.0' } });
const whole = parse(JSON.stringify([entry('whole')]));
const viewed = parse(JSON.stringify([entry('viewed')]));

/** A marketplace whose `/catalog.json` is answered like this, and that has other views. */
const marketplace =
  (answer: RequestListener): RequestListener =>
  (request, response) => {
    if (request.url?.startsWith('/api/v1/plugins?')) response.end(JSON.stringify(viewed));
    else answer(request, response);
  };

const end = (status: number, body: string | Buffer = '', headers = {}): RequestListener => {
  return (_, response) => response.writeHead(status, headers).end(body);
};

const list = formatReleases(whole);

// How /catalog.json is answered, by what, whether its list is what is read.
const answers: readonly (readonly [string, RequestListener, boolean])[] = [
  ['404', end(404), false],
  ['400', end(400, '{"error":"no such page"}'), false],
  ['401', end(401), false],
  ['403, as a bucket answers', end(403, '<Error/>'), false],
  ['405', end(405, '[]'), false],
  ['410', end(410), false],
  ['204', end(204), false],
  ['a page for people', end(200, '<!doctype html>'), false],
  [
    'a page for people, by its content type',
    end(200, list, { 'content-type': 'text/html' }),
    false,
  ],
  ['an object', end(200, '{"plugins":[]}'), false],
  ['null', end(200, 'null'), false],
  ['nothing', end(200, ''), false],
  ['text', end(200, 'not found'), false],
  ['bytes', end(200, Buffer.from([0xff, 0xfe])), false],
  ['a redirect to a page for people', redirectTo('/sign-in', end(200, '<html>')), false],
  ['a redirect to what is not there', redirectTo('/elsewhere.json', end(404)), false],
  ['a list', end(200, list), true],
  ['a list, as text', end(200, list, { 'content-type': 'text/plain' }), true],
  ['a list with a byte order mark', end(200, `\uFEFF\n${list}`), true],
  ['a list, compressed', end(200, gzipSync(list), { 'content-encoding': 'gzip' }), true],
  ['a list, where a redirect leads', redirectTo('/elsewhere.json', end(200, list)), true],
];

function redirectTo(location: string, answer: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === location) answer(request, response);
    else response.writeHead(302, { location }).end();
  };
}

for (const [what, answer, isRead] of answers) {
  test(`where /catalog.json gives ${what}, ${isRead ? 'it is' : 'the views are'} read`, async (t) => {
    const { url, asked } = await startLoopback(t, marketplace(answer));
    const { releases } = await readMarketplace({ url: `${url}/`, web: impatientWeb() });
    assert.deepEqual(releases, isRead ? whole : viewed);
    assert.equal(asked[0], 'GET /catalog.json');
    assert.equal(
      asked.some((request) => request.includes('/api/')),
      !isRead,
    );
  });
}

test('a catalog is read below a path', async (t) => {
  const { url, asked } = await startLoopback(t, end(200, list));
  await readMarketplace({ url: `${url}/market//`, web: impatientWeb() });
  assert.deepEqual(asked, ['GET /market/catalog.json']);
});

test('the labels of a catalog are its own, also where they look like computed ones', async (t) => {
  const label = { name: 'Beta', description: '', color: '' };
  const url = 'https://mattermost.com/pl/default-beta-plugins';
  const labelled = { ...entry('a'), release_stage: 'beta', labels: [{ ...label, url }] };
  const text = JSON.stringify([labelled]);
  const server = await startLoopback(t, end(200, text));
  const { releases } = await readMarketplace({ url: server.url, web: impatientWeb() });
  assert.deepEqual(releases, parse(text));
});

/** A repeated key, a missing end, nothing of use. */
const BROKEN = ['[{"a":1,"a":2}]', list.slice(0, -5), '[null]', '[]'];

// What /catalog.json does, how, the error message.
const faults: readonly (readonly [string, RequestListener, RegExp])[] = [
  ['is in trouble', end(503), /\/catalog\.json: answers 503 .* — it has trouble: try again later$/],
  ['is asked too often', end(429), /\/catalog\.json: answers 429 .* — it has trouble/],
  ['hangs up', ({ socket }) => socket.destroy(), /\/catalog\.json: cut the connection — check/],
  ['is silent', () => {}, /\/catalog\.json: sends nothing for 0\.4 s — check/],
  ['is cut', cut, /\/catalog\.json: cut the connection — check/],
  ['is too large', end(200, `[${' '.repeat(1_000_000)}]`), /sends more than the 1000000 bytes/],
  [
    'is too large when decompressed',
    end(200, gzipSync(`[${' '.repeat(1_000_000)}]`), { 'content-encoding': 'gzip' }),
    /sends more than the 1000000 bytes/,
  ],
  [
    'has a key twice',
    end(200, BROKEN[0]),
    /catalog\.json:1:9 \[0\]\.a: is not whole: appears twice/,
  ],
  [
    'has no end',
    end(200, BROKEN[1]),
    /catalog\.json:\d+:\d+.*: is not whole: .* — try again later/,
  ],
  ['is not UTF-8', end(200, Buffer.from([0x5b, 0xff, 0x5d])), /that is not UTF-8 — check/],
  ['lists nothing of use', end(200, BROKEN[2]), /: lists no plugin — check.*\n.* \[0\]: null is/],
  ['lists nothing', end(200, BROKEN[3]), /: lists no plugin — check/],
];

function cut(_: unknown, response: ServerResponse) {
  response.writeHead(200, { 'content-length': 9 }).write('[', () => response.destroy());
}

for (const [what, answer, expected] of faults) {
  test(`a /catalog.json that ${what} is reported, and the views do not replace it`, async (t) => {
    const { url, asked } = await startLoopback(t, marketplace(answer));
    const web = impatientWeb(what === 'is silent' ? { stallMs: 400 } : {});
    await assert.rejects(readMarketplace({ url, web, mostBytes: 1_000_000 }), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /^the marketplace /);
      assert.match(error.message, expected);
      return true;
    });
    assert.ok(!asked.some((request) => request.includes('/api/')), asked.join());
  });
}

test('a catalog that has not changed is not sent again', async (t) => {
  const { url } = await serve(t, whole);
  const statuses: number[] = [];
  const web = impatientWeb({
    fetch: async (address, init) => {
      const response = await fetch(address, init);
      statuses.push(response.status);
      return response;
    },
  });
  const first = await readMarketplace({ url, web });
  const again = await readMarketplace({ url, web, kept: first });
  assert.equal(again, first);
  const stale = await readMarketplace({ url, web, kept: { ...first, etag: '"stale"' } });
  assert.deepEqual(stale, first);
  assert.deepEqual(statuses, [200, 304, 200]);
});

// The entity tag, the entries, what is asked for the next time.
const tags: readonly (readonly [string, readonly object[], string | undefined])[] = [
  ['"a"', [entry('a')], '"a"'],
  ['W/"a"', [entry('a')], 'W/"a"'],
  // Not a tag that can be sent.
  ['"\u00fc"', [entry('a')], undefined],
  // Something is left out, and is to be reported each time.
  ['"a"', [entry('a'), { manifest: { id: 'b' } }], undefined],
];

for (const [etag, entries, expected] of tags) {
  test(`with the tag ${etag} of ${JSON.stringify(entries)}, ${expected} is sent next`, async (t) => {
    const { url, requests } = await startLoopback(t, end(200, JSON.stringify(entries), { etag }));
    const options: ReadMarketplaceOptions = { url, web: impatientWeb() };
    const kept = await readMarketplace(options);
    await readMarketplace({ ...options, kept });
    assert.deepEqual(
      requests.map(({ headers }) => headers['if-none-match']),
      [undefined, expected],
    );
  });
}
