import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textIn } from '../../../../test/samples/pieces.ts';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { indexCatalog } from '../../../query/catalog-index.ts';
import { describeChanges, findPrevious } from './changes.ts';

function index(...entries: { version: string; [field: string]: unknown }[]) {
  const catalog = entries.map(({ version, hosting = '', ...manifest }) => ({
    hosting,
    download_url: 'https://a.example/x.tar.gz',
    manifest: { id: 'x', version, ...manifest },
  }));
  return indexCatalog(parseCatalog(JSON.stringify(catalog), 'test.json').releases);
}

const programs = (...platforms: string[]) => ({
  server: { executables: Object.fromEntries(platforms.map((name) => [name, `p-${name}`])) },
});
const settings = (...keys: string[]) => ({
  settings_schema: { settings: keys.map((key) => ({ key, display_name: `The ${key}:` })) },
});
const inSection = (...keys: string[]) => ({
  settings_schema: { sections: [{ title: 'A', ...settings(...keys).settings_schema }] },
});

// The older manifest, the newer one, the changes.
const CHANGES: readonly (readonly [object, object, string[]])[] = [
  [{}, {}, []],
  [{ min_server_version: '5.0.0' }, { min_server_version: '5.0.0' }, []],
  [
    { min_server_version: '5.0.0' },
    { min_server_version: '9.5.1' },
    ['Needs server 9.5.1 instead of server 5.0'],
  ],
  [{}, { min_server_version: '9.5.0' }, ['Needs server 9.5 instead of any server']],
  [
    { min_server_version: '9.5.0' },
    { min_server_version: '' },
    ['Now runs on any server, not only 9.5 or newer'],
  ],
  [programs('linux-amd64'), programs('linux-amd64'), []],
  [
    programs('linux-amd64', 'windows-amd64'),
    programs('linux-amd64', 'linux-arm64'),
    ['Also runs on linux-arm64', 'No longer runs on windows-amd64'],
  ],
  [{}, programs('linux-amd64'), ['Platforms: linux-amd64; before: any platform']],
  [settings('a', 'b'), settings('b', 'c'), ['New settings: |The c', 'Settings removed: |The a']],
  // A setting that moves is neither new nor removed.
  [settings('a', 'b'), inSection('b', 'a'), []],
  [{}, settings('a', 'b'), ['New settings: |The a|, |The b']],
];

for (const [older, newer, expected] of CHANGES) {
  test(`from ${JSON.stringify(older)} to ${JSON.stringify(newer)}: ${expected.join(' and ') || 'no change'}`, () => {
    const [after, before] = index({ version: '1.0.0', ...older }, { version: '2.0.0', ...newer });
    assert.ok(before && after);
    assert.deepEqual(describeChanges(before.release, after.release).map(textIn), expected);
  });
}

// Releases as version and hosting, and the one that the first of them is compared with.
const NEIGHBOURS: readonly (readonly [[string, string?][], string | undefined])[] = [
  [[['1.0.0']], undefined],
  [[['2.0.0'], ['1.0.0'], ['1.5.0']], '1.5.0'],
  [[['2.0.0'], ['2.0.0+b']], undefined],
  [
    [
      ['2.0.0', 'cloud'],
      ['1.5.0', 'on-prem'],
      ['1.0.0', 'cloud'],
    ],
    '1.0.0',
  ],
  [[['2.0.0', 'cloud'], ['1.5.0', 'on-prem'], ['1.0.0']], '1.5.0'],
];

for (const [versions, expected] of NEIGHBOURS) {
  test(`of ${versions.join(', ')} the first is compared with ${expected}`, () => {
    const catalog = index(...versions.map(([version, hosting]) => ({ version, hosting })));
    const [first] = versions[0] ?? [];
    const release = catalog.find(({ release }) => release.manifest.version === first);
    assert.ok(release);
    assert.equal(findPrevious(release, catalog)?.release.manifest.version, expected);
  });
}
