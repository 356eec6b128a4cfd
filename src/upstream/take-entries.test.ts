import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../lib/errors.ts';
import { parseAnswer } from '../mattermost/answers/parse-answer.ts';
import { indexCatalog } from '../query/catalog-index.ts';
import { evaluate } from '../query/evaluate.ts';
import { renderAnswer, renderRelease } from '../query/render.ts';
import { type Filter, parseFilter } from '../router/request/parse-filter.ts';
import { takeEntries } from './take-entries.ts';

const good = { manifest: { id: 'good', version: '1.0.0' } };

/** An entry of the id `bad` with these additional fields, and these in its manifest. */
const bad = (fields: object, manifest: object = {}) => ({
  ...fields,
  manifest: { id: 'bad', version: '1.0.0', ...manifest },
});

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);

// An entry that is passed on, the warning.
const passed: readonly (readonly [unknown, RegExp])[] = [
  [bad({ homepage_url: 'bad.example/x' }), /^bad@1\.0\.0 homepage_url: "bad\.example\/x" is not/],
  [bad({ homepage_url: 'javascript:alert(1)' }), /homepage_url: "javascript:/],
  [bad({ download_url: '/a.tar.gz' }), /download_url: "\/a/],
  [bad({ release_notes_url: 'notes' }), /release_notes_url: "notes"/],
  [bad({ icon_data: 'https://bad.example/icon.png' }), /icon_data: "https/],
  [bad({ hosting: 'both' }), /hosting: "both"/],
  [bad({ author_type: 'friend' }), /author_type: "friend"/],
  [bad({ release_stage: 'alpha' }), /release_stage: "alpha"/],
  [bad({}, { homepage_url: 'x' }), /manifest\.homepage_url: "x"/],
  [bad({}, { support_url: 'x' }), /manifest\.support_url: "x"/],
  [bad({}, { release_notes_url: 'x' }), /manifest\.release_notes_url: "x"/],
  [bad({}, { props: { n: 2 ** 70 } }), /manifest\.props\.n: 1\.18\d+e\+21 is/],
  [bad({ labels: [{ name: '' }] }), /labels\[0\]\.name: "" is/],
  [bad({ labels: [{ url: '' }] }), /labels\[0\]\.name: is missing/],
  [bad({ labels: [null] }), /labels\[0\]: null is/],
  [bad({ labels: [{ name: 'L', url: 'x' }] }), /labels\[0\]\.url: "x"/],
  // Fields that servers ignore.
  [bad({ updated_at: 'yesterday' }), /updated_at: "yesterday"/],
  [bad({ updated_at: 5 }), /updated_at: 5/],
  [bad({ updated_at: '2024-02-31T00:00:00Z' }), /updated_at: "2024-02-31/],
  [bad({ repo_name: {} }), /repo_name: \{\} is/],
  [bad({ platforms: [] }), /platforms: \[\] is/],
  [bad({ platforms: { Linux: {} } }), /platforms\.Linux: is not a platform/],
  [bad({ platforms: { 'linux-amd64': 'x' } }), /platforms\.linux-amd64: "x"/],
  [bad({ platforms: { 'linux-amd64': { download_url: 1, signature: 's' } } }), /download_url: 1/],
  [
    bad({ platforms: { 'linux-amd64': { download_url: 'x', signature: 's' } } }),
    /download_url: "x"/,
  ],
  // Keys that Go reads as another spelling.
  [{ MANIFEST: { ID: 'bad', Version: '1.0.0' } }, /^bad@1\.0\.0 .*key that Go reads as/],
  [
    bad({ HomePage_URL: 'https://bad.example' }),
    /HomePage_URL: is a key that Go reads as "homepage/,
  ],
  [bad({ Platforms: {} }), /Platforms: is a key/],
  [bad({}, { Name: 'Named' }), /manifest\.Name: is a key/],
  [
    bad({}, { settings_schema: { Settings: [{ Key: 'k' }] } }),
    /1 more is wrong with it: passed on/,
  ],
];

for (const [entry, said] of passed) {
  test(`${JSON.stringify(entry).slice(0, 90)} is passed on with the warning ${said.source}`, () => {
    const { releases, warnings } = takeEntries([good, entry], { from: 'u' });
    assert.deepEqual(
      releases.map(({ manifest }) => manifest.id),
      ['good', 'bad'],
    );
    const [warning, ...others] = warnings;
    assert.ok(warning && others.length === 0, 'one warning for an entry');
    assert.match(formatProblem({ ...warning, file: '' }).trim(), said);
    assert.match(warning.message, /: passed on, for servers can read it$/);
    assert.deepEqual([warning.level, warning.file], ['warning', 'u']);

    // A server reads the same from it as from the upstream.
    const found = evaluate(indexCatalog(releases), parseFilter('plugin_id=bad') as Filter) ?? [];
    const ours = renderAnswer(found.map(({ release }) => renderRelease(release, 'linux-amd64')));
    for (const version of ['5.18.0', '5.31.0', '9.5.0', '11.6.0']) {
      const theirs = parseAnswer(version, JSON.stringify([entry]));
      const platforms = (entry as { platforms?: Record<string, { signature?: string }> }).platforms;
      if (platforms?.['linux-amd64']?.signature === 's') continue;
      assert.deepEqual(parseAnswer(version, ours), theirs, `docs/design.md: what ${version} reads`);
    }
    assert.equal(takeEntries(releases, { from: 'u' }).releases.length, 2, 'a lock takes it, too');
  });
}

// An entry that is left out, the warning.
const leftOut: readonly (readonly [unknown, RegExp])[] = [
  [null, /^\[1\]: null is not an object/],
  [[], /^\[1\]: \[\] is not an object/],
  ['bad', /^\[1\]: "bad" is not an object/],
  [7, /^\[1\]: 7 is not an object/],
  [{}, /^\[1\] manifest: is missing/],
  [{ manifest: null }, /^\[1\] manifest: null is/],
  [{ manifest: 'bad' }, /^\[1\] manifest: "bad" is/],
  [bad({}, { id: 5 }), /^\[1\] manifest\.id: 5 is/],
  [bad({}, { id: ' bad' }), /manifest\.id: " bad" is/],
  [bad({}, { id: 'b\u0000d' }), /manifest\.id: "b\\u0000d" is/],
  [bad({}, { version: '1.2' }), /^bad@1\.2 manifest\.version: "1\.2" is/],
  [bad({}, { version: 'v1.0.0' }), /manifest\.version: "v1\.0\.0" is/],
  [bad({}, { version: '' }), /^bad@ manifest\.version: "" is/],
  [bad({}, { version: null }), /manifest\.version: null is/],
  [bad({}, { version: 1 }), /manifest\.version: 1 is/],
  [bad({}, { min_server_version: '5.2' }), /min_server_version: "5\.2" is/],
  // Secrets must not be published.
  [
    bad({ homepage_url: 'https://u:p@bad.example' }),
    /homepage_url: "https:\/\/…@bad.* holds a user/,
  ],
  [bad({}, { support_url: 'https://u@bad.example' }), /support_url: "https:\/\/…@bad.* holds a/],
  [bad({ download_url: 'http://:p@bad.example' }), /download_url: "http:\/\/…@bad.* holds a/],
  [bad({}, { id: 'a'.repeat(191) }), /manifest\.id: "a+… is longer than servers install/],
  [bad({}, { name: 5 }), /manifest\.name: 5 is/],
  [bad({}, { name: ['x'] }), /manifest\.name: \["x"\] is/],
  [bad({}, { server: [] }), /manifest\.server: \[\] is/],
  [bad({}, { settings_schema: { settings: [{ key: 1 }] } }), /settings\[0\]\.key: 1 is/],
  [bad({}, { props: [] }), /manifest\.props: \[\] is/],
  [bad({ enterprise: 'yes' }), /enterprise: "yes" is/],
  [bad({ enterprise: 1 }), /enterprise: 1 is/],
  [bad({ homepage_url: 5 }), /homepage_url: 5 is/],
  [bad({ icon_data: {} }), /icon_data: \{\} is/],
  [bad({ labels: {} }), /labels: \{\} is/],
  [bad({ labels: ['Beta'] }), /labels\[0\]: "Beta" is/],
  [bad({ labels: [{ name: 5 }] }), /labels\[0\]\.name: 5 is/],
  [bad({ LABELS: ['Beta'] }), /labels\[0\]: "Beta" is/],
  [bad({}, { ID: 'other' }), /manifest\.ID: is a key that Go reads as "id"/],
  [bad({ deep: nested(120) }), /is nested more than/],
  [bad({}, { props: { deep: nested(50_000) } }), /is nested more than/],
];

for (const [entry, said] of leftOut) {
  const name = said.source.slice(0, 60);
  test(`an entry with the warning ${name} is left out, and the others stay`, () => {
    const { releases, warnings } = takeEntries([good, entry, good], { from: 'u' });
    assert.deepEqual(
      releases.map(({ manifest }) => manifest.id),
      ['good', 'good'],
    );
    const [warning, ...others] = warnings;
    assert.ok(warning && others.length === 0, 'one warning for an entry');
    assert.match(formatProblem({ ...warning, file: '' }).trim(), said);
    assert.match(warning.message, /: left out$/);
  });
}

test('there are no warnings about an id that is not admitted', () => {
  const denied = [
    ...passed.map(([entry]) => entry),
    bad({}, { version: 'v1' }),
    bad({ enterprise: 'yes' }),
    bad({ deep: nested(50_000) }),
    { Manifest: { ID: 'bad' } },
  ];
  const isReported = (id: string) => id !== 'bad';
  const { warnings } = takeEntries([good, ...denied], { from: 'u', isReported });
  assert.deepEqual(warnings, []);
});

test('an icon that is too large is left out of its entry, and reported', () => {
  const icon_data = `data:image/png,${'A'.repeat(400_000)}`;
  const { releases, warnings } = takeEntries([bad({ icon_data })], { from: 'u' });
  assert.deepEqual(
    releases.map((release) => release.icon_data),
    [''],
  );
  assert.deepEqual(
    warnings.map(({ path }) => path),
    ['bad@1.0.0 icon_data'],
  );
  assert.match(warnings[0]?.message ?? '', /^is an icon of more than 256 kB/);
});

test('an entry that is shown twice is reported once', () => {
  const entry = bad({ homepage_url: 'x' });
  const { releases, warnings } = takeEntries([entry, entry], { from: 'u' });
  assert.deepEqual([releases.length, warnings.length], [2, 1]);
});
