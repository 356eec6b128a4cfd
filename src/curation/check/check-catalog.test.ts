import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rsaSignature } from '../../../test/samples/rsa-signature.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import type { Problem } from '../../lib/errors.ts';
import { checkCatalog } from './check-catalog.ts';

const NOW = new Date('2026-11-25T12:00:00Z');

let made = 0;

/** A release in which no check finds anything, but for what differs. */
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

/** `[0].download_url http-download` */
const tell = ({ path: at, check }: Problem) => `${at ?? ''} ${check}`;

const other = (fields: object = {}, manifest: object = {}) =>
  entry('1.0.0', { homepage_url: 'https://b.example/', ...fields }, { id: 'xyz', ...manifest });
const setting = (fields: object) =>
  entry('1.0.0', {}, { settings_schema: { settings: [{ key: 'K', ...fields }] } });
const section = (fields: object) => entry('1.0.0', {}, { settings_schema: { sections: [fields] } });
const icon = (bytes: number) => `data:image/png;base64,${Buffer.alloc(bytes).toString('base64')}`;
const URL = 'https://store.example/plugin-abc';
const manyPlugins = (count: number, fields: (i: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, i) => {
    const id = `plugin-${String(i).padStart(3, '0')}`;
    const own = { download_url: `https://store.example/${id}.tar.gz`, ...fields(i) };
    return other(own, { id, name: id });
  });

