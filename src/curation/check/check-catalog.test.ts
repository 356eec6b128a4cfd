import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { seededRandom, seeds } from '../../../test/random.ts';
import { randomCatalog } from '../../../test/samples/random-catalog.ts';
import { rsaSignature } from '../../../test/samples/rsa-signature.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Release } from '../../catalog/release.ts';
import type { Problem } from '../../lib/errors.ts';
import { indexCatalog } from '../../query/catalog-index.ts';
import { evaluate } from '../../query/evaluate.ts';
import { type Filter, parseFilter } from '../../router/request/parse-filter.ts';
import { checkCatalog } from './check-catalog.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

let made = 0;

/** A release in which no check finds anything, except for the differences. */
function entry(version: string, fields: object = {}, manifest: object = {}) {
  made++;
  return {
    homepage_url: 'https://github.com/example/plugin-abc',
    icon_data: 'data:image/svg+xml;base64,PHN2Zy8+',
    download_url: `https://store.example/plugin-abc-v${version}.tar.gz`,
    release_notes_url: `https://github.com/example/plugin-abc/releases/tag/v${version}`,
    signature: rsaSignature(made),
    updated_at: '2026-01-02T03:04:05Z',
    ...fields,
    manifest: {
      id: 'abc',
      name: 'Abc',
      description: 'Does.',
      version,
      min_server_version: `${version.split('.')[0]}.0.0`,
      server: { executable: 'server/dist/plugin' },
      ...manifest,
    },
  };
}

function problemsOf(entries: readonly object[]): Problem[] {
  const { releases, problems } = parseCatalog(JSON.stringify(entries), 'c.json');
  assert.deepEqual(problems, []);
  return checkCatalog([{ file: 'c.json', releases }], NOW);
}

/** `download_url http-download` for the first entry, `[1].download_url same-download` for another. */
const report = ({ path: at, check }: Problem) =>
  `${at ?? ''} ${check}`.replace(/^\[0\]\./, '').trim();

const one = (fields: object, manifest: object = {}) => entry('1.0.0', fields, manifest);
const two = (fields: object, manifest: object = {}) => entry('2.0.0', fields, manifest);
const three = (fields: object, manifest: object = {}) => entry('3.0.0', fields, manifest);
const xyz = (fields: object = {}, manifest: object = {}) =>
  one({ homepage_url: 'https://b.example/', ...fields }, { id: 'xyz', ...manifest });
const HUB = 'https://github.com/example';
const hub = (repo: string) => ({ homepage_url: `https://github.com/${repo}` });
const icon = (bytes: number) => `data:image/png;base64,${Buffer.alloc(bytes).toString('base64')}`;
const URL = 'https://store.example/plugin-abc';
const noVersion = { download_url: `${URL}.tar.gz` };
const shared = { signature: rsaSignature(5000) };
const onPlatforms = (amd64: string, arm64: string, signature = rsaSignature(5000)) => ({
  platforms: {
    'linux-amd64': { download_url: amd64, signature },
    'linux-arm64': { download_url: arm64, signature },
  },
});
const beta = { release_stage: 'beta' };
const production = { release_stage: 'production' };
const enterprise = { enterprise: true };
const cloud = { hosting: 'cloud' };
const onPrem = { hosting: 'on-prem' };
const manyPlugins = (count: number) =>
  Array.from({ length: count }, (_, i) => {
    const id = `plugin-${String(i).padStart(3, '0')}`;
    return xyz({ download_url: `https://store.example/${id}.tar.gz` }, { id, name: id });
  });

