import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { hasGoFieldNames } from '../../src/catalog/problems/go-field-names.ts';
import { parseEntries } from '../../src/curation/editable-catalog.ts';
import { migrateEntry } from '../../src/curation/migrate/migrate-entry.ts';
import { COMPUTED_LABELS } from '../../src/query/labels.ts';
import { FIXTURE_CORPORA, REAL_CORPORA } from '../../test/corpora.ts';
import { serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { makeProject, runCatalog } from './fixture-catalog-command.ts';
import { migrate } from './migrate.ts';

const manifest = { id: 'abc', version: '1.2.0' };
const today = { author_type: 'mattermost', release_stage: 'production' };
const labels = (...names: string[]) => names.map((name) => ({ name, url: 'https://example.com/' }));

// What an entry is like, the entry, what becomes of it: also in the order of its fields.
const cases: readonly (readonly [string, object, object])[] = [
  ['without anything', { manifest }, { ...today, manifest }],
  ['of today', { ...today, manifest, x: 1 }, { ...today, manifest, x: 1 }],
  [
    'with empty fields',
    { release_stage: '', author_type: null, manifest },
    { release_stage: 'production', author_type: 'mattermost', manifest },
  ],
  [
    'with labels that are fields now',
    {
      download_url: '',
      labels: labels('Community', 'Beta', 'Enterprise (E20)'),
      signature: '',
      manifest,
    },
    {
      download_url: '',
      author_type: 'community',
      release_stage: 'beta',
      enterprise: true,
      signature: '',
      manifest,
    },
  ],
  [
    'with labels that say the same as its fields',
    {
      labels: labels('Partner', 'Professional/Enterprise'),
      author_type: 'partner',
      release_stage: 'experimental',
      enterprise: true,
      manifest,
    },
    { author_type: 'partner', release_stage: 'experimental', enterprise: true, manifest },
  ],
  [
    'with a label of its own among them',
    { labels: labels('Experimental', 'New', 'Experimental'), manifest },
    { labels: labels('New'), author_type: 'mattermost', release_stage: 'experimental', manifest },
  ],
  ['with an empty list of labels', { labels: [], ...today, manifest }, { ...today, manifest }],
  [
    'with fields that nobody knows',
    JSON.parse('{"__proto__": 1, "x": {}, "manifest": {"id": "abc", "version": "1.2.0"}}'),
    JSON.parse(
      `{"__proto__": 1, "x": {}, "author_type": "mattermost", "release_stage": "production", "manifest": {"id": "abc", "version": "1.2.0"}}`,
    ),
  ],
];

for (const [what, entry, expected] of cases) {
  test(`an entry ${what} is brought to today's form, once`, async (t) => {
    const cwd = await makeProject(t, { 'plugins.json': [entry] });
    const read = async () => await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    const first = await runCatalog(migrate, ['--offline'], { cwd });
    assert.equal(first.code, 0, first.stderr);
    const once = await read();
    assert.equal(once, `${JSON.stringify([expected], null, 2)}\n`);
    const second = await runCatalog(migrate, ['--offline'], { cwd });
    assert.match(second.stdout, /^0 of 1 entries changed/);
    assert.equal(await read(), once, 'migrate twice is migrate once');
  });
}

test('every label that the API computes has a field', () => {
  for (const { name } of COMPUTED_LABELS) {
    const { entry } = migrateEntry({ manifest, labels: [{ name }] });
    assert.equal(entry.labels, undefined, name);
  }
});

// Labels and fields, what contradicts.
const contradictions: readonly (readonly [object, RegExp])[] = [
  [
    { labels: labels('Community'), author_type: 'partner' },
    /author_type: "partner" contradicts the label "Community"/,
  ],
  [
    { labels: labels('Partner', 'Community') },
    /author_type: "partner" contradicts the label "Community"/,
  ],
  [
    { labels: labels('Beta'), release_stage: 'production' },
    /release_stage: "production" contradicts the label "Beta"/,
  ],
  [
    { labels: labels('Enterprise (E20)'), enterprise: false },
    /enterprise: false contradicts the label "Enterprise/,
  ],
];

for (const [fields, expected] of contradictions) {
  test(`an entry that says ${JSON.stringify(fields)} is left as it was`, async (t) => {
    const cwd = await makeProject(t, { 'plugins.json': [{ manifest }, { ...fields, manifest }] });
    const before = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    const { code, stderr } = await runCatalog(migrate, ['--offline'], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), before);
  });
}

