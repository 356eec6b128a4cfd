import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from 'semver';
import { seededRandom, seeds } from '../../test/random.ts';
import { randomCatalog, randomQuery } from '../../test/samples/random-catalog.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { compareText } from '../lib/compare-text.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { lowerCase } from '../query/lower-case.ts';
import { type Filter, parseFilter, trim } from '../router/request/parse-filter.ts';
import { type OverlayRules, overlay } from './overlay.ts';

const EVERYTHING_ALLOWED: OverlayRules = { reserved: [], allow: ['*'], deny: [] };

const answer = (releases: readonly Release[], filter: Filter): Release[] =>
  (evaluate(indexCatalog(releases), filter) ?? []).map(({ release }) => release);

/** The merge of two answers by the rule, plugin by plugin: the higher version, of equal ones the upstream's. */
function mergeAnswers(
  local: readonly Release[],
  upstream: readonly Release[],
  filter: Filter,
): Release[] {
  const byId = new Map<string, Release[]>();
  for (const release of [...local, ...upstream]) {
    const { id } = release.manifest;
    byId.set(id, [...(byId.get(id) ?? []), release]);
  }
  const plugins = [...byId.values()].map((releases) => {
    // Stable: of equal versions the upstream's stays the later one.
    const sorted = releases.toSorted((a, b) => compare(b.manifest.version, a.manifest.version));
    const [first] = sorted as [Release, ...Release[]];
    const isHighest = (release: Release) =>
      compare(release.manifest.version, first.manifest.version) === 0;
    return filter.allVersions ? sorted : [sorted.findLast(isHighest) ?? first];
  });
  const name = ([first]: readonly Release[]) => lowerCase(first?.manifest.name ?? '');
  const id = ([first]: readonly Release[]) => first?.manifest.id ?? '';
  return plugins.sort((a, b) => compareText(name(a), name(b)) || compareText(id(a), id(b))).flat();
}

for (const seed of seeds(60)) {
  test(`each answer of the overlay is the merge of the answers of both, seed ${seed}`, () => {
    const random = seededRandom(seed);
    const [local, upstream] = [randomCatalog(random), randomCatalog(random)];
    const { releases } = overlay(local, upstream, EVERYTHING_ALLOWED);
    let asked = 0;
    for (let i = 0; i < 60; i++) {
      const filter = parseFilter(randomQuery(random, [...local, ...upstream]));
      if ('error' in filter) continue;
      const whole = { ...filter, page: 0, perPage: -1, text: '' };
      const merged = mergeAnswers(answer(local, whole), answer(upstream, whole), whole);
      assert.deepEqual(answer(releases, whole), merged, JSON.stringify(whole));
      // Text and page are of the merged answer.
      const asCatalog = { ...filter, text: trim(filter.text) };
      assert.deepEqual(
        answer(releases, asCatalog),
        answer(merged, asCatalog),
        JSON.stringify(filter),
      );
      asked++;
    }
    assert.ok(asked > 5, 'filters were asked');
  });
}

const parse = (
  ...plugins: readonly (readonly [id: string, version: string, description?: string])[]
) =>
  parseCatalog(
    JSON.stringify(
      plugins.map(([id, version, description = '']) => ({
        manifest: { id, version, description },
      })),
    ),
    'test.json',
  ).releases;

const namesOf = (releases: readonly Release[]) =>
  releases.map(({ manifest }) => `${manifest.id} ${manifest.version}`);

test('search looks through what is offered, where the reference looks through the newest of either', () => {
  const local = parse(['abc', '1.0.0', 'a board']);
  const upstream = parse(['abc', '2.0.0', 'a list']);
  const { releases } = overlay(local, upstream, EVERYTHING_ALLOWED);
  const search = parseFilter('filter=board');
  assert.ok(!('error' in search));
  assert.deepEqual(answer(releases, search), [], '2.0.0 is offered, and has no board');
});

// Rules, what comes from upstream.
const rules: readonly [Partial<OverlayRules>, string[]][] = [
  [{}, ['com.acme.a', 'com.acme.b', 'comXacmeXa', 'jira']],
  [{ reserved: ['com.acme.*'] }, ['comXacmeXa', 'jira']],
  [{ reserved: ['com.acme.?'] }, ['comXacmeXa', 'jira']],
  [{ reserved: ['com.acme'] }, ['com.acme.a', 'com.acme.b', 'comXacmeXa', 'jira']],
  [{ allow: ['jira', '*.b'] }, ['com.acme.b', 'jira']],
  [{ allow: [] }, []],
  [{ deny: ['*a'] }, ['com.acme.b']],
  [{ allow: ['com.*'], deny: ['*.a'] }, ['com.acme.b']],
  [{ allow: ['com.*'], reserved: ['*'] }, []],
  [{ deny: ['(jira|.+)', 'j[i]ra', 'J'] }, ['com.acme.a', 'com.acme.b', 'comXacmeXa', 'jira']],
  [{ deny: ['J*'] }, ['com.acme.a', 'com.acme.b', 'comXacmeXa']],
];

for (const [rule, expected] of rules) {
  test(`${JSON.stringify(rule)} lets in ${expected.join(', ') || 'nothing'}`, () => {
    const ids = ['com.acme.a', 'com.acme.b', 'comXacmeXa', 'jira'];
    const upstream = parse(...ids.map((id) => [id, '1.0.0'] as const));
    const { releases } = overlay([], upstream, { ...EVERYTHING_ALLOWED, ...rule });
    assert.deepEqual(
      releases.map(({ manifest }) => manifest.id),
      expected,
    );
  });
}

test('a plugin in both catalogs causes a warning with the newest versions and the winner', () => {
  const local = parse(
    ['a', '1.9.0'],
    ['a', '1.10.0'],
    ['b', '2.0.0'],
    ['c', '1.0.0'],
    ['d', '1.0.0'],
  );
  const upstream = parse(
    ['a', '1.2.0'],
    ['b', '2.0.0+build'],
    ['c', '3.0.0'],
    ['c', '2.0.0'],
    ['e', '1.0.0'],
  );
  const { warnings, releases } = overlay(local, upstream, EVERYTHING_ALLOWED);
  assert.deepEqual(
    warnings.map(({ level, found, message }) => [level, found, message.replace(/.*newest /, '')]),
    [
      [
        'warning',
        '"a"',
        '1.2.0 there, 1.10.0 here, and servers that can have both are offered that of the local catalog',
      ],
      [
        'warning',
        '"b"',
        '2.0.0+build there, 2.0.0 here, and servers that can have both are offered that of the upstream',
      ],
      [
        'warning',
        '"c"',
        '3.0.0 there, 1.0.0 here, and servers that can have both are offered that of the upstream',
      ],
    ],
  );
  assert.deepEqual(namesOf(releases), namesOf([...local, ...upstream]));
});

test('a reserved plugin is warned of where the upstream has it, and not otherwise', () => {
  const local = parse(['com.acme.a', '1.0.0']);
  const reserved = { ...EVERYTHING_ALLOWED, reserved: ['com.acme.*'] };
  const { warnings, releases } = overlay(
    local,
    parse(['com.acme.a', '9.0.0'], ['com.acme.b', '1.0.0']),
    reserved,
  );
  assert.deepEqual(namesOf(releases), ['com.acme.a 1.0.0']);
  assert.deepEqual(
    warnings.map(({ found }) => found),
    ['"com.acme.a"', '"com.acme.b"'],
  );
  assert.deepEqual(overlay(local, parse(['jira', '1.0.0']), reserved).warnings, []);
});