// What the entries show, the entries, what is found: the place and the check.
const cases: readonly (readonly [string, readonly object[], readonly string[]])[] = [
  ['two good releases', [entry('2.0.0'), entry('1.0.0')], []],
  // installing
  ['no signature', [entry('1.0.0', { signature: '' })], ['[0].signature unsigned']],
  ['a signature of blanks', [entry('1.0.0', { signature: 'c2ln' })], ['[0].signature unsigned']],
  [
    'an address without TLS',
    [entry('1.0.0', { download_url: 'http://store.example/a.tar.gz' })],
    ['[0].download_url http-download'],
  ],
  [
    'a bundle of a platform without TLS and without a signature that is one',
    [
      entry('1.0.0', {
        platforms: {
          'linux-amd64': { download_url: 'http://store.example/l.tar.gz', signature: 'c2ln' },
          'linux-arm64': { download_url: 'http://store.example/a.tar.gz', signature: '' },
        },
      }),
    ],
    [
      '[0].platforms.linux-amd64.download_url http-download',
      '[0].platforms.linux-amd64.signature unsigned',
    ],
  ],
  [
    'an id that servers refuse, in two releases',
    [entry('2.0.0', {}, { id: 'ab' }), entry('1.0.0', {}, { id: 'ab' })],
    ['[0].manifest.id refused-id'],
  ],
  ['no bundle', [entry('1.0.0', { download_url: '' })], ['[0].download_url missing-download']],
  [
    'a web app without a file',
    [entry('1.0.0', {}, { webapp: {} })],
    ['[0].manifest.webapp.bundle_path refused-webapp'],
  ],
  [
    'programs for some platforms, which the table tells',
    [entry('1.0.0', {}, { server: { executables: { 'linux-amd64': 'p' } } })],
    [],
  ],
  [
    'a program by the name that only servers before 6.0 read',
    [entry('1.0.0', {}, { server: null, backend: { executable: 'p' } })],
    [],
  ],
  // ids with capitals
  [
    'capitals',
    [entry('2.0.0', {}, { id: 'aBc' }), entry('1.0.0', {}, { id: 'aBc' })],
    ['[0].manifest.id capital-id'],
  ],
  ['digits and marks', [entry('1.0.0', {}, { id: 'a_b-c.1' })], []],
  [
    'an id that servers install as another one',
    [
      entry('2.0.0', { repo_name: 'abd' }, { id: '\u0130bc' }),
      entry('1.0.0', { repo_name: 'abc' }, { id: 'ibc' }),
    ],
    ['[0].manifest.id capital-id', '[0].repo_name other-repository', '[1].manifest.id similar-id'],
  ],
  // versions in URLs
  [
    'a bundle of another version',
    [entry('1.0.0', { download_url: `${URL}-v1.1.0.tar.gz` })],
    ['[0].download_url other-version-download'],
  ],
  [
    'a bundle of a pre-release of it',
    [entry('1.0.0', { download_url: `${URL}-v1.0.0-rc1.tar.gz` })],
    ['[0].download_url other-version-download'],
  ],
  [
    'a bundle in a folder of another version',
    [entry('1.0.0', { download_url: 'https://github.com/example/abc/releases/download/v1.0.1/b' })],
    ['[0].download_url other-version-download'],
  ],
  [
    'notes of another version, in both places',
    [
      entry(
        '1.0.0',
        { release_notes_url: 'https://a.example/v0.9.0' },
        { release_notes_url: 'https://a.example/v0.8.0' },
      ),
    ],
    [
      '[0].release_notes_url other-version-notes',
      '[0].manifest.release_notes_url other-version-notes',
    ],
  ],
  ...[
    `${URL}.tar.gz`,
    `${URL}-1.0.0.tar.gz`,
    `${URL}-v1.0.0+39a72fa-fips-linux-amd64.tar.gz`,
    'https://10.0.0.5/plugin.tar.gz',
    'https://1.2.3.example/plugin.tar.gz',
    'https://store.example/7.1.0/abc-1.0.0.tar.gz',
    'https://store.example/2024.01.31.5/abc.tar.gz',
  ].map((url) => [`the bundle ${url}`, [entry('1.0.0', { download_url: url })], []] as const),
  ...['https://a.example/notes', 'https://a.example/v1.0', 'https://a.example/v1.0.0#fixed'].map(
    (url) => [`the notes ${url}`, [entry('1.0.0', { release_notes_url: url })], []] as const,
  ),
  [
    'the bundle of a final version under a pre-release',
    [entry('1.0.0-rc1', { download_url: `${URL}-v1.0.0.tar.gz`, release_stage: 'beta' })],
    ['[0].download_url other-version-download'],
  ],
  [
    'the notes of a final version under a pre-release',
    [
      entry('1.0.0-rc1', {
        release_notes_url: 'https://a.example/v1.0.0',
        release_stage: 'beta',
      }),
    ],
    [],
  ],
  // shared bundles and signatures
  [
    'one signature for two versions',
    [
      entry('2.0.0', { signature: rsaSignature(5000) }),
      entry('1.0.0', { signature: rsaSignature(5000) }),
    ],
    ['[1].signature same-signature'],
  ],
  [
    'one signature for two plugins, with a line break',
    [
      entry('1.0.0', { signature: rsaSignature(5000) }),
      other({ download_url: 'https://b.example/b', signature: `${rsaSignature(5000)}\n` }),
    ],
    ['[1].signature same-signature'],
  ],
  [
    'one signature for two platforms of a release',
    [
      entry('1.0.0', {
        platforms: {
          'linux-amd64': { download_url: `${URL}-l.tar.gz`, signature: rsaSignature(5000) },
          'linux-arm64': { download_url: `${URL}-a.tar.gz`, signature: rsaSignature(5000) },
        },
      }),
    ],
    ['[0].platforms.linux-arm64.signature same-signature'],
  ],
  [
    'one bundle for two platforms of a release',
    [
      entry('1.0.0', {
        platforms: {
          'linux-amd64': { download_url: `${URL}-l.tar.gz`, signature: rsaSignature(5000) },
          'linux-arm64': { download_url: `${URL}-l.tar.gz`, signature: rsaSignature(5000) },
        },
      }),
    ],
    [],
  ],
  [
    'one bundle for two versions, told once',
    [
      entry('2.0.0', { download_url: `${URL}.tar.gz`, signature: rsaSignature(5000) }),
      entry('1.0.0', { download_url: `${URL}.tar.gz`, signature: rsaSignature(5000) }),
    ],
    ['[1].download_url same-download'],
  ],
  [
    'one bundle for two plugins',
    [entry('1.0.0', { download_url: `${URL}.tar.gz` }), other({ download_url: `${URL}.tar.gz` })],
    ['[1].download_url same-download'],
  ],
  [
    'one version for each hosting, with one file in two places',
    [
      entry('1.0.0', { hosting: 'cloud', signature: rsaSignature(5000) }),
      entry('1.0.0', {
        hosting: 'on-prem',
        signature: rsaSignature(5000),
        download_url: 'https://mirror.example/plugin-abc-v1.0.0.tar.gz',
      }),
    ],
    ['[1].manifest.version repeated-version'],
  ],
  // pre-releases
  [
    'a pre-release of stage production that is the newest',
    [entry('2.0.0-rc1', { release_stage: 'production' }), entry('1.0.0')],
    ['[0].manifest.version prerelease-newest'],
  ],
  [
    'a pre-release of stage beta',
    [entry('2.0.0-rc1', { release_stage: 'beta' }), entry('1.0.0')],
    [],
  ],
  [
    'a pre-release that a final version hides',
    [entry('2.0.0'), entry('2.0.0-rc1', { release_stage: 'production' })],
    ['[1].manifest.version never-offered'],
  ],
  [
    'a pre-release without a stage',
    [entry('2.0.0-rc1'), entry('1.0.0')],
    ['[0].manifest.version prerelease-newest'],
  ],
  ['build metadata', [entry('1.0.0+b1', { release_stage: 'production' })], []],
  // settings
  ...[
    ['a type that is none', { type: 'string' }, '.type'],
    ['no type', {}, '.type'],
    ['a type in capitals', { type: 'Bool' }, '.type'],
    ['options of a text', { type: 'text', options: [] }, '.options'],
    ['options of a bool', { type: 'bool', options: [] }, '.options'],
    ['a placeholder of a bool', { type: 'bool', placeholder: 'x' }, '.placeholder'],
    ['a placeholder of a dropdown', { type: 'dropdown', placeholder: 'x' }, '.placeholder'],
    [
      'a regenerate text of a text',
      { type: 'text', regenerate_help_text: 'x' },
      '.regenerate_help_text',
    ],
    [
      'an option without a name',
      { type: 'radio', options: [{ display_name: '', value: 'v' }] },
      '.options[0].display_name',
    ],
    [
      'an option without a value',
      { type: 'radio', options: [{ display_name: 'n' }] },
      '.options[0].value',
    ],
    ['an option that is null', { type: 'radio', options: [null] }, '.options[0]'],
  ].map(
    ([what, fields, place]) =>
      [
        `a setting with ${what}`,
        [setting(fields as object)],
        [`[0].manifest.settings_schema.settings[0]${place} refused-setting`],
      ] as const,
  ),
  [
    'a section without a key, and a wrong setting in it',
    [section({ settings: [{ type: 'x' }] })],
    [
      '[0].manifest.settings_schema.sections[0].key refused-setting',
      '[0].manifest.settings_schema.sections[0].settings[0].type refused-setting',
    ],
  ],
  ...[
    ...['bool', 'dropdown', 'generated', 'radio', 'text', 'longtext', 'number', 'username'],
    'custom',
  ].map((type) => [`a setting of type ${type}`, [setting({ type, placeholder: '' })], []] as const),
  ...['generated', 'text', 'longtext', 'number', 'username', 'custom'].map(
    (type) => [`a placeholder in a ${type}`, [setting({ type, placeholder: 'x' })], []] as const,
  ),
  [
    'options where they belong',
    [setting({ type: 'radio', options: [{ display_name: 'n', value: 'v' }] })],
    [],
  ],
  [
    'a regenerate text of a generated',
    [setting({ type: 'generated', regenerate_help_text: 'x' })],
    [],
  ],
  ['a section with a key', [section({ key: 'k', settings: [{ type: 'bool' }] })], []],
  [
    'options of a dropdown',
    [setting({ type: 'dropdown', options: [{ display_name: 'n', value: 'v' }] })],
    [],
  ],
  // web addresses
  ...[
    'https://https://a.example/',
    'https://a.examplehttps://a.example/',
    'https://a.example/https://a.example/',
    'http://a.example/xhttp://b.example/',
  ].map(
    (url) =>
      [
        `the home page ${url}`,
        [other({ homepage_url: url })],
        ['[0].homepage_url doubled-url'],
      ] as const,
  ),
  ...[
    'https://web.archive.org/web/https://a.example/',
    'https://a.example/?to=https://b.example/',
    'https://a.example/#https://b.example/',
    'https://a.example/http',
  ].map((url) => [`the home page ${url}`, [other({ homepage_url: url })], []] as const),
  [
    'notes that are two addresses',
    [entry('1.0.0', { release_notes_url: 'https://a.example/1https://b.example/2' })],
    ['[0].release_notes_url doubled-url'],
  ],
  // repositories
  [
    'two repositories under one id',
    [entry('2.0.0', { homepage_url: 'https://github.com/somebody/abc' }), entry('1.0.0')],
    ['[0].homepage_url other-repository'],
  ],
  [
    'two repository names under one id',
    [entry('2.0.0', { repo_name: 'abd' }), entry('1.0.0', { repo_name: 'abc' })],
    ['[0].repo_name other-repository'],
  ],
  [
    'one repository in other letters, and its wiki',
    [
      entry('3.0.0', { homepage_url: 'https://github.com/Example/Plugin-Abc.git' }),
      entry('2.0.0', { homepage_url: 'https://www.github.com/example/plugin-abc/wiki#a' }),
      entry('1.0.0'),
    ],
    [],
  ],
  [
    'a repository that moved once',
    [
      entry('3.0.0', { homepage_url: 'https://github.com/other/abc' }),
      entry('2.0.0', { homepage_url: 'https://github.com/other/abc' }),
      entry('1.0.0'),
    ],
    ['[1].homepage_url other-repository'],
  ],
  [
    'a move that the home page tells, and the name of the repository later',
    [
      entry('3.0.0', { homepage_url: 'https://github.com/example/abd', repo_name: 'abd' }),
      entry('2.0.0', { homepage_url: 'https://github.com/example/abd', repo_name: 'abc' }),
      entry('1.0.0', { homepage_url: 'https://github.com/example/abc', repo_name: 'abc' }),
    ],
    ['[1].homepage_url other-repository'],
  ],
  [
    'a repository with www, and another',
    [entry('2.0.0', { homepage_url: 'https://www.github.com/somebody/abc' }), entry('1.0.0')],
    ['[0].homepage_url other-repository'],
  ],
  [
    'one name with two owners',
    [
      entry('2.0.0', { homepage_url: 'https://gitlab.com/somebody/abc' }),
      entry('1.0.0', { homepage_url: 'https://gitlab.com/example/abc' }),
    ],
    ['[0].homepage_url other-repository'],
  ],
  [
    'an id that servers install as another one, from another repository',
    [
      entry('2.0.0', { homepage_url: 'https://github.com/somebody/i' }, { id: 'com.\u0130' }),
      entry('1.0.0', { homepage_url: 'https://github.com/example/i' }, { id: 'com.i' }),
    ],
    [
      '[1].manifest.id similar-id',
      '[0].manifest.id capital-id',
      '[0].homepage_url other-repository',
    ],
  ],
  // icons
  ['an icon of 64 kB', [entry('1.0.0', { icon_data: icon(65536) })], []],
  ['an icon of more', [entry('1.0.0', { icon_data: icon(65537) })], ['[0].icon_data large-icon']],
  [
    'a large icon that is not Base64',
    [entry('1.0.0', { icon_data: `data:image/svg+xml,${'%20'.repeat(65537)}` })],
    ['[0].icon_data large-icon'],
  ],
  [
    'an icon that is large in escapes only',
    [entry('1.0.0', { icon_data: `data:image/svg+xml,${'%20'.repeat(60000)}` })],
    [],
  ],
  // dates
  [
    'a date in the future',
    [entry('1.0.0', { updated_at: '2026-11-25T12:00:01Z' })],
    ['[0].updated_at future-date'],
  ],
  [
    'a date in the future of another zone',
    [entry('1.0.0', { updated_at: '2026-11-25T11:00:01-01:00' })],
    ['[0].updated_at future-date'],
  ],
  ['this very moment', [entry('1.0.0', { updated_at: '2026-11-25T13:00:00+01:00' })], []],
  // keys
  ...[
    ['download_ulr', 'download_ulr'],
    ['homepage', 'homepage_ur'],
    ['icon_dat', 'icon_dat'],
    ['releasenotes_url', 'releasenotes_url'],
    ['labls', 'labls'],
    ['update_at', 'update_at'],
    ['platform', 'platform'],
  ].map(
    ([, key = '']) =>
      [`the key ${key}`, [entry('1.0.0', { [key]: '' })], [`[0].${key} misspelt-key`]] as const,
  ),
  ...[
    'descripton',
    'min_sever_version',
    'desciptoin',
    'serve',
    'web_app',
    'setings_schema',
    'nmae',
  ].map(
    (key) =>
      [
        `the key ${key} of the manifest`,
        [entry('1.0.0', {}, { [key]: '' })],
        [`[0].manifest.${key} misspelt-key`],
      ] as const,
  ),
  [
    'misspelt keys further inside',
    [
      entry(
        '1.0.0',
        {
          labels: [{ name: 'A', colour: '' }],
          platforms: { 'linux-amd64': { downlaod_url: '' } },
        },
        { settings_schema: { settings: [{ type: 'text', place_holder: '' }] } },
      ),
    ],
    [
      '[0].platforms.linux-amd64.downlaod_url misspelt-key',
      '[0].labels[0].colour misspelt-key',
      '[0].manifest.settings_schema.settings[0].place_holder misspelt-key',
    ],
  ],
  [
    'keys that are others, and programs of any name',
    [
      entry(
        '1.0.0',
        { comment: '', tags: [], date: '', label_list: [], sign: '' },
        {
          author: 'x',
          nome_: 'x',
          prose: {},
          props: { nam: 1, versoin: 2 },
          server: { executable: 'p', executables: { 'linux-amd65': 'p', executable: 'p' } },
          required_configuration: { ServiceSettings: { SiteUrl: 'x' } },
        },
      ),
    ],
    ['[0].manifest.required_configuration risky-configuration'],
  ],
  // the first page
  ['a hundred plugins', manyPlugins(100), []],
  ['a hundred and one', manyPlugins(101), [' beyond-first-page']],
  [
    'a hundred and one for Enterprise',
    manyPlugins(101, () => ({ enterprise: true })),
    [' beyond-first-page'],
  ],
  [
    'a hundred and one, of which no server sees more than 51',
    manyPlugins(101, (i) => ({ hosting: i % 2 === 0 ? 'cloud' : 'on-prem' })),
    [],
  ],
];