test('bundles for single platforms are looked up where they are lacking', async (t) => {
  const server = await startLoopback(
    t,
    serveFiles({
      '/r/plugin-abc-v1.2.0-linux-amd64.tar.gz': 'x',
      '/r/plugin-abc-v1.2.0-linux-amd64.tar.gz.sig': 'signed',
      '/r/plugin-abc-v1.2.0-osx-amd64.tar.gz': 'x',
      '/r/plugin-abc-v1.2.0-osx-amd64.tar.gz.sig': 'signed',
    }),
  );
  const own = { download_url: 'https://example.com/own', signature: 'c2ln', x: 1 };
  const entries = [
    {
      ...today,
      repo_name: 'plugin-abc',
      manifest,
      platforms: { 'darwin-amd64': { y: 2 }, 'linux-amd64': own, 'linux-arm64': null },
    },
    { ...today, manifest: { id: 'abd', version: '1.2.0' } },
  ];
  const cwd = await makeProject(t, { 'plugins.json': entries });
  const args = ['--store', `${server.url}/r/`];
  const { code, stdout, stderr } = await runCatalog(migrate, args, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^1 of 2 entries changed/);
  const text = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
  const [first, second] = JSON.parse(text);
  const url = `${server.url}/r/plugin-abc-v1.2.0-osx-amd64.tar.gz`;
  const signature = Buffer.from('signed').toString('base64');
  assert.deepEqual(Object.entries(first.platforms), [
    ['darwin-amd64', { y: 2, download_url: url, signature }],
    ['linux-amd64', own],
    ['linux-arm64', null],
  ]);
  assert.deepEqual(second, entries[1], 'without a repository there is nothing to look up');
  assert.equal(
    server.asked.some((line) => line.includes('linux-amd64')),
    false,
  );
  await runCatalog(migrate, args, { cwd });
  assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), text);
});

// The entry, what the store has, what the entry has then.
const stored: readonly (readonly [string, object, string, object])[] = [
  [
    'the newer name of macOS',
    { manifest },
    'plugin-abc-v1.2.0-darwin-amd64',
    { 'darwin-amd64': 'plugin-abc-v1.2.0-darwin-amd64' },
  ],
  [
    'an empty bundle in the catalog',
    { manifest, platforms: { 'darwin-amd64': {} } },
    'plugin-abc-v1.2.0-darwin-amd64',
    { 'darwin-amd64': 'plugin-abc-v1.2.0-darwin-amd64' },
  ],
  [
    'the older name of macOS, on ARM',
    { manifest },
    'plugin-abc-v1.2.0-osx-arm64',
    { 'darwin-arm64': 'plugin-abc-v1.2.0-osx-arm64' },
  ],
  [
    'a platform that the manifest lists',
    { manifest: { ...manifest, server: { executables: { 'freebsd-amd64': 'x' } } } },
    'plugin-abc-v1.2.0-freebsd-amd64',
    { 'freebsd-amd64': 'plugin-abc-v1.2.0-freebsd-amd64' },
  ],
  [
    'a version with a plus',
    { manifest: { id: 'abc', version: '1.2.0+a1-fips' } },
    'plugin-abc-v1.2.0%2Ba1-fips-linux-amd64',
    { 'linux-amd64': 'plugin-abc-v1.2.0%2Ba1-fips-linux-amd64' },
  ],
  [
    'a tag with a plus',
    { manifest, download_url: 'https://example.com/r/plugin-abc-v1.2.0%2Ba1-fips.tar.gz' },
    'plugin-abc-v1.2.0%2Ba1-fips-linux-amd64',
    { 'linux-amd64': 'plugin-abc-v1.2.0%2Ba1-fips-linux-amd64' },
  ],
  [
    'the usual build beside one for FIPS',
    { manifest, download_url: 'https://example.com/r/plugin-abc-v1.2.0+a1-fips.tar.gz' },
    'plugin-abc-v1.2.0-linux-amd64',
    {},
  ],
];