// The problems of a release, what is special in its entry and in its manifest.
const singles: readonly (readonly [found: string, fields: object, manifest?: object])[] = [
  ['manifest.description missing-description', {}, { description: ' ' }],
  // Installing.
  ['signature unsigned', { signature: '' }],
  ['signature unsigned', { signature: 'c2ln' }],
  ['download_url http-download', { download_url: 'http://a.example/a' }],
  [
    'platforms.linux-amd64.download_url http-download, platforms.linux-amd64.signature unsigned',
    { platforms: { 'linux-amd64': { download_url: 'http://a.example/l', signature: 'c2ln' } } },
  ],
  ['', onPlatforms('http://a.example/l', '', '')],
  ['download_url missing-download', { download_url: '' }],
  ['manifest.webapp.bundle_path refused-webapp', {}, { webapp: {} }],
  ['', {}, { server: { executables: { 'linux-amd64': 'only some, as the table shows' } } }],
  ['', {}, { server: null, backend: { executable: 'only servers before 6.0 read this' } }],
  ['', {}, { id: 'a_b-c.1' }],
  ['', { platforms: onPlatforms(`${URL}-l`, `${URL}-l`).platforms }],
  [
    'platforms.linux-arm64.signature same-signature',
    onPlatforms(`${URL}-l.tar.gz`, `${URL}-a.tar.gz`),
  ],
  // Versions in URLs.
  ['download_url other-version-download', { download_url: `${URL}-v1.1.0.tar.gz` }],
  ['download_url other-version-download', { download_url: `${URL}-v1.0.0-rc1.tar.gz` }],
  [
    'download_url other-version-download',
    { download_url: `${HUB}/abc/releases/download/v1.0.1/b` },
  ],
  ['release_notes_url other-version-notes', { release_notes_url: 'https://a.example/v0.9.0' }],
  [
    'manifest.release_notes_url other-version-notes',
    {},
    { release_notes_url: 'https://a.example/v0.8.0' },
  ],
  ...[
    `${URL}.tar.gz`,
    `${URL}-1.0.0.tar.gz`,
    `${URL}-v1.0.0+39a72fa-fips-linux-amd64.tar.gz`,
    'https://10.0.0.5/plugin.tar.gz',
    'https://1.2.3.example/plugin.tar.gz',
    'https://store.example/7.1.0/abc-1.0.0.tar.gz',
    'https://store.example/2024.01.31.5/abc.tar.gz',
  ].map((download_url) => ['', { download_url }] as const),
  ...['https://a.example/notes', 'https://a.example/v1.0', 'https://a.example/v1.0.0#fixed'].map(
    (release_notes_url) => ['', { release_notes_url }] as const,
  ),
  // Odd values.
  ...[
    'https://https://a.example/',
    'https://a.examplehttps://a.example/',
    'https://a.example/https://a.example/',
    'http://a.example/xhttp://b.example/',
  ].map((homepage_url) => ['homepage_url doubled-url', { homepage_url }] as const),
  ...[
    'https://web.archive.org/web/https://a.example/',
    'https://a.example/?to=https://b.example/',
    'https://a.example/#https://b.example/',
    'https://a.example/http',
  ].map((homepage_url) => ['', { homepage_url }] as const),
  ['release_notes_url doubled-url', { release_notes_url: 'https://a.example/1https://b.example/' }],
  ['', { icon_data: icon(12_000) }],
  ['icon_data large-icon', { icon_data: icon(65537) }],
  ['icon_data large-icon', { icon_data: `data:image/svg+xml,${'%20'.repeat(65537)}` }],
  ['', { icon_data: `data:image/svg+xml,${'%20'.repeat(5000)}` }],
  ['updated_at future-date', { updated_at: '2026-11-25T12:00:01Z' }],
  ['updated_at future-date', { updated_at: '2026-11-25T11:00:01-01:00' }],
  ['', { updated_at: '2026-11-25T13:00:00+01:00' }],
  // Keys.
  ...'download_ulr homepage_ur icon_dat releasenotes_url labls update_at platform'
    .split(' ')
    .map((key) => [`${key} misspelt-key`, { [key]: '' }] as const),
  ...'descripton min_sever_version desciptoin serve web_app setings_schema nmae'
    .split(' ')
    .map((key) => [`manifest.${key} misspelt-key`, {}, { [key]: '' }] as const),
  [
    'platforms.linux-amd64.downlaod_url misspelt-key, labels[0].colour misspelt-key, ' +
      'manifest.settings_schema.settings[0].place_holder misspelt-key',
    { labels: [{ name: 'A', colour: '' }], platforms: { 'linux-amd64': { downlaod_url: '' } } },
    { settings_schema: { settings: [{ type: 'text', place_holder: '' }] } },
  ],
  [
    'manifest.required_configuration risky-configuration',
    { comment: '', tags: [], date: '', label_list: [], sign: '' },
    {
      author: 'x',
      nome_: 'x',
      prose: {},
      props: { nam: 1, versoin: 2 },
      server: { executable: 'p', executables: { 'linux-amd65': 'p', executable: 'p' } },
      required_configuration: { ServiceSettings: { SiteUrl: 'x' } },
    },
  ],
];

