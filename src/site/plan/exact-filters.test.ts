import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { REAL_CORPORA } from '../../../test/corpora.ts';
import {
  type EdgeResult,
  runInNjs,
  runInNode,
  runWithStore,
  skipWithoutNjs,
} from '../../../test/engines/edge-function.ts';
import { evaluatedAnswer } from '../../../test/evaluated-answer.ts';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { ask, GENEROUS, plannedSite, readReleases } from '../../../test/sites/planned-site.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { UserError } from '../../lib/errors.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { lowerCase } from '../../query/lower-case.ts';
import { type Filter, parseFilter, trim } from '../../router/request/parse-filter.ts';
import type { PlanOptions, SitePlan } from './plan-site.ts';

// Servers 5.18 to 5.31 install by the filter that is the plugin's id (docs/mattermost.md, Requests). Server version, and what it
// sends beside it.
const LINES: readonly (readonly [string, (random: Random) => string])[] = [
  ['5.18.0', () => ''],
  ['5.20.2', () => '&local_only=false'],
  ['5.24.3', (random) => `&build_enterprise_ready=true&enterprise_plugins=${random.chance(0.5)}`],
  ['5.25.0', (random) => `&enterprise_plugins=${random.chance(0.5)}&local_only=false`],
  ['5.30.1', (random) => `&enterprise_plugins=${random.chance(0.5)}&${inPlace(random)}`],
  ['5.31.9', (random) => `&enterprise_plugins=${random.chance(0.5)}&${inPlace(random)}`],
];

const PLATFORMS = ['linux-amd64', 'linux-arm64', 'darwin-amd64', 'windows-amd64', 'freebsd-amd64'];

const inPlace = (random: Random) =>
  `cloud=${random.chance(0.5)}&platform=${random.pick(PLATFORMS)}`;

/** A catalog whose names and descriptions have ids in them: alone, in capitals, as part of longer words, one in another. */
function catalogOfIds(random: Random): readonly Release[] {
  const releases = [...randomCatalog(random), ...randomCatalog(random)];
  const ids = [...new Set(releases.map(({ manifest }) => manifest.id))];
  const text = () => {
    const some = ids.filter(() => random.chance(1.5 / ids.length));
    const words = some.map((id) => random.pick([id, id.toUpperCase(), `x${id}y`, id.slice(1)]));
    return words.join(random.pick([' ', '', '|', '\n']));
  };
  return releases.map((release) => {
    const manifest = { ...release.manifest };
    if (random.chance(0.6)) manifest.name = text();
    if (random.chance(0.6)) manifest.description = text();
    return { ...release, manifest };
  });
}

/** The exact filter of each id, in every spelling of it that is the same filter, as each server line and some others send it. */
function exactQueries(random: Random, releases: readonly Release[]): string[] {
  const ids = [...new Set(releases.map(({ manifest }) => manifest.id))];
  const steps = releases.map(({ manifest }) => manifest.min_server_version ?? '');
  const versions = ['', '0.0.0-0', '99.0.0', ...new Set(steps)];
  return ids.flatMap((id) => {
    const spelled = () => encodeURIComponent(random.pick([id, id, id.toUpperCase(), ` ${id}\t`]));
    return [
      ...LINES.map(([version, more]) => {
        return `filter=${spelled()}${more(random)}&page=0&server_version=${version}`;
      }),
      ...versions.flatMap((version) =>
        [false, true].map((isEnterprise) => {
          const size = random.pick(['', '', '&per_page=-1', '&per_page=100']);
          const server = `server_version=${encodeURIComponent(version)}&${inPlace(random)}`;
          return `filter=${spelled()}&${server}&enterprise_plugins=${isEnterprise}${size}`;
        }),
      ),
    ];
  });
}

/** Asks the CloudFront Function, with its store where it has one. */
async function run({ cloudFront }: SitePlan, queries: readonly string[]): Promise<EdgeResult[]> {
  const { code = '', store } = cloudFront ?? {};
  const requests = queries.map(ask);
  return store ? await runWithStore(code, store, requests) : runInNode(code, requests);
}

/** Asks for the exact filters, and for texts that are none. @returns how many answers had other plugins than the id's */
async function checkExact(
  random: Random,
  releases: readonly Release[],
  settings: Partial<PlanOptions>,
): Promise<number> {
  const index = indexCatalog(releases);
  const { plan, read } = await plannedSite(releases, settings);
  const queries = exactQueries(random, releases);
  const lowerIds = new Set(index.map(({ lowerId }) => lowerId));
  let crowded = 0;
  (await run(plan, queries)).forEach((routed, i) => {
    const query = `?${queries[i]} with ${JSON.stringify(settings)}`;
    assert.ok('path' in routed, `invariant 2: refused is ${query}`);
    const filter = parseFilter(queries[i] as string) as Filter;
    const expected = evaluate(index, filter) ?? [];
    const body = evaluatedAnswer(index, queries[i] as string);
    assert.equal(read(routed.path), body, `invariants 1 and 3: ${query}`);
    if (expected.some(({ lowerId }) => lowerId !== lowerCase(filter.text))) crowded++;
  });
  if (!plan.cloudFront?.published.search) {
    const parts = [...lowerIds].flatMap((id) => [id.slice(1), id.slice(0, -1), `${id}s`, 'a']);
    const others = parts.filter((text) => trim(text) !== '' && !lowerIds.has(trim(text)));
    const asked = others.map((text) => `filter=${encodeURIComponent(text)}`);
    (await run(plan, asked)).forEach((routed, i) => {
      assert.ok('statusCode' in routed, `docs/api.md, difference 3: answered is ${others[i]}`);
      assert.equal(routed.statusCode, 400);
      assert.match(routed.body, /"filter is not published".*"a plugin id"/);
    });
  }
  return crowded;
}

