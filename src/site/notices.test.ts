import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { compare } from 'semver';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../test/corpora.ts';
import { evaluatedAnswer } from '../../test/evaluated-answer.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { type Random, seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog, randomQuery } from '../../test/samples/random-catalog.ts';
import { alwaysPublished } from '../../test/sites/always-published.ts';
import { plannedSite } from '../../test/sites/planned-site.ts';
import { formatReleases } from '../catalog/format-catalog.ts';
import { formatNotices, type Notice } from '../catalog/notices/notice.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { readCatalog } from '../catalog/read-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { toRequestTarget } from '../hosts/embedded/connection/to-request-target.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { makeRouter } from '../snapshot/table/make-router.ts';

// The rule, without the code that applies it: first the catalog is read as if what is suspended were not in it and what is
// labeled had its label, then it is answered as any other.

/** A notice, and in plain code which versions it is about. */
interface Ruled {
  readonly notice: Notice;
  readonly isAbout: (version: string) => boolean;
}

// How a range is written for a version, and what it means.
const RANGES: readonly (readonly [(version: string) => string, (order: number) => boolean])[] = [
  [(version) => version, (order) => order === 0],
  [(version) => `<${version}`, (order) => order < 0],
  [(version) => `<=${version}`, (order) => order <= 0],
  [(version) => `>=${version}`, (order) => order >= 0],
  [(version) => `>${version}`, (order) => order > 0],
  [() => '*', () => true],
];

const GROUNDS = { reason: 'https://example.com/why', date: '2024-05-17T12:00:00Z' };

function randomNotices(random: Random, releases: readonly Release[], most: number): Ruled[] {
  const labeled = new Set<string>();
  return Array.from({ length: 1 + random.below(most) }, (_, i): Ruled => {
    const { id: plugin, version } = random.pick(releases).manifest;
    const [write, holds] = random.pick(RANGES);
    const target = { plugin, versions: write(version) };
    const isAbout = (other: string) => holds(compare(other, version));
    // One label a plugin: their order is another test's.
    if (i === 0 || random.chance(0.6) || labeled.has(plugin)) {
      return { notice: { ...target, kind: 'suspended', ...GROUNDS }, isAbout };
    }
    labeled.add(plugin);
    const notice = random.chance(0.5)
      ? ({ ...target, kind: 'deprecated', ...GROUNDS } as const)
      : ({ ...target, kind: 'advisory', severity: 'high', title: 'Leaks', ...GROUNDS } as const);
    return { notice, isAbout };
  });
}

const LABELS = {
  deprecated: {
    name: 'Deprecated',
    description: 'This release is deprecated. Click to read why.',
    url: GROUNDS.reason,
    color: '#8b8d94',
  },
  advisory: {
    name: 'Security: high',
    description: 'Leaks. There is no fix yet.',
    url: GROUNDS.reason,
    color: '#d24b4e',
  },
};

function byTheRule(releases: readonly Release[], rules: readonly Ruled[]): Release[] {
  return releases.flatMap((release) => {
    const { id, version } = release.manifest;
    const about = rules.filter(({ notice, isAbout }) => notice.plugin === id && isAbout(version));
    if (about.some(({ notice }) => notice.kind === 'suspended')) return [];
    const labels = about.map(({ notice }) => LABELS[notice.kind as keyof typeof LABELS]);
    return { ...release, labels: [...labels, ...release.labels] };
  });
}

/** The catalog as a build reads it, and the same by the rule. */
async function noticed(t: TestContext, random: Random, releases: readonly Release[], most: number) {
  const cwd = await makeFolder(t);
  const rules = randomNotices(random, releases, most);
  await writeFile(path.join(cwd, 'plugins.json'), formatReleases(releases));
  await writeFile(path.join(cwd, 'notices.json'), formatNotices(rules.map(({ notice }) => notice)));
  const read = await readCatalog(['plugins.json'], { cwd });
  const inFile = read.byFile.flatMap((file) => file.releases);
  return { offered: read.releases, expected: byTheRule(inFile, rules) };
}

for (const seed of seeds(40)) {
  test(`what is suspended is in no answer, another one is where it fits, seed ${seed}`, async (t) => {
    const random = seededRandom(seed);
    const releases = randomCatalog(random);
    if (releases.length === 0) return;
    const { offered, expected } = await noticed(t, random, releases, 6);
    const { plan, read } = await plannedSite(offered);
    const route = makeRouter(plan.table);
    const index = indexCatalog(expected);
    let answered = 0;
    for (let i = 0; i < 200; i++) {
      const query = randomQuery(random, releases);
      const routed = route('GET', toRequestTarget(`/api/v1/plugins?${query}`));
      if (!('path' in routed)) continue;
      assert.equal(read(routed.path), evaluatedAnswer(index, query), query);
      answered++;
    }
    assert.ok(answered > 50, `${answered} were answered`);
  });
}

/** As little as real catalogs can be published with. */
const LEAN = { search: false, everyPageSize: false, allLists: false, pageSizes: [100] };

for (const [i, { name, catalog }] of [...FIXTURE_CORPORA, ...REAL_CORPORA].entries()) {
  test(`what is suspended is in no answer of ${name}`, async (t) => {
    const random = seededRandom(i + 1);
    const { releases } = parseCatalog(readFileSync(catalog, 'utf8'), name);
    if (releases.length === 0) return;
    const isSmall = name.startsWith('random');
    const { offered, expected } = await noticed(t, random, releases, isSmall ? 2 : 12);
    const { plan, read } = await plannedSite(offered, LEAN);
    const route = makeRouter(plan.table);
    let asked = 0;
    for (const { target, body } of alwaysPublished(expected, isSmall ? 1 : 7)) {
      const routed = route('GET', toRequestTarget(target));
      assert.ok('path' in routed, `${target} is refused`);
      assert.equal(read(routed.path), body, target);
      asked++;
    }
    t.diagnostic(`${asked} requests, ${releases.length - offered.length} releases suspended`);
    assert.ok(asked > 0 || offered.length === 0, 'some request is answered');
  });
}

test('a notice that labels costs the router nothing', async (t) => {
  const random = seededRandom(3);
  const releases = randomCatalog(random);
  const cwd = await makeFolder(t);
  await writeFile(path.join(cwd, 'plugins.json'), formatReleases(releases));
  const codeOf = async () =>
    (await plannedSite((await readCatalog(['plugins.json'], { cwd })).releases, LEAN)).code;
  const plain = await codeOf();
  const notices = releases.map(
    ({ manifest }): Notice => ({ plugin: manifest.id, kind: 'deprecated', ...GROUNDS }),
  );
  await writeFile(path.join(cwd, 'notices.json'), formatNotices(notices.slice(0, 1)));
  assert.equal(await codeOf(), plain);
});
