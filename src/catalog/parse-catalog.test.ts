import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../errors.ts';
import { parseCatalog } from './parse-catalog.ts';

const MANIFEST = '"manifest": {"id": "com.example.a", "version": "1.2.3"}';

function problemsOf(text: string): string[] {
  const { releases, problems } = parseCatalog(text, 'c.json');
  assert.deepEqual(releases, [], 'STYLE.md: nothing is skipped, so a broken file has no releases');
  return problems.map(formatProblem);
}

function releaseOf(text: string) {
  const { releases, problems } = parseCatalog(`[${text}]`, 'c.json');
  assert.deepEqual(problems.map(formatProblem), []);
  const [release] = releases;
  assert.ok(release);
  return release;
}

const VERSION_RULE =
  'is not a semantic version — write three numbers without "v" or leading zeros, such as 1.2.3';
const ID_RULE =
  'is not a plugin id — write one without control characters and surrounding blanks, such as com.example.plugin';
const URL_RULE = 'is not a web address — write one that starts with https:// or http://, or ""';
const TEXT_RULE = 'is not a string — write text in double quotes';
const TIME_RULE = 'is not a date and time — write it as in RFC 3339, such as 2024-05-17T14:42:33Z';
const PLATFORM_RULE = 'is not a platform — name it os-arch in lower case, such as linux-amd64';
const NUMBER_RULE =
  'is a number too large to be kept exactly — write it as a string, in double quotes';
const LARGE_RULE = 'has a number too large to be ordered — write numbers up to 9007199254740991';

