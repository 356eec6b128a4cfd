import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../../test/corpora.ts';
import { impatientWeb, serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { hasGoFieldNames } from '../../catalog/problems/go-field-names.ts';
import type { Entry } from '../../catalog/schema.ts';
import { COMPUTED_LABELS } from '../../query/labels.ts';
import { addPlatforms } from './add-platforms.ts';
import { migrateEntry } from './migrate-entry.ts';
import { parseOldEntries } from './parse-old-entries.ts';

const manifest = { id: 'abc', version: '1.2.0' };
const today = { author_type: 'mattermost', release_stage: 'production' } as const;
const labels = (...names: string[]) => names.map((name) => ({ name, url: 'https://example.com/' }));

/** The entries of a text in today's form, and what contradicts itself in them. */
function migrate(text: string) {
  const results = parseOldEntries(text, 'a.json').map(migrateEntry);
  return {
    entries: results.map(({ entry }) => entry),
    problems: results.flatMap(({ problems }) => problems),
  };
}

const url = 'https://a.example';
const COMMUNITY_BETA_E20 = labels('Community', 'Beta', 'Enterprise (E20)');

// Description, the entry, the migrated entry, including the order of its fields.
const cases: readonly (readonly [string, object, object])[] = [
  ['nothing', { manifest }, { ...today, manifest }],
  ["today's form", { ...today, manifest, x: 1 }, { ...today, manifest, x: 1 }],
  [
    'empty fields',
    { release_stage: '', author_type: null, manifest },
    { release_stage: 'production', author_type: 'mattermost', manifest },
  ],
  [
    'labels that are fields now',
    { download_url: '', labels: COMMUNITY_BETA_E20, signature: '', manifest },
    {
      ...{ download_url: '', author_type: 'community', release_stage: 'beta', enterprise: true },
      ...{ signature: '', manifest },
    },
  ],
  [
    'labels that agree with its fields',
    {
      labels: labels('Partner', 'Professional/Enterprise'),
      ...{ author_type: 'partner', release_stage: 'experimental', enterprise: true, manifest },
    },
    { author_type: 'partner', release_stage: 'experimental', enterprise: true, manifest },
  ],
  [
    'a label of its own among them',
    { labels: labels('Experimental', 'New', 'Experimental'), manifest },
    { labels: labels('New'), author_type: 'mattermost', release_stage: 'experimental', manifest },
  ],
  ['an empty list of labels', { labels: [], ...today, manifest }, { ...today, manifest }],
  [
    'unknown fields',
    JSON.parse('{"__proto__": 1, "x": {}, "manifest": {"id": "abc", "version": "1.2.0"}}'),
    JSON.parse(
      '{"__proto__": 1, "x": {}, "author_type": "mattermost", "release_stage": "production", "manifest": {"id": "abc", "version": "1.2.0"}}',
    ),
  ],
  // Entries of 2019.
  ['2019: the manifest alone', { Manifest: manifest }, { ...today, manifest }],
  [
    '2019: every field',
    {
      ...{ HomepageURL: url, IconData: 'data:image/png;base64,AA==', DownloadURL: `${url}/a` },
      ReleaseNotesURL: `${url}/1`,
      Labels: [{ Name: 'New', Description: 'd', URL: url, Color: 'red' }],
      ...{ Hosting: 'cloud', AuthorType: 'partner', ReleaseStage: 'beta', Enterprise: true },
      ...{ Signature: 'c2ln', RepoName: 'r', Manifest: manifest },
      Platforms: { 'linux-amd64': { DownloadURL: `${url}/l`, Signature: 'c2ln' } },
      UpdatedAt: '2019-12-01T00:00:00Z',
    },
    {
      ...{ homepage_url: url, icon_data: 'data:image/png;base64,AA==', download_url: `${url}/a` },
      release_notes_url: `${url}/1`,
      labels: [{ name: 'New', description: 'd', url, color: 'red' }],
      ...{ hosting: 'cloud', author_type: 'partner', release_stage: 'beta', enterprise: true },
      ...{ signature: 'c2ln', repo_name: 'r', manifest },
      platforms: { 'linux-amd64': { download_url: `${url}/l`, signature: 'c2ln' } },
      updated_at: '2019-12-01T00:00:00Z',
    },
  ],
  [
    '2019: labels that are fields now',
    { Labels: [{ Name: 'Beta' }, { Name: 'Community' }], Manifest: manifest },
    { author_type: 'community', release_stage: 'beta', manifest },
  ],
  [
    '2019: the older name of a signature',
    { DownloadSignature: 'c2ln', Manifest: manifest },
    { ...today, signature: 'c2ln', manifest },
  ],
  [
    '2019: null and empty fields',
    { Labels: null, IconData: null, Manifest: manifest },
    { icon_data: null, ...today, manifest },
  ],
  [
    '2019: both names, one of them empty',
    { HomepageURL: '', homepage_url: url, Manifest: manifest },
    { homepage_url: url, ...today, manifest },
  ],
  [
    '2019: both names with the same value',
    { manifest, ...today, Manifest: manifest },
    { manifest, ...today },
  ],
  [
    '2019: unknown fields',
    JSON.parse(
      '{"__proto__": 1, "Other": {"Name": 2}, "Manifest": {"id": "abc", "version": "1.2.0", "Other": 3}}',
    ),
    JSON.parse(
      '{"__proto__": 1, "Other": {"Name": 2}, "author_type": "mattermost", "release_stage": "production", "manifest": {"id": "abc", "version": "1.2.0", "Other": 3}}',
    ),
  ],
];

for (const [what, entry, expected] of cases) {
  test(`an entry with ${what} is brought to today's form, once`, () => {
    assert.equal(hasGoFieldNames(entry), what.startsWith('2019'));
    assert.equal(hasGoFieldNames(expected), false);
    const once = JSON.stringify(migrate(JSON.stringify([entry])).entries);
    assert.equal(once, JSON.stringify([expected]));
    assert.equal(JSON.stringify(migrate(once).entries), once, 'migrate twice is migrate once');
  });
}

for (const value of [
  null,
  1,
  'Manifest',
  [],
  [{ Manifest: {} }],
  {},
  { manifest },
  { MANIFEST: 1 },
]) {
  test(`${JSON.stringify(value)} has no field names of Go`, () => {
    assert.equal(hasGoFieldNames(value), false);
  });
}

test('every label that the API computes has a field', () => {
  for (const { name } of COMPUTED_LABELS) {
    const { entry } = migrateEntry({ manifest, labels: [{ name }] });
    assert.equal(entry.labels, undefined, name);
  }
});

// Labels and fields, what contradicts.
const contradictions: readonly (readonly [object, string, string])[] = [
  [{ labels: labels('Community'), author_type: 'partner' }, '"partner"', 'Community'],
  [{ labels: labels('Partner', 'Community') }, '"partner"', 'Community'],
  [{ labels: labels('Beta'), release_stage: 'production' }, '"production"', 'Beta'],
  [{ labels: labels('Enterprise (E20)'), enterprise: false }, 'false', 'Enterprise (E20)'],
  [{ Labels: [{ Name: 'Community' }], AuthorType: 'partner' }, '"partner"', 'Community'],
];

for (const [fields, found, label] of contradictions) {
  test(`an entry with ${JSON.stringify(fields)} contradicts itself`, () => {
    const own = 'Labels' in fields ? { Manifest: manifest } : { manifest };
    const [problem, ...others] = migrate(JSON.stringify([{ ...fields, ...own }])).problems;
    assert.deepEqual(others, []);
    assert.equal(problem?.found, found);
    assert.equal(problem?.message, `contradicts the label ${JSON.stringify(label)}`);
  });
}

const MANIFEST = '"Manifest": {"id": "abc", "version": "1.2.0"}';

// A catalog of 2019, what is wrong with it.
const refused: readonly (readonly [string, RegExp])[] = [
  [
    `[{"HomepageURL": "${url}", "homepage_url": "https://b.example", ${MANIFEST}}]`,
    /a\.json \[0\]\.homepage_url: contradicts HomepageURL, its name of 2019/,
  ],
  [
    `[{${MANIFEST}, "Platforms": {"linux-amd64": {"DownloadURL": "${url}", "download_url": "https://b.example"}}}]`,
    /\[0\]\.platforms\.linux-amd64\.download_url: contradicts DownloadURL, its name of 2019/,
  ],
  ['[{"HomepageURL": ""}]', /a\.json \[0\]\.manifest: is missing/],
  [
    '[{"Manifest": {"id": "abc", "version": "1.2"}}]',
    /\[0\]\.manifest\.version: "1\.2" is not a semantic version/,
  ],
  ['[{"Manifest": {"id": "abc", "version": "1.2.0", "x": 1e400}}]', /1e400 is a number too large/],
  [`[{"Manifest": ${'['.repeat(9999)}${']'.repeat(9999)}}]`, /nested more than 100 levels deep/],
  ['[{"Manifest": {}]', /a\.json:1:\d+/],
];

for (const [text, message] of refused) {
  test(`${text.slice(0, 80)} is refused`, () => {
    assert.throws(() => migrate(text), { name: 'UserError', message });
  });
}

for (const { name, catalog } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
  test(`of ${name} migrate twice is migrate once, and no entry is lost`, () => {
    const text = readFileSync(catalog, 'utf8');
    const { entries, problems } = migrate(text);
    assert.deepEqual(problems, []);
    assert.equal(entries.length, JSON.parse(text).length);
    const once = JSON.stringify(entries);
    assert.equal(JSON.stringify(migrate(once).entries), once);
  });
}

test('the case go-field-names-2019 becomes a catalog', () => {
  const folder = path.join(import.meta.dirname, '../../../test/fixtures/cases');
  const text = readFileSync(path.join(folder, 'go-field-names-2019/catalog.json'), 'utf8');
  const homepage_url = url;
  const download_url = `${url}/a-1.0.0.tar.gz`;
  const own = { id: 'com.example.a', name: 'A', version: '1.0.0' };
  const expected = [{ homepage_url, download_url, ...today, signature: '', manifest: own }];
  assert.deepEqual(migrate(text).entries, expected);
});

const FIPS = 'plugin-abc-v1.2.0%2Ba1-fips';

// The entry, what the store has, the platforms of the entry then.
const stored: readonly (readonly [Partial<Entry>, string, object])[] = [
  [{}, 'plugin-abc-v1.2.0-darwin-amd64', { 'darwin-amd64': 'plugin-abc-v1.2.0-darwin-amd64' }],
  [
    { platforms: { 'darwin-amd64': {} } },
    'plugin-abc-v1.2.0-darwin-amd64',
    { 'darwin-amd64': 'plugin-abc-v1.2.0-darwin-amd64' },
  ],
  [{}, 'plugin-abc-v1.2.0-osx-arm64', { 'darwin-arm64': 'plugin-abc-v1.2.0-osx-arm64' }],
  [
    { manifest: { ...manifest, server: { executables: { 'freebsd-amd64': 'x' } } } },
    'plugin-abc-v1.2.0-freebsd-amd64',
    { 'freebsd-amd64': 'plugin-abc-v1.2.0-freebsd-amd64' },
  ],
  [
    { manifest: { id: 'abc', version: '1.2.0+a1-fips' } },
    `${FIPS}-linux-amd64`,
    { 'linux-amd64': `${FIPS}-linux-amd64` },
  ],
  [
    { download_url: `https://example.com/r/${FIPS}.tar.gz` },
    `${FIPS}-linux-amd64`,
    { 'linux-amd64': `${FIPS}-linux-amd64` },
  ],
  [
    { download_url: 'https://example.com/r/plugin-abc-v1.2.0+a1-fips.tar.gz' },
    'plugin-abc-v1.2.0-linux-amd64',
    {},
  ],
  [{ repo_name: '' }, 'plugin-abc-v1.2.0-linux-amd64', {}],
];

for (const [entry, file, expected] of stored) {
  test(`${JSON.stringify(entry)}, and ${file} in the store`, async (t) => {
    const files = { [`/${file}.tar.gz`]: 'x', [`/${file}.tar.gz.sig`]: 'signed' };
    const server = await startLoopback(t, serveFiles(files));
    const given = { repo_name: 'plugin-abc', manifest, ...entry };
    const { platforms } = await addPlatforms(impatientWeb(), server.url, given);
    const names = Object.entries(platforms ?? {}).map(([platform, bundle]) => [
      platform,
      path.basename(bundle?.download_url ?? '', '.tar.gz'),
    ]);
    assert.deepEqual(Object.fromEntries(names), expected);
  });
}

test('the bundles that an entry has for platforms keep their position, and are not looked up', async (t) => {
  const files = ['linux-amd64', 'osx-amd64'].flatMap((platform) => [
    [`/plugin-abc-v1.2.0-${platform}.tar.gz`, 'x'],
    [`/plugin-abc-v1.2.0-${platform}.tar.gz.sig`, 'signed'],
  ]);
  const server = await startLoopback(t, serveFiles(Object.fromEntries(files)));
  const own = { download_url: 'https://example.com/own', signature: 'c2ln', x: 1 };
  const given = { 'darwin-amd64': { y: 2 }, 'linux-amd64': own, 'linux-arm64': null };
  const entry = { repo_name: 'plugin-abc', manifest, platforms: given };
  const { platforms } = await addPlatforms(impatientWeb(), `${server.url}/`, entry);
  const download_url = `${server.url}/plugin-abc-v1.2.0-osx-amd64.tar.gz`;
  const signature = Buffer.from('signed').toString('base64');
  assert.deepEqual(Object.entries(platforms ?? {}), [
    ['darwin-amd64', { y: 2, download_url, signature }],
    ['linux-amd64', own],
    ['linux-arm64', null],
  ]);
  assert.ok(!server.asked.some((line) => line.includes('linux-amd64')));
});
