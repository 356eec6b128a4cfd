import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../lib/errors.ts';
import { parseCatalog } from './parse-catalog.ts';
import { MOST_ICON_BYTES } from './schema.ts';

const MANIFEST = '"manifest": {"id": "com.example.a", "version": "1.2.3"}';

function problemsOf(text: string): string[] {
  const { releases, problems } = parseCatalog(text, 'c.json');
  assert.deepEqual(
    releases,
    [],
    'docs/design.md, Rooms: nothing is skipped, so a broken file has no releases',
  );
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
const TIME_RULE =
  'is not a date and time — write it as in RFC 3339, such as 2024-05-17T14:42:33Z, in the years 1 to 9999';
const PLATFORM_RULE =
  'is not a platform — name it os-arch in lower case and at most 60 characters, such as linux-amd64';
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

test('every problem of an entry is reported with its path, the value found and the remedy', () => {
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
  ['[\n  {},\n]', 'c.json:2:5: a comma follows the last element — remove the comma'],
  ['[{"a": 1,}]', 'c.json:1:9: a comma follows the last element — remove the comma'],
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
  ['[]\n[]', 'c.json:2:1: there is text after the end — remove what follows'],
  ['["a\nb"]', 'c.json:1:2: the string does not end — close the double quotes'],
  [
    '["a\tb"]',
    'c.json:1:2: a control character in a string — write \\n for a line break, \\t for a tab',
  ],
  ['["\\x"]', 'c.json:1:2: an unknown escape in a string — write \\\\ for a backslash'],
  ['["\\u12"]', 'c.json:1:2: a broken \\u escape — write four hexadecimal digits after \\u'],
];

test('a file that is not a JSON array is reported with line, column and remedy', () => {
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

// A catalog with repeated keys, the locations of the repetitions.
const repeated: readonly [string, string[]][] = [
  [`[{${MANIFEST},\n"hosting": "cloud",\n"hosting": "x"}]`, ['3:1 [0].hosting']],
  [`[{${MANIFEST}, ${MANIFEST}}]`, ['1:60 [0].manifest']],
  [`[{${MANIFEST}, "x": {"__proto__": 1, "__proto__": 2}}]`, ['1:82 [0].x.__proto__']],
  ['[{"manifest": {"id": "a", "i\\u0064": "b", "version": "1.0.0"}}]', ['1:27 [0].manifest.id']],
  ['[[{"a": 1, "a": 1, "a": 1}]]', ['1:12 [0][0].a', '1:20 [0][0].a']],
  ['{"": [{"b c": 1, "b c": 1}]}', ['1:18 [""][0]["b c"]']],
];

for (const [text, locations] of repeated) {
  test(`a key that appears twice is reported, at ${locations}`, () => {
    assert.deepEqual(
      problemsOf(text),
      locations.map(
        (location) => `c.json:${location}: appears twice, and only one can count — leave one out`,
      ),
    );
  });
}

test('repeated keys are reported up to a bound, equal keys of other objects are not', () => {
  assert.equal(problemsOf(`[{${'"a": 1, '.repeat(50_000)}"b": 1}]`).length, 20);
  releaseOf(`{${MANIFEST}, "x": {"x": {"x": 1}, "id": "a"}, "y": [{"x": 1}, {"x": 1}]}`);
});

// Addresses with a user's name or password, or with what might be one.
const secret = [
  'https://user:S3cret@example.com/',
  'https://S3cret@example.com/',
  'http://:S3cret@example.com',
  'HTTPS://user:S3c@ret@example.com:8443/a?b#c',
  'https://user%40corp:S3cret@example.com/a@b',
  'https://user:S3/cret@example.com/',
  'https://user:S3#cret@example.com/',
  'ftp://user:S3cret@example.com/',
  `https://user:${'S3cret'.repeat(40)}@example.com/`,
];
const addressFields = (url: string): string[] => [
  ...['homepage_url', 'download_url', 'release_notes_url'].map(
    (key) => `${MANIFEST}, "${key}": "${url}"`,
  ),
  ...['homepage_url', 'support_url', 'release_notes_url'].map(
    (key) => `"manifest": {"id": "a", "version": "1.0.0", "${key}": "${url}"}`,
  ),
  `${MANIFEST}, "labels": [{"name": "L", "url": "${url}"}]`,
  `${MANIFEST}, "platforms": {"linux-amd64": {"download_url": "${url}"}}`,
];

for (const url of secret) {
  test(`the address ${url.slice(0, 50)} is refused wherever it is published, and its password is not shown`, () => {
    for (const fields of addressFields(url)) {
      const [problem, ...others] = problemsOf(`[{${fields}}]`);
      assert.deepEqual(others, []);
      assert.match(problem ?? '', /^c\.json:1:\d+ \[0\]\S+url: ".*…@.*" (holds a user|is not a)/);
      assert.doesNotMatch(problem ?? '', /S3|cret/);
    }
  });
}

test('neither an @ behind the host nor an empty user counts as a user', () => {
  for (const url of [
    'https://a.example/@scope/p',
    'https://a.example?q=b@c',
    'https://@a.example/',
  ])
    for (const fields of addressFields(url)) releaseOf(`{${fields}}`);
});

// A time at an end of the calendar, whether it is accepted.
const times: readonly [string, boolean][] = [
  ['0001-01-01T00:00:00Z', true],
  ['9999-12-31T23:59:59Z', true],
  ['9999-12-31T23:59:59.999999999Z', true],
  ['0001-01-01T01:00:00+01:00', true],
  ['9999-12-31T22:59:59-01:00', true],
  ['0004-02-29T00:00:00Z', true],
  ['2000-02-29T00:00:00Z', true],
  ['0000-12-31T23:59:59Z', false],
  ['0000-01-01T00:00:00Z', false],
  ['0001-01-01T00:00:00+00:01', false],
  ['9999-12-31T23:59:59-00:01', false],
  ['9999-12-31T23:59:60Z', false],
  ['2016-12-31T23:59:60Z', false],
  ['1900-02-29T00:00:00Z', false],
  ['2023-02-29T00:00:00Z', false],
  ['2024-02-30T00:00:00Z', false],
  ['10000-01-01T00:00:00Z', false],
  ['-0001-01-01T00:00:00Z', false],
  ['+002024-01-01T00:00:00Z', false],
  ['2024-01-01T24:00:00Z', false],
];

test('times are within the calendar, also in UTC', () => {
  for (const [time, isTaken] of times) {
    const { problems } = parseCatalog(`[{${MANIFEST}, "updated_at": "${time}"}]`, 'c.json');
    const expected = isTaken ? [] : [`[0].updated_at: "${time}" ${TIME_RULE}`];
    assert.deepEqual(
      problems.map((problem) => formatProblem(problem).replace(/^c\.json:\d+:\d+ /, '')),
      expected,
    );
  }
});

// An icon, whether it is accepted.
const icons: readonly [string, string, boolean][] = [
  [
    'the largest',
    `data:image/png;base64,${Buffer.alloc(MOST_ICON_BYTES).toString('base64')}`,
    true,
  ],
  [
    'a larger one',
    `data:image/png;base64,${Buffer.alloc(MOST_ICON_BYTES + 99).toString('base64')}`,
    false,
  ],
  ['one without base64', `data:image/svg+xml,${'%20'.repeat(MOST_ICON_BYTES)}`, false],
  ['one of 50 MB', `data:image/png;base64,${'A'.repeat(50_000_000)}`, false],
  ['one with a long type', `data:image/${'x'.repeat(400_000)};base64,AA==`, false],
];

for (const [what, icon, isTaken] of icons) {
  test(`${what} of icons is ${isTaken ? 'accepted' : 'refused with its location'}`, () => {
    const text = `{${MANIFEST}, "icon_data": "${icon}"}`;
    if (isTaken) releaseOf(text);
    else {
      const [problem, ...others] = problemsOf(`[${text}]`);
      assert.deepEqual(others, []);
      assert.match(
        problem ?? '',
        /^c\.json:1:\d+ \[0\]\.icon_data: "data.{70,76}… is an icon of more than 256 kB/,
      );
    }
  });
}

test('a value is shown in at most 80 characters, none of them cut in half', () => {
  const [problem] = parseCatalog(
    `[{${MANIFEST}, "icon_data": "${'x'.repeat(77)}😀😀"}]`,
    '',
  ).problems;
  assert.equal(problem?.found, `"${'x'.repeat(77)}…`);
});

test('a missing or null field has the default of docs/api.md, in its order', () => {
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
  '"homepage_url": "HTTP://example.com:8080/é?q#f"',
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

test('a byte order mark is not part of the catalog', () => {
  assert.deepEqual(parseCatalog('\uFEFF[]', 'c.json'), { releases: [], problems: [] });
});
