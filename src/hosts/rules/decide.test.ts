import assert from 'node:assert/strict';
import { test } from 'node:test';
import { syntheticCatalog } from '../../../build/bench/inputs/synthetic-catalog.ts';
import { partOf, seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { plannedSite, readReleases } from '../../../test/sites/planned-site.ts';
import type { Release } from '../../catalog/release.ts';
import { parseQueryString } from '../../router/request/parse-query-string.ts';
import { route } from '../../router/route.ts';
import type { RoutingTable } from '../../router/table/routing-table.ts';
import type { PlanOptions } from '../../site/plan/plan-site.ts';
import { decide, PAGE_SIZE } from './decide.ts';
import type { Decision, Decisions } from './decisions.ts';

const BARE = { search: false, everyPageSize: false, allLists: false, pageSizes: [PAGE_SIZE] };

// What is published beside what real clients ask for.
const PUBLISHED: Readonly<Record<string, Partial<PlanOptions>>> = {
  nothing: BARE,
  'text search': { ...BARE, search: true },
  everything: {},
};

async function tableOf(releases: readonly Release[], options: Partial<PlanOptions>) {
  const { plan } = await plannedSite(releases, { hosts: ['nginx'], ...options });
  return plan.table;
}

/** The path of the router, or its error. */
function routed(table: RoutingTable, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(parameters).toString();
  const answer = route(table, 'GET', '/api/v1/plugins', parseQueryString(query));
  return 'path' in answer ? answer.path : answer.body;
}

const KEYS = { list: '', plugin: 'plugin_id', filter: 'filter' };

/** The requests about a decision, with every row, step and platform, and what is decided. */
function requestsAbout({ root, steps, platforms }: Decisions, decision: Decision) {
  const { subject, id, allVersions, page, rows } = decision;
  return [0, 1, 2, 3].flatMap((row) =>
    steps.flatMap(({ version }, step) => {
      const state = rows[row]?.findLast((each) => each.step <= step);
      const first = { server_version: step === 0 ? '0.0.0-0' : version };
      return ['', ...platforms, 'plan9-mips'].map((platform, form) => {
        const parameters = {
          ...(subject !== 'list' && { [KEYS[subject]]: id }),
          ...{ return_all_versions: `${allVersions}`, enterprise_plugins: `${(row & 1) > 0}` },
          ...{ cloud: `${row > 1}`, platform, ...first },
          ...(page === null ? { per_page: '-1' } : { page: `${page}` }),
        };
        const file = state ? (state.files[form] ?? state.files[0]) : 'api/empty.json';
        return { parameters, decided: `${root}${file}` };
      });
    }),
  );
}

/** The requests that are routed otherwise than decided: of all, or of one in so many. */
function differences(table: RoutingTable, oneIn = 1) {
  const decisions = decide(table);
  const requests = decisions.decisions.flatMap((each) => requestsAbout(decisions, each));
  assert.ok(requests.length > 0);
  return requests.filter(
    ({ parameters, decided }, i) => i % oneIn === 0 && routed(table, parameters) !== decided,
  );
}

for (const [name, options] of Object.entries(PUBLISHED)) {
  for (const seed of seeds(20)) {
    test(`every decision is the router's where ${name} is published besides (SEED=${seed})`, async () => {
      const releases = randomCatalog(seededRandom(seed));
      const table = await tableOf(releases, options);
      assert.deepEqual(differences(table), []);
    });
  }
}

/** More releases than a page has, of one plugin and in all, and ids that others have in their names. */
const LARGE = readReleases([
  ...Array.from({ length: 105 }, (_, i) => entryOf(`plugin-${i}`, '1.0.0', `${5 + (i % 4)}.0.0`)),
  ...Array.from({ length: 230 }, (_, i) => entryOf('plugin', `1.${i}.0`, `5.${i % 5}.0-rc1`)),
]);

function entryOf(id: string, version: string, server: string) {
  return {
    download_url: `https://example.com/${encodeURIComponent(id)}-${version}.tar.gz`,
    manifest: { id, name: id, version, min_server_version: server },
  };
}

test('every decision is that of the router where answers have pages', async () => {
  const table = await tableOf(LARGE, BARE);
  assert.deepEqual(differences(table), []);
  const { decisions } = decide(table);
  const pages = decisions.filter(({ page }) => page !== null);
  const subjects = pages.map(({ subject, id, page }) => `${subject} ${id} ${page}`);
  assert.deepEqual(subjects, [
    ...['list  0', 'list  1', 'plugin plugin 0', 'plugin plugin 1', 'plugin plugin 2'],
    ...['filter plugin 0', 'filter plugin 1'],
  ]);
});

test('what it counts are the releases in the file', async () => {
  const { plan, read } = await plannedSite(LARGE, { hosts: ['nginx'], ...BARE });
  const { root, decisions } = decide(plan.table);
  const states = decisions.flatMap(({ rows }) => rows.flat());
  assert.ok(states.length > 500);
  for (const { files, count } of states) {
    assert.equal(JSON.parse(read(root + files[0])).length, count, files[0]);
  }
});

test('there are decisions about every list, plugin and id as a filter, and every page', async () => {
  const releases = readReleases([
    entryOf('Todo', '1.0.0', '6.0.0-rc1'),
    entryOf('todo', '1.0.0', ''),
    entryOf('a b/ü', '1.0.0', `7.0.0-0.A.${'long'.repeat(12)}.9007199254740991+build`),
  ]);
  const { steps, decisions, pages, longest, platforms, wholeViews } = decide(
    await tableOf(releases, BARE),
  );
  const subjects = decisions.map(({ subject, id, allVersions }) =>
    [subject, id, allVersions].join(),
  );
  assert.deepEqual(subjects.sort(), [
    ...['filter,a b/ü,false', 'filter,todo,false', 'list,,false'],
    ...['plugin,Todo,false', 'plugin,Todo,true', 'plugin,a b/ü,false', 'plugin,a b/ü,true'],
    ...['plugin,todo,false', 'plugin,todo,true'],
  ]);
  assert.deepEqual(pages, ['!todo', 'a(20)b(2f)(c3)(bc)', 'todo']);
  assert.deepEqual(
    steps.map(({ version }) => version),
    ['', '6.0.0-rc1', `7.0.0-0.A.${'long'.repeat(12)}.9007199254740991`, ''],
  );
  const last = 'api/plugins/all/7.0.0-0.a.longlonglonglonglonglonglonglo(2)';
  assert.equal(longest, 3);
  assert.deepEqual(platforms, []);
  assert.deepEqual(
    wholeViews.map((file) => file.replace(/_.*/, '')),
    [last, last],
  );
});

test('whole views are those of the router', async () => {
  for (const seed of seeds(20)) {
    const table = await tableOf(randomCatalog(seededRandom(seed)), BARE);
    const { root, wholeViews } = decide(table);
    for (const [cloud, file] of wholeViews.entries()) {
      const parameters = { enterprise_plugins: '1', cloud: `${cloud}`, return_all_versions: 'T' };
      assert.equal(root + file, routed(table, { ...parameters, per_page: '-1' }));
    }
  }
});

test('a catalog of thousands of plugins is decided plugin by plugin', async () => {
  const options = { releasesPerPlugin: 3, thresholds: 26, platformShare: 0.5, words: 400, bulk: 0 };
  const entries = syntheticCatalog({ ...options, seed: 1, plugins: partOf(2000) });
  const table = await tableOf(readReleases(entries), BARE);
  assert.deepEqual(differences(table, 9973), []);
});
