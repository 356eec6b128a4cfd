import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import { sortReleases } from './sort-releases.ts';

/** The result for releases with these tags, if the catalog has version 1.0.0: versions, and the lines reported. */
function sort(
  tags: readonly string[],
  more: Partial<RepositorySetting>,
  { isPrerelease = false, withPrereleases = false } = {},
) {
  const unused = { url: '', publishedAt: '', assets: [] };
  const { lacking, warnings, notes } = sortReleases(
    { repo: 'o/r', author: 'community', ...more },
    tags.map((tag) => ({ tag, isPrerelease, ...unused })),
    { isKnown: (version) => version === '1.0.0', withPrereleases },
  );
  const reported = [...warnings.map((line) => `warning: ${line}`), ...notes];
  return { versions: lacking.map(({ version }) => version), reported };
}

// A version, GitHub's mark, whether it is a pre-release.
const prereleases: readonly (readonly [string, boolean, boolean])[] = [
  ['1.2.0-rc1', false, true],
  ['1.2.0-rc1', true, true],
  ['1.2.0', true, true],
  ['1.2.0', false, false],
  ['1.2.0-0', false, true],
  ['1.2.0-cloud.1+abc', false, true],
  ['1.2.0+abc-fips', false, false],
];

for (const [version, isMarked, isOne] of prereleases) {
  test(`${version}, marked ${isMarked}, is ${isOne ? 'a' : 'no'} pre-release`, () => {
    const left = sort([`v${version}`], {}, { isPrerelease: isMarked });
    assert.deepEqual(left.versions, isOne ? [] : [version]);
    assert.equal(/which only --pre-releases adds: v1\.2\.0/.test(left.reported.join()), isOne);
    const all = sort([`v${version}`], {}, { isPrerelease: isMarked, withPrereleases: true });
    assert.deepEqual(all, { versions: [version], reported: [] });
  });
}

// The tags, the row of the settings, the versions considered, the lines reported.
const cases: readonly (readonly [string[], Partial<RepositorySetting>, string[], RegExp[]])[] = [
  [['v1.1.0', '1.2.0'], {}, ['1.1.0', '1.2.0'], []],
  [['v1.0.0', 'v1.1.0'], {}, ['1.1.0'], []],
  [['v1.1.0+a', 'v1.1.0%2Bb'], {}, ['1.1.0+a', '1.1.0+b'], []],
  [
    ['server/v1.2.3'],
    {},
    [],
    [
      /^warning: o\/r: passed over.*: server\/v1\.2\.3 — .*"tag": "server\/v\{version\}".*"ignore": \["server\/v\*"\]/,
    ],
  ],
  [['plugin-v1.2.3'], {}, [], [/"tag": "plugin-v\{version\}"/]],
  [['release-1.2.3'], {}, [], [/"tag": "release-\{version\}"/]],
  [['V1.2.3'], {}, [], [/"tag": "V\{version\}"/]],
  [['v1-2.0.0', 'a1.2.3-rc1'], {}, [], [/"tag": "v1-\{version\}"/, /"tag": "a\{version\}"/]],
  [
    ['a/v2.0.0', 'a/v1.9.0', 'a/v1.8.0', 'a/v1.7.0'],
    {},
    [],
    [/: a\/v2\.0\.0, a\/v1\.9\.0, a\/v1\.8\.0 and 1 more —/],
  ],
  [['a/v2.0.0', 'b/v2.0.0'], {}, [], [/"a\/v\{version\}"/, /"b\/v\{version\}"/]],
  [['server/v1.0.0'], {}, [], []],
  [['server/v1.2.3'], { ignore: ['server/*'] }, [], []],
  [['server/v1.2.3'], { tag: 'server/v{version}' }, ['1.2.3'], []],
  [['server/v1.2.3', 'v3.0.0', 'nightly'], { tag: 'server/v{version}' }, ['1.2.3'], []],
  [['server/v1.0.0'], { tag: 'server/v{version}' }, [], []],
  [
    ['v1.2.3'],
    { tag: '{version}' },
    [],
    [/^warning: o\/r: no release has a tag that "tag": "\{version\}" fits/],
  ],
  [['v1.2.3', 'v1.2.4-server'], { tag: 'v{version}-server' }, ['1.2.4'], []],
  [['v1x2.3'], { tag: 'v1.{version}' }, [], [/no release has a tag/]],
  [[], { tag: 'v{version}' }, [], []],
  [
    ['nightly', 'v1.2', 'latest', '1.2.3.4', 'v01.2.3'],
    {},
    [],
    [/^o\/r has tags that are not versions: nightly, v1\.2, latest and 2 more$/],
  ],
  [['nightly'], { ignore: ['nightly'] }, [], []],
  [
    ['v1.1.0-rc1', 'v1.1.0'],
    {},
    ['1.1.0'],
    [/^o\/r has pre-releases, which only --pre-releases adds: v1\.1\.0-rc1$/],
  ],
  [['v1.1.0-rc1'], { ignore: ['*-rc*'] }, [], []],
  [['v1.1.0'], { ignore: ['v1.1.0'] }, [], []],
  [
    ['v1.1.0'],
    { ignore: ['1.1.0'] },
    ['1.1.0'],
    [/^warning: o\/r: "ignore" names "1\.1\.0", and no release/],
  ],
  [['v1.1.0'], { ignore: ['v9.9.9', 'v1.1.0'] }, [], [/"ignore" names "v9\.9\.9"/]],
  // What is in the catalog need not be ignored.
  [['v1.0.0'], { ignore: ['v1.0.0'] }, [], [/"ignore" names "v1\.0\.0"/]],
  [['v1.1.0'], { ignore: ['v1.1.*', 'x*'] }, [], [/"ignore" names "x\*"/]],
  [['v1x1.0'], { ignore: ['v1.1.0'] }, [], [/"ignore" names/, /not versions: v1x1\.0/]],
];

for (const [tags, more, versions, reported] of cases) {
  test(`tags ${tags.join(', ') || 'none'} with ${JSON.stringify(more)}: ${versions.join(', ') || 'none'}`, () => {
    const sorted = sort(tags, more);
    assert.deepEqual(sorted.versions, versions);
    assert.equal(sorted.reported.length, reported.length, sorted.reported.join('\n'));
    for (const [i, line] of sorted.reported.entries()) assert.match(line, reported[i] as RegExp);
  });
}
