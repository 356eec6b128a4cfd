import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parseQueryString, splitTarget } from '../../src/router/request/parse-query-string.ts';
import { route } from '../../src/router/route.ts';
import type { RoutingTable } from '../../src/router/table/routing-table.ts';
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts';
import { EDGES, type EdgeAnswer, type WireRequest } from '../engines/edges.ts';
import { type Random, seededRandom, seeds } from '../random.ts';
import { randomCatalog, randomQuery } from '../samples/random-catalog.ts';
import { builtSite } from '../sites/built-site.ts';
import { readReleases } from '../sites/planned-site.ts';

/** Requests a catalog. */
const REQUESTS = 500;

/** The hosts that decide by rules. */
const BY_RULES = ['rules of nginx', 'Apache', 'HAProxy', 'Caddy'];

const VERSIONS = [
  ...[
    '5.2.0',
    '5.19.0',
    '5.24.9',
    '5.25.0',
    '5.26.1',
    '6.0.0',
    '9.9.9',
    '10.0.0',
    '99.0.1',
    '0.0.0',
  ],
  ...['5.25.0-rc1', '5.25.0-RC1', '5.25.0-rc2', '6.0.0-rc1', '6.0.0-RC1', '6.0.0-rc1.1', '6.0.0-0'],
  ...['5.25.0%2Bbuild', '6.0.0-rc1%2b1.a', '6.0.0-rc0%2B--', '0.0.0-0', '9999999999999999999.0.0'],
];

/** What servers and their like send, in any order: every value in one spelling, each key once. */
function canonicalQuery(random: Random, ids: readonly string[]): string {
  const plain = ids.filter((id) => /^[\w.~-]+$/.test(id));
  const inCase = (id: string) => random.pick([id, id, id.toLowerCase(), id.toUpperCase()]);
  const id = () => (plain.length > 0 ? inCase(random.pick(plain)) : 'nobody');
  const about = random.pick([
    { filter: '', plugin_id: '' },
    { filter: '', plugin_id: id(), return_all_versions: random.pick(['true', 'false', '1']) },
    { filter: '', plugin_id: random.pick(['nobody', 'JIRA', '..', '-', '~', 'include', 'n']) },
    // Only ids are searched for without the router.
    plain.length > 0 ? { filter: inCase(random.pick(plain)), plugin_id: '' } : {},
  ]);
  const values: Record<string, string> = {
    ...about,
    build_enterprise_ready: random.pick(['true', 'false']),
    local_only: 'false',
    page: random.pick(['0', '0', '', '1', '2', '99']),
    per_page: random.pick(['', '100', '-1']),
    cloud: random.pick(['true', 'false', '', 'T', '0', 'FALSE']),
    enterprise_plugins: random.pick(['true', 'false', '', '1', 'f', 'True']),
    platform: random.pick(['', 'linux-amd64', 'Linux-amd64', 'linux-arm64', 'plan9-mips', 'any']),
    server_version: random.pick(['', ...VERSIONS]),
    remote_only: 'false',
    utm_source: 'x~y',
  };
  const keys = Object.keys(values).filter((key) => key in about || random.chance(0.7));
  // In any order.
  for (let i = keys.length - 1; i > 0; i--) {
    const other = random.below(i + 1);
    [keys[i], keys[other]] = [keys[other] as string, keys[i] as string];
  }
  const query = keys.map((key) => `${key}=${values[key]}`).join('&');
  return random.chance(0.1) ? `&${query}&` : query;
}

const ODD_PAIRS = [
  ...['05.1.0', '5.1', '5.1.', '9.9.9x', '6.0.0-01', '6.0.0-a..b', '6.0.0%2B', '6.0.0%2Ba%2Bb'],
  ...['v6.0.0', '6.0.0-', '99999999999999999999.0.0', '18446744073709551616.0.0', '6.0.0-a_b'],
]
  .map((version) => `server_version=${version}`)
  .concat(
    ...['cloud=yes', 'cloud=tRuE', 'enterprise_plugins=TrUE', 'page=-1', 'page=01', 'page=+1'],
    ...['per_page=0', 'per_page=50', 'per_page=-2', 'per_page=1000', 'filter=a', 'filter=name'],
  );

