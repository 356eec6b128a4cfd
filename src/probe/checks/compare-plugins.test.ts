import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePlugins, isPluginList, type Plugin } from './compare-plugins.ts';

/** `a@1.0.0` with other fields. */
function plugin(name: string, more: object = {}, manifest: object = {}): Plugin {
  const [id = '', version = ''] = name.split('@');
  return { download_url: 'https://a.example', ...more, manifest: { id, version, ...manifest } };
}

const [a1, a2, b1] = [plugin('a@1.0.0'), plugin('a@2.0.0'), plugin('b@1.0.0')];
const labelled = (name: string, description: string) =>
  plugin('a@1.0.0', { labels: [{ name, description }] });

// What is found, what is expected, the faults of ours, those of another marketplace.
const cases: readonly (readonly [Plugin[], Plugin[], string[], string[]?])[] = [
  [[a1, b1], [a1, b1], []],
  [[b1, a1], [a1, b1], ['order: has its plugins in another order than c.json'], []],
  [[a1], [a1, b1], ['missing-plugin: b@1.0.0 is missing: c.json has it']],
  [[a1, b1], [a1], ['extra-plugin: b@1.0.0 is not in c.json']],
  [[a2], [a1], ['other-version: a has a higher version, "2.0.0", than in c.json, "1.0.0"']],
  [[a1], [a2], ['other-version: a has a lower version, "1.0.0", than in c.json, "2.0.0"']],
  [[plugin('a@v3')], [a2], ['other-version: a has another version, "v3", than in c.json, "2.0.0"']],
  [[a2, a1], [a2], ['extra-plugin: a@1.0.0 is not in c.json']],
  [[a2], [a2, a1], ['missing-plugin: a@1.0.0 is missing: c.json has it']],
  [[a1], [a1, a1], ['missing-plugin: a@1.0.0 is missing: c.json has it']],
  [
    [labelled('Beta', 'x')],
    [labelled('Beta', 'y')],
    [
      'other-labels: a@1.0.0 has other labels than in c.json: 0 is {"name":"Beta","description":"x"}, expected {"name":"Beta","description":"y"}',
    ],
    [],
  ],
  [
    [labelled('Beta', 'x')],
    [plugin('a@1.0.0')],
    [
      'other-labels: a@1.0.0 has other labels than in c.json: [{"name":"Beta","description":"x"}], expected nothing',
    ],
    ['other-labels: a@1.0.0 has other labels than in c.json: 0 is "Beta", expected nothing'],
  ],
  [
    [plugin('a@1.0.0', { platforms: {}, unknown: 1 })],
    [plugin('a@1.0.0', { platforms: {} })],
    ['other-field: a@1.0.0 has other unknown than in c.json: 1, expected nothing'],
    [],
  ],
  [
    [plugin('a@1.0.0', {}, { name: 'B', props: 1 })],
    [plugin('a@1.0.0', {}, { name: 'A' })],
    ['other-field: a@1.0.0 has other manifest than in c.json: name is "B", expected "A"'],
  ],
  [
    [plugin('a@1.0.0', { download_url: 'https://b.example' })],
    [a1],
    [
      'other-bundle: a@1.0.0 has other download_url than in c.json: "https://b.example", expected "https://a.example"',
    ],
  ],
];

for (const [found, expected, ours, others = ours] of cases) {
  const names = [found, expected].map((all) =>
    all.map(({ manifest }) => `${manifest.id}@${manifest.version}`),
  );
  test(`${names[0]} where ${names[1]} is expected: ${ours[0]}`, () => {
    for (const [isOurs, faults] of [
      [true, ours],
      [false, others],
    ] as const) {
      const compared = comparePlugins(found, expected, { isOurs, source: 'c.json' });
      assert.deepEqual(
        compared.map(({ check, message }) => `${check}: ${message}`),
        faults,
      );
    }
  });
}

test('a list of plugins has a manifest with id and version in each', () => {
  assert.ok(isPluginList([a1]));
  assert.ok(isPluginList([]));
  for (const other of [null, {}, [null], [{}], [{ manifest: null }], [{ manifest: { id: 'a' } }]]) {
    assert.ok(!isPluginList(other), JSON.stringify(other));
  }
});