for (const [what, entry, file, expected] of stored) {
  test(`a store with ${what} is looked into`, async (t) => {
    const files = { [`/${file}.tar.gz`]: 'x', [`/${file}.tar.gz.sig`]: 'signed' };
    const server = await startLoopback(t, serveFiles(files));
    const cwd = await makeProject(t, {
      'plugins.json': [{ ...today, repo_name: 'plugin-abc', ...entry }],
    });
    const { code, stderr } = await runCatalog(migrate, ['--store', server.url], { cwd });
    assert.equal(code, 0, stderr);
    const [{ platforms = {} }] = JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
    const names = Object.entries<{ download_url: string }>(platforms).map(
      ([platform, { download_url }]) => [platform, path.basename(download_url, '.tar.gz')],
    );
    assert.deepEqual(Object.fromEntries(names), expected);
  });
}

const base = { manifest, ...today };

// What an entry of 2019 is like, the entry, what becomes of it: also in the order of its fields.
const old: readonly (readonly [string, object, object])[] = [
  ['the manifest alone', { Manifest: manifest }, { ...today, manifest }],
  [
    'every field',
    {
      HomepageURL: 'https://a.example',
      IconData: 'data:image/png;base64,AA==',
      DownloadURL: 'https://a.example/a',
      ReleaseNotesURL: 'https://a.example/1',
      Labels: [{ Name: 'New', Description: 'd', URL: 'https://a.example', Color: 'red' }],
      Hosting: 'cloud',
      AuthorType: 'partner',
      ReleaseStage: 'beta',
      Enterprise: true,
      Signature: 'c2ln',
      RepoName: 'r',
      Manifest: manifest,
      Platforms: { 'linux-amd64': { DownloadURL: 'https://a.example/l', Signature: 'c2ln' } },
      UpdatedAt: '2019-12-01T00:00:00Z',
    },
    {
      homepage_url: 'https://a.example',
      icon_data: 'data:image/png;base64,AA==',
      download_url: 'https://a.example/a',
      release_notes_url: 'https://a.example/1',
      labels: [{ name: 'New', description: 'd', url: 'https://a.example', color: 'red' }],
      hosting: 'cloud',
      author_type: 'partner',
      release_stage: 'beta',
      enterprise: true,
      signature: 'c2ln',
      repo_name: 'r',
      manifest,
      platforms: { 'linux-amd64': { download_url: 'https://a.example/l', signature: 'c2ln' } },
      updated_at: '2019-12-01T00:00:00Z',
    },
  ],
  [
    'labels that are fields now',
    { Labels: [{ Name: 'Beta' }, { Name: 'Community' }], Manifest: manifest },
    { author_type: 'community', release_stage: 'beta', manifest },
  ],
  [
    'the older name of a signature',
    { DownloadSignature: 'c2ln', Manifest: manifest },
    { ...today, signature: 'c2ln', manifest },
  ],
  [
    'null and empty fields',
    { Labels: null, IconData: null, Manifest: manifest },
    { icon_data: null, ...today, manifest },
  ],
  [
    'both names, one of them empty',
    { HomepageURL: '', homepage_url: 'https://a.example', Manifest: manifest },
    { homepage_url: 'https://a.example', ...today, manifest },
  ],
  ['both names that say the same', { ...base, Manifest: manifest }, base],
  [
    'fields that nobody knows',
    JSON.parse(
      '{"__proto__": 1, "Other": {"Name": 2}, "Manifest": {"id": "abc", "version": "1.2.0", "Other": 3}}',
    ),
    JSON.parse(
      '{"__proto__": 1, "Other": {"Name": 2}, "author_type": "mattermost", "release_stage": "production", "manifest": {"id": "abc", "version": "1.2.0", "Other": 3}}',
    ),
  ],
];

for (const [what, entry, expected] of old) {
  test(`an entry of 2019 with ${what} is brought to today's form, once`, async (t) => {
    assert.equal(hasGoFieldNames(entry), true);
    assert.equal(hasGoFieldNames(expected), false);
    const cwd = await makeProject(t, { 'plugins.json': [entry, base] });
    const read = async () => await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    const first = await runCatalog(migrate, ['--offline'], { cwd });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^1 of 2 entries changed/);
    const once = await read();
    assert.equal(once, `${JSON.stringify([expected, base], null, 2)}\n`);
    const second = await runCatalog(migrate, ['--offline'], { cwd });
    assert.match(second.stdout, /^0 of 2 entries changed/);
    assert.equal(await read(), once, 'migrate twice is migrate once');
  });
}