/** Settings with which CloudFront has the plugins of a large catalog in a store. */
const STORED = { routerBytes: 7000 };

/** Settings that publish little, each in another way. */
const LITTLE: readonly Partial<PlanOptions>[] = [
  { search: false },
  { search: false, everyPageSize: false, allLists: false, pageSizes: [100] },
  { maxFiles: 1 },
  { maxFiles: 1, maxBytes: 1, search: false },
];

describe('The exact filter of a plugin id is published', () => {
  for (const seed of seeds(25)) {
    test(`whatever the settings and the budget (SEED=${seed})`, async () => {
      const random = seededRandom(seed);
      const releases = catalogOfIds(random);
      for (const settings of LITTLE) await checkExact(random, releases, settings);
    });
  }

  test('also where it finds other plugins, which the catalogs of these tests have', async () => {
    let crowded = 0;
    for (const seed of seeds(5)) {
      const random = seededRandom(seed);
      crowded += await checkExact(random, catalogOfIds(random), { search: false });
    }
    assert.ok(crowded > 50, `only ${crowded}`);
  });

  test('whatever the limit to the CloudFront Function', async (t) => {
    const random = seededRandom(4);
    const releases = catalogOfIds(random);
    const room = new Set<string>();
    let least = Buffer.byteLength((await plannedSite(releases, { routerBytes: 1e6 })).code);
    t.diagnostic(`from ${least} bytes`);
    for (; ; least -= 50) {
      const planned = await plannedSite(releases, { routerBytes: least }).catch((error) => error);
      if (planned instanceof UserError) break;
      const { published, store } = planned.plan.cloudFront;
      room.add(store ? 'plugins in a store' : published.search ? 'all' : 'no search');
      await checkExact(random, releases, { routerBytes: least });
    }
    t.diagnostic(`to ${least + 50}`);
    assert.deepEqual([...room], ['all', 'no search', 'plugins in a store']);
  });

  test('by one id that has more than a page of others, in pages of 100', async () => {
    const releases = readReleases(
      ['hub', ...Array.from({ length: 120 }, (_, i) => `p${i}`)].map((id) => ({
        manifest: { id, version: '1.0.0', name: id, description: 'for the hub' },
      })),
    );
    const pages = ['', '&page=1', '&page=2', '&per_page=-1'];
    const queries = pages.map((page) => `filter=HUB&server_version=5.18.0${page}`);
    for (const settings of [...LITTLE.map((some) => ({ ...some, routerBytes: 1e6 })), STORED]) {
      const { plan, read } = await plannedSite(releases, settings);
      if (settings === STORED) assert.ok(plan.cloudFront?.store, 'it needs one');
      const lengths = (await run(plan, queries)).map((routed, i) => {
        assert.ok('path' in routed, `invariant 2: ?${queries[i]} with ${JSON.stringify(settings)}`);
        return JSON.parse(read(routed.path)).length;
      });
      assert.deepEqual(lengths, [100, 21, 0, 121]);
    }
  });

  test('in njs as in Node', { skip: skipWithoutNjs }, async () => {
    const random = seededRandom(6);
    const releases = catalogOfIds(random);
    const { code } = await plannedSite(releases, { search: false });
    const requests = [...exactQueries(random, releases), 'filter=a', 'filter=nope'].map(ask);
    assert.deepEqual(
      runInNjs(code, requests),
      JSON.parse(JSON.stringify(runInNode(code, requests))),
    );
  });

  for (const { name, catalog } of REAL_CORPORA) {
    test(`for ${name}, in a router of 10,000 bytes`, async (t) => {
      const { releases } = parseCatalog(readFileSync(catalog, 'utf8'), name);
      const settings = { search: false, everyPageSize: false, pageSizes: [100] };
      const crowded = await checkExact(seededRandom(7), releases, settings);
      const { code } = await plannedSite(releases, settings);
      t.diagnostic(`${Buffer.byteLength(code)} bytes, ${crowded} answers with other plugins`);
      assert.ok(Buffer.byteLength(code) <= GENEROUS.routerBytes, 'invariant 8');
    });
  }
});
