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

/**
 * So many plugins of few releases, and one whose id more than a page of others have in their texts.
 *
 * @param platformShare of the releases, those with bundles for platforms
 */
const madeUp = (plugins: number, platformShare: number) => [
  release('a', '1.0.0'),
  ...syntheticCatalog({
    ...LIKE_PRODUCTION,
    plugins,
    platformShare,
    releasesPerPlugin: 2,
    thresholds: 12,
    words: 400,
    bulk: 0,
  }),
];

/** Of so many requests, one is made. Prime to the number of platforms and rows, so that each of them has its turn. */
const STRIDE = 17;

// Catalogs whose router has no room for their plugins, and of how many requests to them one is made if tests are thorough.
const LARGE: readonly (readonly [string, readonly object[], number])[] = [
  ['a catalog of 150 plugins', madeUp(150, 0.3), 1],
  ...(THOROUGH ? [['a catalog of 2,000 plugins', madeUp(2000, 0), 3 * STRIDE] as const] : []),
  [
    'the shipped catalog after twenty years',
    growCatalog(shipped, { ...FOUR_RELEASES, years: 20, seed: 1 }),
    1,
  ],
];

/** Checks that the live router answers everything that is always published of a catalog as the evaluator does. */
function checkAnswers(
  { state }: FakeAws,
  releases: readonly Release[],
  stride: number,
  when: string,
): number {
  const { LIVE } = state.stages;
  let answers = 0;
  for (const { target, body } of alwaysPublished(releases, stride)) {
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
for (const [name, entries, thorough] of LARGE) {
  const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
  const first = await makeBuild({ after }, entries.slice(0, -20));
  const second = await makeBuild({ after }, entries);
  sites.push({ name, releases, first, second, stride: THOROUGH ? thorough : STRIDE });
}

for (const { name, releases, first, second, stride } of sites) {
  test(`${name} is deployed, rolled back and pruned, and always answers like its evaluator`, async (t) => {
    let now = new Date('2026-01-01T00:00:00Z');
    const before = releases.slice(0, -20);
    const aws = new FakeAws({ now: () => now, keepsEffects: false });
    const target = aws.target();
    const reports: string[] = [];
    const report = (line: string) => reports.push(line);

    await deployTo(aws, first, { report });
    checkAnswers(aws, before, 3 * STRIDE, 'after the first deploy');
    await deployTo(aws, second, { report });
    const answers = checkAnswers(aws, releases, stride, 'after the second deploy');
    t.diagnostic(
      `${answers} requests, ${second.router.length} bytes, ${second.store?.keys.size} keys`,
    );
    await rollback({ target, report });
    assert.equal(liveIdOf(aws.state), first.snapshot.id);
    checkAnswers(aws, before, 3 * STRIDE, 'after the rollback');
    assert.ok(!reports.includes(OTHER_ROUTER), 'this version wrote the routers');

    assert.deepEqual(storedKeys(aws), keysOf(first, second));
    now = new Date(now.getTime() + 48 * HOUR_MS);
    await prune({ target, keep: 1, edgeMs: HOUR_MS, now });
    assert.deepEqual(storedKeys(aws), keysOf(first), 'the keys of the kept snapshot are left');
    checkAnswers(aws, before, 3 * STRIDE, 'after the prune');
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
    assert.ok('blocks' in (snapshot.router.cloudFront ?? {}));
  });
}