/** A query that rules may refuse, though the router answers it. */
function oddQuery(random: Random, query: string, other: string): string {
  const pairs = query.split('&');
  if (random.chance(0.3)) return `${random.pick(ODD_PAIRS)}&${query}`;
  // The first of several counts.
  if (random.chance(0.3)) return `${query}&${other}`;
  const at = random.below(pairs.length);
  const pair = pairs[at] ?? '';
  const edits = [
    ...[`${pair}&${pair.split('=')[0]}=x`, pair.toUpperCase(), `x${pair}`],
    ...[`${pair}%20`, `${pair}+`, `${pair};x=1`, pair.replace(/[a-z]/, escapeFirst), `?${pair}`],
    ...[pair.replace('=', ''), pair.replace('=', '=='), `${pair}#`, `${pair}x`, `${pair}\u00fc`],
    ...[
      `${pair}&${'a=b&'.repeat(32)}`,
      `${pair}&x=${'y'.repeat(1020)}`,
      `${pair}${'z'.repeat(257)}`,
    ],
    ...[pair.replace(/=.*/, '=true'), pair.replace(/=.*/, '=-1')],
  ];
  pairs[at] = random.pick(edits);
  return pairs.join('&');
}

/** Words and signs of configurations, names that objects have, ids that differ by case only, and long ones. */
const AWKWARD_IDS = [
  ...['~', '~x', '~~', 'x~', '-', '-1', '.', '..', '_'],
  ...['default', 'include', 'hostnames', 'volatile', 'Default', 'INCLUDE', 'nil', 'none', 'empty'],
  ...['whole0', 'all', 'latest', 'paged', 'n', 'm', 'v0', 'true', '0', '1'],
  ...['constructor', '__proto__', 'jira', 'Jira', 'JIRA', 'j'.repeat(190), `J${'j'.repeat(189)}`],
];

/** More than one release, of which some servers are offered another than the newest. */
const entriesOf = (id: string) =>
  ['1.0.0', '1.1.0', '2.0.0'].map((version) => ({
    download_url: `https://example.com/${id}-${version}.tar.gz`,
    manifest: { id, name: id, version, min_server_version: version === '2.0.0' ? '6.0.0' : '' },
  }));

/** Published is little beside what servers ask for. */
const FEW = { search: false, everyPageSize: false, allLists: false };

const escapeFirst = (letter: string) => `%${letter.charCodeAt(0).toString(16)}`;

interface Asked {
  readonly request: WireRequest;
  /** Whether rules have to decide it. */
  readonly isCanonical: boolean;
}

function makeRequests(random: Random, queries: readonly string[], ids: readonly string[]): Asked[] {
  return Array.from({ length: REQUESTS }, (_, i) => {
    const canonical = canonicalQuery(random, ids);
    const isCanonical = i % 3 > 0;
    const query = isCanonical
      ? canonical
      : random.pick([
          oddQuery(random, canonical, canonicalQuery(random, ids)),
          random.pick(queries),
        ]);
    const method = random.pick(['GET', 'GET', 'GET', 'GET', 'POST']);
    const slashes = '/'.repeat(random.pick([1, 1, 1, 2, 10, 11]));
    const target = Buffer.from(`${slashes}api/v1/plugins?${query}`).toString('latin1');
    return { request: { method, target, headers: {} }, isCanonical };
  });
}

/** What the router answers: a body and a status. */
async function routed(table: RoutingTable, out: string, { method, target }: WireRequest) {
  const { path: asked, query } = splitTarget(Buffer.from(target, 'latin1').toString());
  const answer = route(table, method, asked, parseQueryString(query));
  if (!('path' in answer)) return { status: answer.status, body: answer.body };
  return { status: 200, body: await readFile(path.join(out, answer.path), 'utf8') };
}

/** How an answer stands to that of the router. */
function judge(
  { target }: WireRequest,
  expected: { status: number; body: string },
  found: EdgeAnswer,
) {
  if (found.status === expected.status && (found.status === 400 || found.body === expected.body)) {
    return found.status === 200 ? 'answered' : 'refused by both';
  }
  // Some servers refuse a fragment, and bytes beyond ASCII, before they come to a rule, and some in HTML.
  const isUnreadable = /[^!-~]|#/.test(target);
  const isRefusal =
    found.status === 400 && (isUnreadable || typeof JSON.parse(found.body).error === 'string');
  return isRefusal && (expected.status === 200 || isUnreadable) ? 'refused' : 'wrong';
}