test('the case go-field-names-2019 becomes a catalog', async (t) => {
  const file = path.join(
    import.meta.dirname,
    '../../test/fixtures/cases/go-field-names-2019/catalog.json',
  );
  const cwd = await makeProject(t, { 'plugins.json': await readFile(file, 'utf8') });
  const { code, stdout, stderr } = await runCatalog(migrate, ['--offline'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^1 of 1 entries changed/);
  const text = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
  assert.deepEqual(JSON.parse(text), [
    {
      homepage_url: 'https://a.example',
      download_url: 'https://a.example/a-1.0.0.tar.gz',
      author_type: 'mattermost',
      release_stage: 'production',
      signature: '',
      manifest: { id: 'com.example.a', name: 'A', version: '1.0.0' },
    },
  ]);
});

// What is no entry of 2019.
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

// A catalog of 2019, what is told; it stays as it was.
const oldRefused: readonly (readonly [string, RegExp])[] = [
  [
    '[{"HomepageURL": "https://a.example", "homepage_url": "https://b.example", "Manifest": {"id": "abc", "version": "1.2.0"}}]',
    /plugins\.json \[0\]\.homepage_url: and HomepageURL, its name of 2019, say two things/,
  ],
  [
    '[{"Manifest": {"id": "abc", "version": "1.2.0"}, "Platforms": {"linux-amd64": {"DownloadURL": "https://a.example", "download_url": "https://b.example"}}}]',
    /\[0\]\.platforms\.linux-amd64\.download_url: and DownloadURL, its name of 2019, say two things/,
  ],
  ['[{"HomepageURL": ""}]', /plugins\.json \[0\]\.manifest: is missing/],
  [
    '[{"Manifest": {"id": "abc", "version": "1.2"}}]',
    /\[0\]\.manifest\.version: "1\.2" is not a semantic version/,
  ],
  ['[{"Manifest": {"id": "abc", "version": "1.2.0", "x": 1e400}}]', /1e400 is a number too large/],
  [`[{"Manifest": ${'['.repeat(9999)}${']'.repeat(9999)}}]`, /nested more than 100 levels deep/],
  ['[{"Manifest": {}]', /plugins\.json:1:\d+/],
  [
    '[{"Manifest": {"id": "abc", "version": "1.2.0"}, "AuthorType": "partner", "Labels": [{"Name": "Community"}]}]',
    /"partner" contradicts the label "Community"/,
  ],
];

for (const [text, expected] of oldRefused) {
  test(`${text.slice(0, 80)} is refused`, async (t) => {
    const cwd = await makeProject(t, { 'plugins.json': text });
    const { code, stderr } = await runCatalog(migrate, ['--offline'], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), text);
  });
}

test('a store that fails leaves the catalog as it was', async (t) => {
  const server = await startLoopback(t, (_, response) => response.writeHead(500).end());
  const entry = { repo_name: 'plugin-abc', manifest };
  const cwd = await makeProject(t, { 'plugins.json': [entry] });
  const { code, stderr } = await runCatalog(migrate, ['--store', server.url], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /plugin-abc-v1\.2\.0-.* answers 500/);
  assert.deepEqual(JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8')), [entry]);
});

test('--offline and --store contradict each other', async (t) => {
  const cwd = await makeProject(t, { 'plugins.json': '[]' });
  const { code, stderr } = await runCatalog(migrate, ['--offline', '--store', 'http://x'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /--offline and --store contradict/);
});

/** Migrating the entries of a file twice is migrating them once, and none is lost. */
function checkIdempotent(file: string) {
  const entries = parseEntries(readFileSync(file, 'utf8'), file);
  const once = entries.map((entry) => migrateEntry(entry));
  assert.deepEqual(
    once.flatMap(({ problems }) => problems),
    [],
    file,
  );
  const twice = once.map(({ entry }) => migrateEntry(entry).entry);
  assert.equal(JSON.stringify(twice), JSON.stringify(once.map(({ entry }) => entry)), file);
  assert.equal(twice.length, entries.length);
}

for (const { name, catalog } of [...FIXTURE_CORPORA, ...REAL_CORPORA]) {
  test(`migrate twice is migrate once, for ${name}`, () => checkIdempotent(catalog));
}
