import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { COMPUTED_LABELS } from './labels.ts';
import { hasBundle, renderAnswer, renderRelease } from './render.ts';

/** A release from the text of a catalog's entry, in which `__proto__` is a field like any other. */
function releaseOf(json: string): Release {
  const { releases, problems } = parseCatalog(`[${json}]`, 'test.json');
  assert.deepEqual(problems, []);
  return releases[0] as Release;
}

const MANIFEST = '"manifest":{"id":"a","version":"1.0.0"}';

test('every field is there, with its default, in the order of docs/api.md', () => {
  const expected =
    '{"homepage_url":"","icon_data":"","download_url":"","release_notes_url":"","hosting":"",' +
    '"author_type":"","release_stage":"","enterprise":false,"signature":"","repo_name":"",' +
    `${MANIFEST},"platforms":{},"updated_at":"0001-01-01T00:00:00Z"}`;
  assert.equal(renderRelease(releaseOf(`{${MANIFEST}}`), ''), expected, 'docs/api.md, The answer');
});

test('every field is that of the catalog', () => {
  const catalog = `{
    "homepage_url": "https://example.com/h", "icon_data": "data:image/svg+xml;base64,PHN2Zy8+",
    "download_url": "https://example.com/d", "release_notes_url": "https://example.com/n",
    "hosting": "on-prem", "author_type": "mattermost", "release_stage": "production",
    "enterprise": false, "signature": "c2ln", "repo_name": "mattermost-plugin-a", ${MANIFEST},
    "platforms": {"linux-amd64": {"download_url": "https://example.com/l", "signature": "bGlu"}},
    "updated_at": "2024-05-17T14:42:33.5+02:00"}`;
  const answer = renderRelease(releaseOf(catalog), '');
  assert.equal(answer, JSON.stringify(JSON.parse(catalog)), 'docs/api.md, The answer');
});

// [what is kept, text that stands in the entry and in the answer]
const kept: [string, string][] = [
  ['a manifest, with unknown fields', '"manifest":{"version":"1.0.0","x":[{"y":null}],"id":"a"}'],
  [
    'a manifest, with __proto__',
    '"manifest":{"id":"a","version":"1.0.0","__proto__":{"z":1},"props":{"__proto__":2}}',
  ],
  [
    'a manifest, with nulls and empty values',
    '"manifest":{"id":"a","version":"1.0.0","name":null,"description":"","min_server_version":null}',
  ],
  [
    'a manifest, with the names of answer fields',
    '"manifest":{"id":"a","version":"1.0.0","labels":[],"download_url":"x","signature":"y"}',
  ],
  ['text beyond ASCII', '"manifest":{"id":"a","version":"1.0.0","name":"<é>\u2028 😀\\u0000\\""}'],
];

test('a manifest is just as in the catalog', () => {
  for (const [what, text] of kept) {
    const answer = renderRelease(releaseOf(`{${text}}`), 'linux-amd64');
    assert.ok(
      answer.includes(`,${text},`),
      `docs/api.md, The answer: ${what} is kept in ${answer}`,
    );
  }
});

test('unknown fields of a release follow the known ones as they are', () => {
  const unknown = '"zeta":{"b":[1,null]},"alpha":0.5,"__proto__":{"download_url":"x"}';
  const answer = renderRelease(releaseOf(`{${unknown},${MANIFEST}}`), '');
  assert.ok(answer.endsWith(`"updated_at":"0001-01-01T00:00:00Z",${unknown}}`), answer);
});

test('labels are the own, then the computed ones, and absent where there are none', () => {
  const own = [
    { name: 'Own', description: 'd', url: 'https://example.com/l', color: '#fff', x: 1 },
  ];
  const [partner, , , , enterprise] = COMPUTED_LABELS;
  // [fields of the entry, labels of the answer]
  const cases: [object, unknown][] = [
    [{}, undefined],
    [{ labels: [] }, undefined],
    [{ labels: null }, undefined],
    [{ labels: own }, own],
    [{ enterprise: true, author_type: 'partner' }, [partner, enterprise]],
    [{ enterprise: true, labels: own }, [...own, enterprise]],
    [{ labels: [{ name: 'Bare' }] }, [{ name: 'Bare', description: '', url: '', color: '' }]],
  ];
  for (const [fields, expected] of cases) {
    const release = releaseOf(
      JSON.stringify({ ...fields, manifest: { id: 'a', version: '1.0.0' } }),
    );
    const before = JSON.stringify(release);
    const answer = JSON.parse(renderRelease(release, ''));
    const message = `docs/api.md, labels: ${JSON.stringify(fields)}`;
    assert.deepEqual(answer.labels, expected, message);
    assert.equal('labels' in answer, expected !== undefined, message);
    assert.equal(JSON.stringify(release), before, 'a release is not changed by rendering it');
  }
});