// A setting of a manifest, where it is refused inside; empty where it is not.
const settings: readonly (readonly [object, string])[] = [
  [{ type: 'string' }, '.type'],
  [{}, '.type'],
  [{ type: 'Bool' }, '.type'],
  [{ type: 'text', options: [] }, '.options'],
  [{ type: 'bool', options: [] }, '.options'],
  [{ type: 'bool', placeholder: 'x' }, '.placeholder'],
  [{ type: 'dropdown', placeholder: 'x' }, '.placeholder'],
  [{ type: 'text', regenerate_help_text: 'x' }, '.regenerate_help_text'],
  [{ type: 'radio', options: [{ display_name: '', value: 'v' }] }, '.options[0].display_name'],
  [{ type: 'radio', options: [{ display_name: 'n' }] }, '.options[0].value'],
  [{ type: 'radio', options: [null] }, '.options[0]'],
  ...['bool', 'dropdown', 'radio'].map((type) => [{ type, placeholder: '' }, ''] as const),
  ...['generated', 'text', 'longtext', 'number', 'username', 'custom'].flatMap((type) =>
    ['', 'x'].map((placeholder) => [{ type, placeholder }, ''] as const),
  ),
  [{ type: 'radio', options: [{ display_name: 'n', value: 'v' }] }, ''],
  [{ type: 'dropdown', options: [{ display_name: 'n', value: 'v' }] }, ''],
  [{ type: 'generated', regenerate_help_text: 'x' }, ''],
];
const inSchema = (schema: object) => one({}, { settings_schema: schema });
const SECTION = 'manifest.settings_schema.sections[0]';