// [text of the entry, its problems without file and position]
const badEntries: [string, string[]][] = [
  // entries
  ['3', ['[0]: 3 is not an object — write {"manifest": {"id": …, "version": …}}']],
  ['null', ['[0]: null is not an object — write {"manifest": {"id": …, "version": …}}']],
  ['[]', ['[0]: [] is not an object — write {"manifest": {"id": …, "version": …}}']],
  ['{}', ['[0].manifest: is missing — write the plugin.json here, with "id" and "version"']],
  // manifest
  [
    '{"manifest": null}',
    ['[0].manifest: null is not an object — write the plugin.json here, with "id" and "version"'],
  ],
  [
    '{"manifest": {}}',
    [
      '[0].manifest.id: is missing — write one without control characters and surrounding blanks, such as com.example.plugin',
      '[0].manifest.version: is missing — write three numbers without "v" or leading zeros, such as 1.2.3',
    ],
  ],
  ['{"manifest": {"id": "", "version": "1.0.0"}}', [`[0].manifest.id: "" ${ID_RULE}`]],
  ['{"manifest": {"id": " a", "version": "1.0.0"}}', [`[0].manifest.id: " a" ${ID_RULE}`]],
  [
    '{"manifest": {"id": "a\\u00a0", "version": "1.0.0"}}',
    [`[0].manifest.id: "a\u00a0" ${ID_RULE}`],
  ],
  [
    '{"manifest": {"id": "a\\u0000b", "version": "1.0.0"}}',
    [`[0].manifest.id: "a\\u0000b" ${ID_RULE}`],
  ],
  [
    '{"manifest": {"id": "\\ud800", "version": "1.0.0"}}',
    [`[0].manifest.id: "\\ud800" ${ID_RULE}`],
  ],
  ['{"manifest": {"id": 7, "version": "1.0.0"}}', [`[0].manifest.id: 7 ${ID_RULE}`]],
  ['{"manifest": {"id": "a", "version": null}}', [`[0].manifest.version: null ${VERSION_RULE}`]],
  ...['', '1.2', 'v1.2.3', '1.2.3 ', '01.2.3', '1.2.3-01', '1.2.3-', '1.2.3-a..b', '1.2.3+'].map(
    (version): [string, string[]] => [
      `{"manifest": {"id": "a", "version": "${version}"}}`,
      [`[0].manifest.version: "${version}" ${VERSION_RULE}`],
    ],
  ),
  [
    '{"manifest": {"id": "a", "version": "1.2.9007199254740992"}}',
    [`[0].manifest.version: "1.2.9007199254740992" ${LARGE_RULE}`],
  ],
  [
    '{"manifest": {"id": "a", "version": "1.2.3-9007199254740993"}}',
    [`[0].manifest.version: "1.2.3-9007199254740993" ${LARGE_RULE}`],
  ],
  [
    `{"manifest": {"id": "a", "version": "1.2.3+${'b'.repeat(251)}"}}`,
    [
      `[0].manifest.version: "1.2.3+${'b'.repeat(72)}… is too long to be ordered — write at most 256 characters`,
    ],
  ],
  [
    '{"manifest": {"id": "a", "version": "1.0.0", "min_server_version": "5.2"}}',
    [`[0].manifest.min_server_version: "5.2" ${VERSION_RULE}, or "" for any`],
  ],
  [
    '{"manifest": {"id": "a", "version": "1.0.0", "min_server_version": false}}',
    [`[0].manifest.min_server_version: false ${VERSION_RULE}, or "" for any`],
  ],
  [
    '{"manifest": {"id": "a", "version": "1.0.0", "name": 1, "description": []}}',
    [`[0].manifest.name: 1 ${TEXT_RULE}`, `[0].manifest.description: [] ${TEXT_RULE}`],
  ],
  ...['homepage_url', 'support_url', 'release_notes_url'].map((key): [string, string[]] => [
    `{"manifest": {"id": "a", "version": "1.0.0", "${key}": "example.com"}}`,
    [`[0].manifest.${key}: "example.com" ${URL_RULE}`],
  ]),
  // fields of the entry
  ...['homepage_url', 'download_url', 'release_notes_url'].map((key): [string, string[]] => [
    `{${MANIFEST}, "${key}": "ftp://example.com/"}`,
    [`[0].${key}: "ftp://example.com/" ${URL_RULE}`],
  ]),
  [`{${MANIFEST}, "homepage_url": "/x"}`, [`[0].homepage_url: "/x" ${URL_RULE}`]],
  [`{${MANIFEST}, "homepage_url": "https://a b"}`, [`[0].homepage_url: "https://a b" ${URL_RULE}`]],
  [
    `{${MANIFEST}, "homepage_url": "https://a:99999/"}`,
    ['[0].homepage_url: "https://a:99999/" is not a valid web address — check its host and port'],
  ],
  [
    `{${MANIFEST}, "icon_data": "https://example.com/i.svg"}`,
    ['[0].icon_data: "https://example.com/i.svg" is not an icon — write a data:image/… URL, or ""'],
  ],
  [
    `{${MANIFEST}, "hosting": "onprem"}`,
    ['[0].hosting: "onprem" is not a hosting — write one of "", "on-prem", "cloud"'],
  ],
  [
    `{${MANIFEST}, "author_type": "Partner"}`,
    [
      '[0].author_type: "Partner" is not an author type — write one of "", "mattermost", "partner", "community"',
    ],
  ],
  [
    `{${MANIFEST}, "release_stage": 1}`,
    [
      '[0].release_stage: 1 is not a release stage — write one of "", "production", "beta", "experimental"',
    ],
  ],
  [
    `{${MANIFEST}, "enterprise": "true"}`,
    ['[0].enterprise: "true" is neither true nor false — write true or false without quotes'],
  ],
  [`{${MANIFEST}, "signature": {}}`, [`[0].signature: {} ${TEXT_RULE}`]],
  [`{${MANIFEST}, "repo_name": 5}`, [`[0].repo_name: 5 ${TEXT_RULE}`]],
  ...[
    '',
    '2024-05-17',
    '2024-05-17 14:42:33Z',
    '2024-05-17T14:42Z',
    '2024-05-17T14:42:33',
    '2024-05-17T24:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
  ].map((time): [string, string[]] => [
    `{${MANIFEST}, "updated_at": "${time}"}`,
    [`[0].updated_at: "${time}" ${TIME_RULE}`],
  ]),
  // labels
  [
    `{${MANIFEST}, "labels": {}}`,
    ['[0].labels: {} is not an array — write a list of labels, or []'],
  ],
  [
    `{${MANIFEST}, "labels": ["x", {}, {"name": ""}, {"name": "n", "url": "x", "color": 3}]}`,
    [
      '[0].labels[0]: "x" is not an object — write {"name": …}',
      '[0].labels[1].name: is missing — write some text',
      '[0].labels[2].name: "" is not the name of a label — write some text',
      `[0].labels[3].url: "x" ${URL_RULE}`,
      `[0].labels[3].color: 3 ${TEXT_RULE}`,
    ],
  ],
  // platforms
  [
    `{${MANIFEST}, "platforms": ["linux-amd64"]}`,
    [
      '[0].platforms: ["linux-amd64"] is not an object — write bundles by platform, such as {"linux-amd64": {}}',
    ],
  ],
  ...['linux', 'Linux-amd64', 'linux_amd64', 'constructor', '__proto__'].map(
    (key): [string, string[]] => [
      `{${MANIFEST}, "platforms": {"${key}": {}}}`,
      [`[0].platforms.${key}: ${PLATFORM_RULE}`],
    ],
  ),
  [
    `{${MANIFEST}, "platforms": {"linux amd64": {}}}`,
    [`[0].platforms["linux amd64"]: ${PLATFORM_RULE}`],
  ],
  [
    `{${MANIFEST}, "platforms": {"linux-amd64": "x", "a-b": {"download_url": 1, "signature": 2}}}`,
    [
      '[0].platforms.linux-amd64: "x" is not an object — write {"download_url": …, "signature": …}, or {}',
      `[0].platforms.a-b.download_url: 1 ${URL_RULE}`,
      `[0].platforms.a-b.signature: 2 ${TEXT_RULE}`,
    ],
  ],
  // what would not be kept
  [`{${MANIFEST}, "x": 9007199254740993}`, [`[0].x: 9007199254740993 ${NUMBER_RULE}`]],
  [`{${MANIFEST}, "x": {"y": [-1e400]}}`, [`[0].x.y[0]: -1e400 ${NUMBER_RULE}`]],
  [
    `{${MANIFEST}, "x": ${'['.repeat(200)}${']'.repeat(200)}}`,
    [`[0].x${'[0]'.repeat(98)}: is nested more than 100 levels deep — flatten it`],
  ],
];