for (const name of BY_RULES) {
  const { start, skip = false } = EDGES[name] ?? {};
  describe(`A host that decides by rules: ${name}`, { skip }, () => {
    for (const seed of seeds(25)) {
      test(`answers as the router, or refuses what no server sends (SEED=${seed})`, async (t) => {
        assert.ok(start);
        const random = seededRandom(seed);
        const releases = [...randomCatalog(random), ...randomCatalog(random)];
        const settings = random.pick([{}, FEW]);
        const site = await builtSite(releases, 'off', settings);
        t.after(site.remove);
        const { table } = (await readSnapshot(site.out)).snapshot.router;
        const edge = await start(site.out);
        t.after(() => edge.stop());
        const ids = releases.map(({ manifest }) => manifest.id);
        const queries = Array.from({ length: 100 }, () => randomQuery(random, releases));
        const requests = makeRequests(random, queries, ids);
        const answers = await edge.ask(requests.map(({ request }) => request));
        const counts: Record<string, number> = {};
        const faults: string[] = [];
        for (const [i, { request, isCanonical }] of requests.entries()) {
          const found = answers[i] as EdgeAnswer;
          const verdict = judge(request, await routed(table, site.out, request), found);
          const kind = `${isCanonical ? 'canonical' : 'odd'}, ${verdict}`;
          counts[kind] = (counts[kind] ?? 0) + 1;
          if (verdict === 'wrong' || kind === 'canonical, refused')
            faults.push(
              `${kind}: ${request.method} ${request.target}: ${found.status} ${found.body.slice(0, 200)}`,
            );
        }
        t.diagnostic(JSON.stringify(counts));
        assert.deepEqual(faults, []);
        assert.ok((counts['canonical, answered'] ?? 0) > REQUESTS / 4, 'most are answered');
      });
    }

    test('answers as the router about ids that its configuration could read as its own', async (t) => {
      assert.ok(start);
      const site = await builtSite(readReleases(AWKWARD_IDS.flatMap(entriesOf)), 'off', FEW);
      t.after(site.remove);
      const { table } = (await readSnapshot(site.out)).snapshot.router;
      const edge = await start(site.out);
      t.after(() => edge.stop());
      const requests = ['', ...AWKWARD_IDS].flatMap((id) =>
        ['filter=', 'plugin_id=', 'return_all_versions=1&plugin_id='].flatMap((asked) =>
          ['5.9.9', '6.0.0', ''].map((version) => ({
            method: 'GET',
            target: `/api/v1/plugins?${asked}${id}&server_version=${version}`,
            headers: {},
          })),
        ),
      );
      const answers = await edge.ask(requests);
      for (const [i, request] of requests.entries()) {
        const { status, body } = await routed(table, site.out, request);
        const found = answers[i] as EdgeAnswer;
        assert.equal(found.status, status, request.target);
        if (status === 200) assert.equal(found.body, body, request.target);
      }
    });

    test('a whole view of all versions has no pages', async (t) => {
      assert.ok(start);
      const site = await builtSite(readReleases(AWKWARD_IDS.flatMap(entriesOf)), 'off', FEW);
      t.after(site.remove);
      const edge = await start(site.out);
      t.after(() => edge.stop());
      const { table } = (await readSnapshot(site.out)).snapshot.router;
      const view = '/api/v1/plugins?enterprise_plugins=true&return_all_versions=true';
      const pages = [
        '&per_page=-1',
        '&per_page=-1&page=1',
        '&per_page=-1&platform=plan9-mips',
        '',
        '&per_page=100',
        '&page=0',
        '&page=1',
      ];
      const requests = pages.map((page) => ({ method: 'GET', target: view + page, headers: {} }));
      const answers = await edge.ask(requests);
      for (const [i, request] of requests.entries()) {
        const { status } = await routed(table, site.out, request);
        assert.equal(status, i < 2 ? 200 : 400, request.target);
        assert.equal(answers[i]?.status, status, request.target);
      }
    });
  });
}
