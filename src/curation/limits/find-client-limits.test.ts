import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { renderAnswer, renderRelease } from '../../query/render.ts';
import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { findClientLimits } from './find-client-limits.ts';

function plugin(id: string, fields: object = {}, manifest: object = {}) {
  return {
    ...fields,
    manifest: { id, name: id, version: '1.0.0', min_server_version: '9.0.0', ...manifest },
  };
}

type Entry = ReturnType<typeof plugin>;

const many = (count: number, fields: (i: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, i) => plugin(`p-${String(i).padStart(3, '0')}`, fields(i)));

/** The problems of a catalog, and of an upstream under it. */
function problemsOf(own: readonly Entry[], upstream: readonly Entry[] = []) {
  const [releases, others] = [own, upstream].map((entries) => {
    const { releases, problems } = parseCatalog(JSON.stringify(entries), 'c.json');
    assert.deepEqual(problems, []);
    return releases;
  }) as [ReturnType<typeof parseCatalog>['releases'], ReturnType<typeof parseCatalog>['releases']];
  const located = releases.map((release, index) => ({ release, file: 'c.json', index }));
  return findClientLimits([...releases, ...others], located);
}

const enterprise = { enterprise: true };
const cloud = { hosting: 'cloud' };
const onPrem = { hosting: 'on-prem' };

// Entries, the message of the only problem; null for none.
const lists: readonly (readonly [string, readonly Entry[], RegExp | null])[] = [
  ['no plugin', [], null],
  ['100 plugins', many(100), null],
  [
    '101 plugins',
    many(101),
    /^up to 101 plugins are listed for servers 9\.0\.0 and newer, and servers ask for the first 100 only: they never show p-100$/,
  ],
  ['103 plugins', many(103), /show p-100, p-101, p-102$/],
  ['110 plugins', many(110), /show p-100, p-101, p-102 and 7 more$/],
  ['101 for the cloud', many(101, () => cloud), /for servers 9\.0\.0 and newer, cloud, and/],
  ['101 for Enterprise', many(101, () => enterprise), /9\.0\.0 and newer, enterprise, and/],
  ['51 for each hosting', many(102, (i) => (i % 2 ? cloud : onPrem)), null],
  [
    '101 releases of one plugin',
    many(101).map(({ manifest }, i) =>
      plugin('p', {}, { ...manifest, id: 'p', version: `1.${i}.0` }),
    ),
    null,
  ],
  [
    'the 101st for newer servers',
    [...many(100), plugin('later', {}, { min_server_version: '10.0.0', name: 'A' })],
    /for servers 10\.0\.0 and newer, and .* show p-099$/,
  ],
];

for (const [what, entries, expected] of lists) {
  test(`a catalog with ${what}: ${expected?.source ?? 'no problem'}`, () => {
    const problems = problemsOf(entries);
    assert.equal(problems.length, expected === null ? 0 : 1);
    for (const { level, check, message, remedy } of problems) {
      assert.deepEqual([level, check], ['warning', 'beyond-first-page']);
      assert.match(message, expected as RegExp);
      assert.match(remedy ?? '', /leave out plugins/);
    }
  });
}

test('the plugins of an upstream count', () => {
  const [problem] = problemsOf(many(60), many(101).slice(60));
  assert.match(problem?.message ?? '', /^up to 101 plugins/);
});

const MOST_BYTES = 10_000_000;

/** Plugins of no icon that servers list in so many bytes, one of which is the largest. */
function listOf(bytes: number): Entry[] {
  const entries = many(50, (i) => ({ repo_name: 'x'.repeat(190_000 + i) }));
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'c.json');
  assert.deepEqual(problems, []);
  const list =
    evaluate(indexCatalog(releases), parseFilter('server_version=9.0.0') as Filter) ?? [];
  const text = renderAnswer(list.map(({ release }) => renderRelease(release, '')));
  const missing = bytes - Buffer.byteLength(text);
  return entries.map((entry, i) =>
    i < 49 ? entry : { ...entry, repo_name: 'x'.repeat(190_049 + missing) },
  );
}