for (const [what, entries, expected] of cases) {
  test(`a catalog with ${what}: ${expected.join(', ') || 'no problems'}`, () => {
    const problems = problemsOf(entries);
    assert.deepEqual(problems.map(tell).sort(), [...expected].sort());
    for (const { level, check, message, remedy } of problems) {
      assert.equal(level, check === 'missing-download' ? 'error' : 'warning');
      assert.ok(message !== '' && remedy, check);
    }
  });
}

function messageOf(entries: readonly object[]): string {
  const [problem, ...others] = problemsOf(entries);
  assert.deepEqual(others, []);
  return problem?.message ?? '';
}

test('the servers are named that a pre-release is the newest for', () => {
  const production = { release_stage: 'production' };
  // What the releases are, the end of the message.
  const servers: readonly (readonly [readonly object[], string])[] = [
    [[entry('2.0.0-rc1', production, { min_server_version: '' })], 'all servers'],
    [[entry('6.0.0-rc1', production)], 'servers 6.0.0 and newer'],
    [[entry('7.0.0'), entry('6.0.0-rc1', production)], 'servers 6.0.0 to below 7.0.0'],
    [
      [entry('6.0.0-rc1', { ...production, hosting: 'cloud' })],
      'servers 6.0.0 and newer in the cloud',
    ],
    [
      [entry('6.0.0-rc1', { ...production, enterprise: true })],
      'servers 6.0.0 and newer with Enterprise',
    ],
  ];
  for (const [entries, expected] of servers) {
    const message = messageOf(entries);
    assert.ok(message.endsWith(`the newest for ${expected}`), message);
  }
});

