import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { COMPUTED_LABELS, labelsOf } from './labels.ts';

// [name, what its description speaks of, url]
const computed: [string, RegExp, string][] = [
  ['Partner', /partner/, 'https://mattermost.com/pl/default-partner-plugins'],
  ['Community', /community/, 'https://mattermost.com/pl/default-community-plugins'],
  ['Beta', /beta.* not .*production/, 'https://mattermost.com/pl/default-beta-plugins'],
  [
    'Experimental',
    /experiment.* not .*production/,
    'https://mattermost.com/pl/default-experimental-plugins',
  ],
  ['Professional/Enterprise', /Professional or Enterprise/, 'https://mattermost.com/pricing/'],
];

test('the computed labels are the five of docs/api.md in its order', () => {
  assert.equal(COMPUTED_LABELS.length, computed.length, 'docs/api.md, /api/v1/labels: five labels');
  for (const [i, [name, about, url]] of computed.entries()) {
    const { description, ...label } = COMPUTED_LABELS[i] ?? { description: '' };
    assert.deepEqual(label, { name, url, color: '' }, `docs/api.md, labels: ${name}`);
    assert.match(description, about, `docs/api.md, labels: the description of ${name}`);
  }
});

// [fields of a release, names of its labels]
const releases: [object, string[]][] = [
  [{}, []],
  [{ author_type: 'mattermost', release_stage: 'production', enterprise: false }, []],
  [{ author_type: 'partner' }, ['Partner']],
  [{ author_type: 'community' }, ['Community']],
  [{ release_stage: 'beta' }, ['Beta']],
  [{ release_stage: 'experimental' }, ['Experimental']],
  [{ enterprise: true }, ['Professional/Enterprise']],
  [
    { enterprise: true, release_stage: 'beta', author_type: 'partner' },
    ['Partner', 'Beta', 'Professional/Enterprise'],
  ],
  [{ labels: [{ name: 'Z' }, { name: 'A' }] }, ['Z', 'A']],
  [
    { release_stage: 'experimental', author_type: 'community', labels: [{ name: 'Own' }] },
    ['Own', 'Community', 'Experimental'],
  ],
];

test('a release has its own labels, then the computed ones in their order', () => {
  for (const [fields, expected] of releases) {
    const entry = { ...fields, manifest: { id: 'a', version: '1.0.0' } };
    const [release] = parseCatalog(JSON.stringify([entry]), 'test.json').releases;
    assert.ok(release);
    const names = labelsOf(release).map(({ name }) => name);
    assert.deepEqual(names, expected, `docs/api.md, labels: of ${JSON.stringify(fields)}`);
  }
});