// Description, the problems, the entries.
const cases: readonly (readonly [what: string, found: string, ...entries: object[]])[] = [
  ...singles.map(
    ([found, ...more]) => [JSON.stringify(more).slice(0, 200), found, one(...more)] as const,
  ),
  ...settings.map(
    ([setting, at]) =>
      [
        JSON.stringify(setting),
        at && `manifest.settings_schema.settings[0]${at} refused-setting`,
        inSchema({ settings: [{ key: 'K', ...setting }] }),
      ] as const,
  ),
  [
    'a section without a key, and a wrong setting in it',
    `${SECTION}.key refused-setting, ${SECTION}.settings[0].type refused-setting`,
    inSchema({ sections: [{ settings: [{ type: 'x' }] }] }),
  ],
  [
    'a section with a key',
    '',
    inSchema({ sections: [{ key: 'k', settings: [{ type: 'bool' }] }] }),
  ],
  ['two good releases', '', two({}), one({})],
  ['no release', 'empty-catalog'],
  [
    'a release with no details',
    'icon_data missing-icon, manifest.name missing-name, ' +
      'manifest.description missing-description, homepage_url missing-home-page, ' +
      'release_notes_url missing-release-notes, download_url missing-download, ' +
      'manifest empty-plugin',
    { manifest: { id: 'abc', version: '1.0.0' } },
  ],
  // Ids.
  ['a refused id', 'manifest.id refused-id', two({}, { id: 'ab' }), one({}, { id: 'ab' })],
  ['capitals', 'manifest.id capital-id', two({}, { id: 'aBc' }), one({}, { id: 'aBc' })],
  [
    'ids that differ in case',
    '[1].manifest.id similar-id, [1].manifest.id capital-id, manifest.id mistaken-for-other, [1].download_url same-download',
    one({}, { min_server_version: '' }),
    one({}, { id: 'ABC', min_server_version: '' }),
  ],
  [
    'an id that servers install as another one',
    'manifest.id capital-id, repo_name other-repository, [1].manifest.id similar-id',
    two({ repo_name: 'abd' }, { id: '\u0130bc' }),
    one({ repo_name: 'abc' }, { id: 'ibc' }),
  ],
  [
    'an id that servers install as another one, from another repository',
    '[1].manifest.id similar-id, manifest.id capital-id, homepage_url other-repository',
    two(hub('somebody/i'), { id: 'com.\u0130' }),
    one(hub('example/i'), { id: 'com.i' }),
  ],
  // What servers are offered.
  [
    'a newer release for older servers',
    'manifest.min_server_version loosened-requirement, [1].manifest.version never-offered',
    two({}, { min_server_version: '8.0.0' }),
    one({}, { min_server_version: '9.0.0' }),
  ],
  ['a hidden release', '[1].manifest.version never-offered', entry('1.1.0'), one({})],
  [
    'a release that servers without Enterprise are offered',
    '[1].manifest.version never-offered',
    ...[entry('1.2.0', enterprise), entry('1.1.0', enterprise), one({})],
  ],
  [
    'releases for one hosting each, of which neither hides the other',
    'hosting unlike-hosting',
    ...[entry('1.1.0', cloud), one(onPrem)],
  ],
  [
    'a release for both hostings that two newer ones hide together',
    '[2].manifest.version never-offered, hosting unlike-hosting',
    ...[entry('1.2.0', cloud), entry('1.1.0', onPrem), one({})],
  ],
  ['an edition that changes for good', '', entry('4.0.0', enterprise), three(enterprise), two({})],
  [
    'an edition that changes with the newest release',
    'enterprise unlike-edition',
    ...[three(enterprise), two({}), one({})],
  ],
  [
    'an edition that is another in the middle',
    '[1].enterprise unlike-edition',
    ...[three({}), two(enterprise), one({})],
  ],
  [
    'versions for each hosting, each twice',
    '[1].manifest.version repeated-version, [3].manifest.version repeated-version',
    two({ ...cloud, download_url: `${URL}.tar.gz` }),
    two({ ...onPrem, download_url: `${URL}-2.0.0.tar.gz` }),
    one({ ...cloud, download_url: `${URL}-1.0.0.tar.gz` }),
    one({ ...onPrem, download_url: `${URL}-v1.0.0.tar.gz` }),
  ],
  // Pre-releases.
  ['a beta', '', entry('2.0.0-rc1', beta), one({})],
  ['no stage', 'manifest.version prerelease-newest', entry('2.0.0-rc1'), one({})],
  ['a wrong stage', 'manifest.version prerelease-newest', entry('2.0.0-rc1', production), one({})],
  [
    'a final version',
    '[1].manifest.version never-offered',
    two({}),
    entry('2.0.0-rc1', production),
  ],
  ['build metadata', '', entry('1.0.0+b1', production)],
  [
    'the bundle of a final version under a pre-release',
    'download_url other-version-download',
    entry('1.0.0-rc1', { download_url: `${URL}-v1.0.0.tar.gz`, ...beta }),
  ],
  [
    'the notes of a final version under a pre-release',
    '',
    entry('1.0.0-rc1', { release_notes_url: 'https://a.example/v1.0.0', ...beta }),
  ],
  // Bundles and signatures that are shared.
  ['one signature for two versions', '[1].signature same-signature', two(shared), one(shared)],
  [
    'one signature for two plugins, with a line break',
    '[1].signature same-signature',
    one(shared),
    xyz({ download_url: 'https://b.example/b', signature: `${shared.signature}\n` }),
  ],
  [
    'one bundle for two versions, reported once',
    '[1].download_url same-download',
    ...[two({ ...shared, ...noVersion }), one({ ...shared, ...noVersion })],
  ],
  [
    'one bundle for two plugins',
    '[1].download_url same-download',
    ...[one(noVersion), xyz(noVersion)],
  ],
  [
    'one version for each hosting, with one file at two URLs',
    '[1].manifest.version repeated-version',
    one({ ...cloud, ...shared }),
    one({ ...onPrem, ...shared, download_url: 'https://m.example/plugin-abc-v1.0.0.tar.gz' }),
  ],
  // Repositories.
  ['another owner', 'homepage_url other-repository', two(hub('somebody/abc')), one({})],
  ['another name', 'repo_name other-repository', two({ repo_name: 'b' }), one({ repo_name: 'a' })],
  [
    'one repository in other letters, and its wiki',
    '',
    three(hub('Example/Plugin-Abc.git')),
    two({ homepage_url: 'https://www.github.com/example/plugin-abc/wiki#a' }),
    one({}),
  ],
  [
    'a repository that moved once',
    '[1].homepage_url other-repository',
    ...[three(hub('other/abc')), two(hub('other/abc')), one({})],
  ],
  [
    'a move that the home page shows, and the name of the repository later',
    '[1].homepage_url other-repository',
    three({ ...hub('example/abd'), repo_name: 'abd' }),
    two({ ...hub('example/abd'), repo_name: 'abc' }),
    one({ ...hub('example/abc'), repo_name: 'abc' }),
  ],
  [
    'a repository with www, and another',
    'homepage_url other-repository',
    ...[two({ homepage_url: 'https://www.github.com/somebody/abc' }), one({})],
  ],
  [
    'one name with two owners',
    'homepage_url other-repository',
    two({ homepage_url: 'https://gitlab.com/somebody/abc' }),
    one({ homepage_url: 'https://gitlab.com/example/abc' }),
  ],
  // The limits of clients.
  ['a hundred plugins', '', ...manyPlugins(100)],
  ['a hundred and one', 'beyond-first-page', ...manyPlugins(101)],
];