test('every problem of an entry is told with its path, what was found and what to do', () => {
  for (const [entry, expected] of badEntries) {
    const lines = problemsOf(`[${entry}]`).map((line) => line.replace(/^c\.json:1:\d+ /, ''));
    assert.deepEqual(lines, expected, `entry ${entry.slice(0, 100)}`);
  }
});

// [text of the file, its only problem]
const badFiles: [string, string][] = [
  ['', 'c.json: is empty — write [] for a catalog without releases'],
  ['\uFEFF \n', 'c.json: is empty — write [] for a catalog without releases'],
  ['{}', 'c.json:1:1: {} is not an array — write a list of releases: [{…}, {…}]'],
  ['"x"', 'c.json:1:1: "x" is not an array — write a list of releases: [{…}, {…}]'],
  ['[\n  {},\n]', 'c.json:2:5: a comma stands after the last element — remove the comma'],
  ['[{"a": 1,}]', 'c.json:1:9: a comma stands after the last element — remove the comma'],
  ['[\n  // x\n]', 'c.json:2:3: a comment, which JSON does not have — remove it'],
  ['[{}\n {}]', 'c.json:2:2: a comma is missing — write "," before this'],
  ['[{"a" 1}]', 'c.json:1:7: a colon is missing — write ":" between name and value'],
  [
    "[{'a': 1}]",
    'c.json:1:3: an unknown word or character — write true, false, null, a number, or text in double quotes',
  ],
  ['[{"a": }]', 'c.json:1:8: a value is missing — write the value'],
  [
    '[{"a": 1]',
    'c.json:1:9: a bracket that does not match the open one — close what was opened last, with "}" or "]"',
  ],
  ['[{"a": 1', 'c.json:1:9: a "}" is missing — close the object'],
  ['[{}', 'c.json:1:4: a "]" is missing — close the array'],
  ['[]\n[]', 'c.json:2:1: the text goes on after its end — remove what follows'],
  ['["a\nb"]', 'c.json:1:2: the string does not end — close the double quotes'],
  [
    '["a\tb"]',
    'c.json:1:2: a control character in a string — write \\n for a line break, \\t for a tab',
  ],
  ['["\\x"]', 'c.json:1:2: an unknown escape in a string — write \\\\ for a backslash'],
  ['["\\u12"]', 'c.json:1:2: a broken \\u escape — write four hexadecimal digits after \\u'],
];

test('a file that is no JSON array is told with line, column and what to do', () => {
  for (const [text, expected] of badFiles) {
    const [first] = problemsOf(text);
    assert.equal(first, expected, `file ${JSON.stringify(text)}`);
  }
});

test('text nested thousands deep is refused, not a crash', () => {
  const deep = 100_000;
  const closed = problemsOf('['.repeat(deep) + ']'.repeat(deep));
  assert.match(closed.join(), /is nested more than 100 levels deep — flatten it$/);
  assert.equal(problemsOf('['.repeat(deep)).length, 1);
});

test('line and column are those of the value, of a wrong key, or of what lacks a field', () => {
  const text = [
    '[',
    '  {"manifest": {"id": "a", "version": "1.0.0"}, "é😀": "x", "hosting": "moon"},',
    '  {',
    '    "platforms": {"Linux": {}},',
    '    "manifest": {',
    '      "version": "1"',
    '    }',
    '  }',
    ']',
  ];
  for (const newline of ['\n', '\r\n']) {
    const { problems } = parseCatalog(`\uFEFF${text.join(newline)}`, 'c.json');
    assert.deepEqual(
      problems.map(({ path, line, column }) => [path, line, column]),
      [
        ['[0].hosting', 2, 72],
        ['[1].platforms.Linux', 4, 19],
        ['[1].manifest.id', 5, 17],
        ['[1].manifest.version', 6, 18],
      ],
    );
  }
});

