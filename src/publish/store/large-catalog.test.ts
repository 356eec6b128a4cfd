import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, test } from 'node:test';
import { FOUR_RELEASES, growCatalog } from '../../../build/bench/inputs/grow-catalog.ts';
import {
  LIKE_PRODUCTION,
  syntheticCatalog,
} from '../../../build/bench/inputs/synthetic-catalog.ts';
import { askEdge, askOrigin, FakeAws } from '../../../test/fakes/fake-aws.ts';
import { THOROUGH } from '../../../test/random.ts';
import { alwaysPublished } from '../../../test/sites/always-published.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import { deployTo, liveIdOf, makeBuild, release } from '../fixture-publish.ts';
import { OTHER_ROUTER } from '../probe/check-router.ts';
import { prune } from '../prune.ts';
import type { Build } from '../read-build.ts';
import { rollback } from '../rollback.ts';

const HOUR_MS = 3_600_000;

const shipped = JSON.parse(await readFile('plugins.json', 'utf8'));

/** Plugins of few releases with bundles for platforms, and one whose id more than a page of others have in their texts. */
const madeUp = [
  release('a', '1.0.0'),
  ...syntheticCatalog({
    ...LIKE_PRODUCTION,
    plugins: THOROUGH ? 2000 : 150,
    releasesPerPlugin: 2,
    thresholds: 12,
    platformShare: 0.3,
    words: 400,
    bulk: 0,
  }),
];

/** Catalogs whose router has no room for their plugins. */
const LARGE: readonly (readonly [string, readonly object[]])[] = [
  ['a made-up catalog of many plugins', madeUp],
  [
    'the shipped catalog after ten years',
    growCatalog(shipped, { ...FOUR_RELEASES, years: 10, seed: 1 }),
  ],
];

/** Of so many requests, one is made. A prime, so that every platform and row has its turn. */
const STRIDE = THOROUGH ? 1 : 17;

/** Checks that the live router answers everything that is always published of a catalog as the evaluator does. */
function checkAnswers({ state }: FakeAws, releases: readonly Release[], when: string): number {
  const { LIVE } = state.stages;
  let answers = 0;
  for (const { target, body } of alwaysPublished(releases, STRIDE)) {
    const routed = askEdge(state, LIVE, 'GET', target);
    const found = 'uri' in routed ? askOrigin(state, routed.uri) : routed;
    answers++;
    if (found.status === 200 && found.body.equals(Buffer.from(body))) continue;
    const rule = `docs/design.md, invariant ${found.status === 400 ? 2 : 1}`;
    assert.fail(`${rule}: ${target} gets ${found.status} ${found.body.subarray(0, 200)} ${when}`);
  }
  return answers;
}

const storedKeys = ({ state }: FakeAws) => [...state.store.keys.keys()].sort();

const keysOf = (...builds: readonly Build[]) =>
  builds.flatMap(({ store }) => [...(store?.keys.keys() ?? [])]).sort();

/** With a snapshot before the last releases. */
const sites = [];
for (const [name, entries] of LARGE) {
  const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
  const first = await makeBuild({ after }, entries.slice(0, -20));
  const second = await makeBuild({ after }, entries);
  sites.push({ name, releases, first, second });
}

for (const { name, releases, first, second } of sites) {
  test(`${name} is deployed, rolled back and pruned, and always answers like its evaluator`, async (t) => {
    let now = new Date('2026-01-01T00:00:00Z');
    const before = releases.slice(0, -20);
    const aws = new FakeAws({ now: () => now, keepsEffects: false });
    const target = aws.target();
    const reports: string[] = [];
    const report = (line: string) => reports.push(line);

    await deployTo(aws, first, { report });
    checkAnswers(aws, before, 'after the first deploy');
    await deployTo(aws, second, { report });
    const answers = checkAnswers(aws, releases, 'after the second deploy');
    t.diagnostic(
      `${answers} requests, ${second.router.length} bytes, ${second.store?.keys.size} keys`,
    );
    await rollback({ target, report });
    assert.equal(liveIdOf(aws.state), first.snapshot.id);
    checkAnswers(aws, before, 'after the rollback');
    assert.ok(!reports.includes(OTHER_ROUTER), 'this version wrote the routers');

    assert.deepEqual(storedKeys(aws), keysOf(first, second));
    now = new Date(now.getTime() + 48 * HOUR_MS);
    await prune({ target, keep: 1, edgeMs: HOUR_MS, now });
    assert.deepEqual(storedKeys(aws), keysOf(first), 'the keys of the kept snapshot are left');
    checkAnswers(aws, before, 'after the prune');
  });

  test(`of ${name}, a router with another byte is refused, also in what it carries`, async () => {
    const { snapshot, router } = first;
    const changed = [
      router.replace('503', '504'),
      router.replace(/"=any /, '"=all '),
      router.replace(/(?<=[{,])(\w+:)\d+(?=,)/, '$19'),
    ];
    for (const [i, code] of changed.entries()) {
      assert.notEqual(code, router, `${i}`);
      await assert.rejects(
        deployTo(new FakeAws(), { ...first, router: code }),
        /does not match its routing table: nothing went live/,
      );
    }
    assert.ok('buckets' in (snapshot.router.cloudFront ?? {}));
  });
}