for (const [what, expected, ...entries] of cases) {
  test(`a catalog with ${what}: ${expected || 'no problems'}`, () => {
    const problems = problemsOf(entries);
    assert.deepEqual(problems.map(report).sort(), expected.split(', ').filter(Boolean).sort());
    for (const { level, check, message, remedy } of problems) {
      assert.equal(level, check === 'missing-download' ? 'error' : 'warning');
      assert.ok(message !== '' && remedy, check);
    }
  });
}

// Releases as `1.0.0 cloud`, which of them are for another hosting than those around them.
const neighbours: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['2.0.0 cloud', '1.0.0'], ['[0].hosting']],
  // A version may have releases for cloud and on-prem that differ in build metadata only.
  [['2.0.0+c cloud', '2.0.0+p on-prem', '1.0.0+c cloud', '1.0.0+p on-prem'], []],
  [['2.0.0+p on-prem', '2.0.0+c cloud', '1.0.0 on-prem', '1.0.0 cloud'], []],
  [['2.0.0+c cloud', '1.0.0+c cloud', '1.0.0+p on-prem'], ['[0].hosting']],
  [['1.0.0+b cloud', '1.0.0+a'], []],
  [['3.0.0', '2.0.0-rc1 cloud', '1.0.0'], ['[1].hosting']],
];

for (const [rows, expected] of neighbours) {
  test(`of ${rows.join(', ')} ${expected.join(', ') || 'none'} is unlike its neighbours`, () => {
    const entries = rows.map((row) => {
      const [version = '', hosting = ''] = row.split(' ');
      return entry(version, { hosting });
    });
    const unlike = problemsOf(entries).filter(({ check }) => check === 'unlike-hosting');
    assert.deepEqual(
      unlike.map(({ path: at }) => at),
      expected,
    );
  });
}