const PLATFORMS = `{
  "linux-amd64": {"download_url": "https://example.com/l", "signature": "sig-l", "more": 1},
  "linux-arm64": {"download_url": "https://example.com/a", "signature": "sig-a"},
  "no-signature": {"download_url": "https://example.com/x"},
  "empty-signature": {"download_url": "https://example.com/x", "signature": ""},
  "null-signature": {"download_url": "https://example.com/x", "signature": null},
  "no-url": {"signature": "sig-x"},
  "empty-url": {"download_url": "", "signature": "sig-x"},
  "null-url": {"download_url": null, "signature": "sig-x"},
  "neither-one": {}
}`;

// [platform, URL, signature, whether the release has a bundle for it]
const bundles: [string, string, string, boolean][] = [
  ['linux-amd64', 'https://example.com/l', 'sig-l', true],
  ['linux-arm64', 'https://example.com/a', 'sig-a', true],
  ...[
    'no-signature',
    'empty-signature',
    'null-signature',
    'no-url',
    'empty-url',
    'null-url',
    'neither-one',
    '',
    'windows-amd64',
    'Linux-AMD64',
    'linux',
    'constructor',
    '__proto__',
    'toString',
  ].map((platform): [string, string, string, boolean] => [
    platform,
    'https://example.com/default',
    'sig-default',
    false,
  ]),
];

test('a platform replaces URL and signature where the release has both for it, and nothing else', () => {
  const release = releaseOf(
    `{"download_url":"https://example.com/default","signature":"sig-default",${MANIFEST},` +
      `"platforms":${PLATFORMS},"labels":[{"name":"Own"}],"author_type":"partner"}`,
  );
  const byDefault = renderRelease(release, '');
  for (const [platform, url, signature, expected] of bundles) {
    const rule = `docs/api.md, platform: ${platform}`;
    assert.equal(hasBundle(release, platform), expected, rule);
    const replaced = byDefault
      .replace('"download_url":"https://example.com/default"', `"download_url":"${url}"`)
      .replace('"signature":"sig-default"', `"signature":"${signature}"`);
    assert.equal(renderRelease(release, platform), replaced, rule);
  }
});

test('a platform may have any name', () => {
  const bundle = { download_url: 'https://example.com/x', signature: 'sig-x' };
  for (const platform of ['__proto__', 'constructor', 'linux-amd64']) {
    const platforms = JSON.parse(`{${JSON.stringify(platform)}:${JSON.stringify(bundle)}}`);
    const release: Release = { ...releaseOf(`{${MANIFEST}}`), platforms };
    assert.ok(hasBundle(release, platform), `docs/api.md, platform: ${platform}`);
    const answer = renderRelease(release, platform);
    const { download_url, signature } = JSON.parse(answer);
    assert.deepEqual({ download_url, signature }, bundle, `docs/api.md, platform: ${platform}`);
    assert.ok(answer.includes(`"platforms":${JSON.stringify(platforms)}`), answer);
  }
});

test('a bundle that is inherited is not one of the catalog', () => {
  const bundle = { download_url: 'https://example.com/x', signature: 'sig-x' };
  const release = releaseOf(`{${MANIFEST}}`);
  const inheriting: Release = { ...release, platforms: Object.create({ 'linux-amd64': bundle }) };
  assert.equal(hasBundle(inheriting, 'linux-amd64'), false, 'docs/api.md, platform');
  assert.equal(renderRelease(inheriting, 'linux-amd64'), renderRelease(release, ''));
});

test('an answer is a JSON array of its releases', () => {
  const pieces = ['{"a":"],[\\n"}', '{"b":"é"}'];
  for (const count of [0, 1, 2]) {
    const some = pieces.slice(0, count);
    const answer = renderAnswer(some);
    const expected = some.map((piece) => JSON.parse(piece));
    assert.deepEqual(JSON.parse(answer), expected, `docs/api.md, The answer: ${count} releases`);
  }
});