test('a list of 10,000,000 bytes is compressed, and a byte more is reported', () => {
  assert.deepEqual(problemsOf(listOf(MOST_BYTES)), []);
  const [problem, ...others] = problemsOf(listOf(MOST_BYTES + 1));
  assert.deepEqual(others, []);
  assert.equal(problem?.level, 'warning');
  assert.equal(problem?.check, 'uncompressed-list');
  assert.match(
    problem?.message ?? '',
    /^the list for servers 9\.0\.0 and newer has up to 10000001 bytes, .*; the largest entries are p-049 \(\d+\), p-048 \(190\d+\), p-047 \(190\d+\)$/,
  );
  assert.match(problem?.remedy ?? '', /make icons smaller/);
});

/** An icon of so many bytes as text, and of three quarters of that as a picture. */
const icon = (bytes: number) => {
  const start = 'data:image/png;base64,';
  return { icon_data: start + 'A'.repeat(bytes - start.length) };
};
const picture = (bytes: number) => ({
  icon_data: `data:image/png;base64,${Buffer.alloc(bytes).toString('base64')}`,
});
const svg = (bytes: number) => ({ icon_data: `data:image/svg+xml,${'%20'.repeat(bytes)}` });
const old = { version: '0.9.0' };
const KIB = 1024;

// Entries, the path and message of the only problem; null for none.
const icons: readonly (readonly [string, readonly Entry[], RegExp | null])[] = [
  ['a small icon alone', [plugin('a', icon(16 * KIB))], null],
  [
    'a larger icon alone',
    [plugin('a', icon(16 * KIB + 4))],
    /^\[0\]\.icon_data takes 16388 of the 16\d\d\d bytes of the largest list that servers ask for \(9\d %\)$/,
  ],
  ['ten alike in a list', many(11, () => icon(20 * KIB)), null],
  [
    'one that takes more than a tenth',
    [...many(10, () => icon(16 * KIB)), plugin('z', icon(20 * KIB))],
    /^\[10\]\.icon_data takes 20480 of the \d+ bytes of .* \(11 %\)$/,
  ],
  ['a larger icon of an older release', [plugin('a'), plugin('a', icon(60 * KIB), old)], null],
  ['an older icon of 64 kB', [plugin('a'), plugin('a', picture(64 * KIB), old)], null],
  [
    'a larger older icon',
    [plugin('a'), plugin('a', picture(64 * KIB + 1), old)],
    /^\[1\]\.icon_data is an icon of 65 kB, which every list with this release has to carry$/,
  ],
  ['an older icon of 64 kB in escapes', [plugin('a'), plugin('a', svg(64 * KIB), old)], null],
  [
    'a larger older icon in escapes',
    [plugin('a'), plugin('a', svg(64 * KIB + 1), old)],
    /^\[1\]\.icon_data is an icon of 65 kB, /,
  ],
];

for (const [what, entries, expected] of icons) {
  test(`a catalog with ${what}: ${expected?.source ?? 'no problem'}`, () => {
    const problems = problemsOf(entries);
    assert.equal(problems.length, expected === null ? 0 : 1);
    for (const { level, check, path, message, remedy } of problems) {
      assert.deepEqual([level, check], ['warning', 'large-icon']);
      assert.match(`${path} ${message}`, expected as RegExp);
      assert.equal(remedy, 'use a picture of at most 12 kB');
    }
  });
}

test('an icon of the upstream is not reported, and counts as a part of the list', () => {
  const [problem, ...others] = problemsOf(
    [plugin('a', icon(20 * KIB))],
    [plugin('b', icon(60 * KIB))],
  );
  assert.deepEqual(others, []);
  assert.match(problem?.message ?? '', /^takes 20480 of .* \(2\d %\)$/);
});