test('of a repeated key the last one counts, and is the one pointed at', () => {
  const [line] = problemsOf(`[{${MANIFEST},\n"hosting": "cloud",\n"hosting": "x"}]`);
  assert.match(line ?? '', /^c\.json:3:12 \[0\]\.hosting: "x" /);
});

test('a value is shown in at most 80 characters, none of them cut in half', () => {
  const [problem] = parseCatalog(
    `[{${MANIFEST}, "icon_data": "${'x'.repeat(77)}😀😀"}]`,
    '',
  ).problems;
  assert.equal(problem?.found, `"${'x'.repeat(77)}…`);
});

test('a missing or null field has the default of API.md, in its order', () => {
  const nulls =
    '"homepage_url": null, "icon_data": null, "download_url": null, "release_notes_url": null, "hosting": null, "author_type": null, "release_stage": null, "enterprise": null, "signature": null, "repo_name": null, "labels": null, "platforms": null, "updated_at": null';
  const expected = {
    homepage_url: '',
    icon_data: '',
    download_url: '',
    release_notes_url: '',
    hosting: '',
    author_type: '',
    release_stage: '',
    enterprise: false,
    signature: '',
    repo_name: '',
    labels: [],
    manifest: { id: 'com.example.a', version: '1.2.3' },
    platforms: {},
    updated_at: '0001-01-01T00:00:00Z',
  };
  for (const entry of [`{${MANIFEST}}`, `{${nulls}, ${MANIFEST}}`]) {
    assert.equal(JSON.stringify(releaseOf(entry)), JSON.stringify(expected));
  }
});

test('null is kept in the manifest, kept in a bundle, and a null platform counts as absent', () => {
  const manifest =
    '{"version":"1.2.3","min_server_version":null,"name":null,"id":"a","props":null}';
  const release = releaseOf(
    `{"manifest": ${manifest}, "platforms": {"a-b": null, "linux-arm-v7": {"signature": null}}}`,
  );
  assert.equal(JSON.stringify(release.manifest), manifest);
  assert.equal(JSON.stringify(release.platforms), '{"linux-arm-v7":{"signature":null}}');
});

test('labels have their four fields first, then the unknown ones', () => {
  const { labels } = releaseOf(`{"labels": [{"x": 1, "url": null, "name": "N"}], ${MANIFEST}}`);
  assert.equal(JSON.stringify(labels), '[{"name":"N","description":"","url":"","color":"","x":1}]');
});

test('unknown fields are kept in their order, whatever they are called', () => {
  const unknown =
    '"zz":1,"__proto__":{"polluted":1},"constructor":"c","aa":{"b":[null]},"toString":0';
  const manifest = `{${unknown},"version":"1.2.3","id":"a","server":{"__proto__":[1]}}`;
  const platforms = `{"linux-amd64":{${unknown}}}`;
  const release = releaseOf(
    `{${unknown},"platforms":${platforms},"labels":[{${unknown},"name":"N"}],"manifest":${manifest}}`,
  );
  assert.equal(JSON.stringify(release.manifest), manifest);
  assert.equal(JSON.stringify(release.platforms), platforms);
  assert.ok(JSON.stringify(release).endsWith(`"updated_at":"0001-01-01T00:00:00Z",${unknown}}`));
  assert.ok(JSON.stringify(release.labels).endsWith(`"color":"",${unknown}}]`));
  assert.equal(Object.getPrototypeOf(release), Object.prototype);
  assert.equal('polluted' in {}, false);
});

// [a field of the entry that is fine]
const goodFields = [
  '"homepage_url": "HTTP://user@example.com:8080/é?q#f"',
  '"homepage_url": "https://[::1]/"',
  '"icon_data": "data:image/svg+xml;base64,PHN2Zy8+"',
  '"hosting": "on-prem", "author_type": "partner", "release_stage": "beta", "enterprise": true',
  '"updated_at": "2024-02-29T23:59:59.123456789+05:30"',
  '"updated_at": "0001-01-01T00:00:00Z"',
  '"x": 9007199254740991, "y": -9007199254740991, "z": 1.5e-300',
];

test('values at the edge of the rules are accepted', () => {
  for (const field of goodFields) {
    releaseOf(`{${MANIFEST}, ${field}}`);
  }
});

test('a byte order mark is no part of the catalog', () => {
  assert.deepEqual(parseCatalog('\uFEFF[]', 'c.json'), { releases: [], problems: [] });
});