test('the plugins are named that servers never show, a few of them', () => {
  assert.match(messageOf(manyPlugins(102)), /^102 plugins .* show plugin-100, plugin-101$/);
  assert.match(
    messageOf(manyPlugins(110)),
    /: they never show plugin-100, .*plugin-104 and 5 more$/,
  );
  const cloud = manyPlugins(101, () => ({ hosting: 'cloud' }));
  assert.match(messageOf(cloud), /in the cloud/);
});

test('a bundle without TLS is told with the setting that takes it', () => {
  const [problem] = problemsOf([entry('1.0.0', { download_url: 'http://store.example/a.tar.gz' })]);
  assert.match(problem?.remedy ?? '', /PluginSettings\.AllowInsecureDownloadURL/);
});

const CASES = path.join(import.meta.dirname, '../../../test/fixtures/cases');

// The case, what is found in it besides signatures that are none.
const files: readonly (readonly [string, readonly string[]])[] = [
  ['check-same-sig', ['[1].signature same-signature']],
  ['check-url-version', ['[0].download_url other-version-download']],
  ['check-notes-version', ['[0].release_notes_url other-version-notes']],
  ['check-upper', ['[0].manifest.id capital-id']],
  ['http-download', ['[0].download_url http-download']],
  ['unsigned', ['[0].download_url http-download', '[0].signature unsigned']],
  [
    'prerelease-newest',
    [
      '[0].manifest.version prerelease-newest',
      '[0].download_url http-download',
      '[0].updated_at future-date',
    ],
  ],
];

for (const [name, expected] of files) {
  test(`the case ${name}: ${expected.join(', ')}`, () => {
    const text = readFileSync(path.join(CASES, name, 'catalog.json'), 'utf8');
    const found = problemsOf(JSON.parse(text)).map(tell);
    for (const problem of expected) assert.ok(found.includes(problem), found.join('\n'));
  });
}