// Description of the entries, the message of the only problem.
const messages: readonly (readonly [readonly object[], RegExp])[] = [
  [[entry('2.0.0-rc1', production, { min_server_version: '' })], /the newest for every server$/],
  [[entry('6.0.0-rc1', production)], /the newest for servers 6\.0\.0 and newer$/],
  [
    [entry('7.0.0'), entry('6.0.0-rc1', production)],
    /for servers 6\.0\.0 up to \(not including\) 7\.0\.0$/,
  ],
  [[entry('6.0.0-rc1', { ...production, ...cloud })], /for servers 6\.0\.0 and newer, cloud$/],
  [[entry('6.0.0-rc1', { ...production, ...enterprise })], /6\.0\.0 and newer, enterprise$/],
];

for (const [entries, expected] of messages) {
  test(`a problem names the servers affected: ${expected.source}`, () => {
    const [problem, ...others] = problemsOf(entries);
    assert.deepEqual(others, []);
    assert.match(problem?.message ?? '', expected);
  });
}

test('a bundle without TLS is reported with the setting that takes it', () => {
  const [problem] = problemsOf([one({ download_url: 'http://store.example/a.tar.gz' })]);
  assert.match(problem?.remedy ?? '', /PluginSettings\.AllowInsecureDownloadURL/);
});

/** Whether a release is the newest of its plugin for any of many servers, asked one by one. */
function isEverOffered(releases: readonly Release[], position: number): boolean {
  const index = indexCatalog(releases);
  const versions = releases.map(({ manifest }) => manifest.min_server_version ?? '');
  const servers = ['', '0.0.0-0', '5.24.9', '5.25.0-0', '5.25.0', '99.0.0', ...versions];
  const kinds = ['false&cloud=false', 'false&cloud=true', 'true&cloud=false', 'true&cloud=true'];
  return servers.some((server) =>
    kinds.some((kind) => {
      const query = `per_page=-1&server_version=${encodeURIComponent(server)}&enterprise_plugins=${kind}`;
      const answer = evaluate(index, parseFilter(query) as Filter);
      return answer?.some((found) => found.position === position);
    }),
  );
}

for (const seed of seeds(30)) {
  test(`never-offered is what the API answers (seed ${seed})`, () => {
    const releases = randomCatalog(seededRandom(seed));
    const never = checkCatalog([{ file: 'a.json', releases }], NOW)
      .filter(({ check }) => check === 'never-offered')
      .map(({ path: at }) => Number(/^\[(\d+)\]/.exec(at ?? '')?.[1]));
    const expected = releases.flatMap((_, i) => (isEverOffered(releases, i) ? [] : [i]));
    assert.deepEqual(
      never.sort((a, b) => a - b),
      expected,
    );
  });
}

test('the catalog that we ship has no errors', () => {
  const text = readFileSync(path.join(import.meta.dirname, '../../../plugins.json'), 'utf8');
  const problems = problemsOf(JSON.parse(text));
  assert.deepEqual(
    problems.filter(({ level }) => level === 'error'),
    [],
  );
});

const CASES = path.join(import.meta.dirname, '../../../test/fixtures/cases');

// A reported case, its problems besides invalid signatures.
const files: readonly (readonly [string, readonly string[]])[] = [
  ['check-same-sig', ['[1].signature same-signature']],
  ['check-url-version', ['download_url other-version-download']],
  ['check-notes-version', ['release_notes_url other-version-notes']],
  ['check-upper', ['manifest.id capital-id']],
  ['http-download', ['download_url http-download']],
  ['unsigned', ['download_url http-download', 'signature unsigned']],
  ['prerelease-newest', ['manifest.version prerelease-newest', 'updated_at future-date']],
];

for (const [name, expected] of files) {
  test(`the case ${name}: ${expected.join(', ')}`, () => {
    const text = readFileSync(path.join(CASES, name, 'catalog.json'), 'utf8');
    const found = problemsOf(JSON.parse(text)).map(report);
    for (const problem of expected) assert.ok(found.includes(problem), found.join('\n'));
  });
}
