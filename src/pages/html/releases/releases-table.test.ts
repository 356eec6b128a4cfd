import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { findSteps } from '../../../query/audience/space.ts';
import { groupByPlugin, indexCatalog } from '../../../query/catalog-index.ts';
import { newestFor } from './releases-table.ts';

const release = (version: string, min_server_version: string, more: object = {}) => ({
  manifest: { id: 'x', version, min_server_version },
  ...more,
});

// Releases; for each, highest version first, the servers that get it as the newest.
const PLUGINS: readonly (readonly [object[], string[][]])[] = [
  [[release('1.0.0', '')], [['every server']]],
  [
    [release('1.0.0', '5.0.0'), release('2.0.0', '9.5.0')],
    [['servers 9.5.0 and newer'], ['servers 5.0.0 up to (not including) 9.5.0']],
  ],
  [
    [release('1.0.0', '5.0.0'), release('2.0.0', '5.0.0')],
    [['servers 5.0.0 and newer'], []],
  ],
  [
    [release('1.0.0', ''), release('2.0.0', '', { hosting: 'cloud' })],
    [['every server, cloud'], ['every server, on-prem']],
  ],
  [
    [release('1.0.0', '6.0.0', { enterprise: true }), release('0.9.0', '')],
    [
      ['servers 6.0.0 and newer, enterprise'],
      ['servers before 6.0.0', 'servers 6.0.0 and newer, team'],
    ],
  ],
  // The later of equal versions counts as the newest.
  [
    [release('1.0.0', ''), release('1.0.0+b', '')],
    [[], ['every server']],
  ],
];

for (const [entries, expected] of PLUGINS) {
  test(`the servers that get each release as the newest: ${JSON.stringify(entries)}`, () => {
    const { releases } = parseCatalog(JSON.stringify(entries), 'test.json');
    const catalog = indexCatalog(releases);
    const [plugin = []] = groupByPlugin(catalog);
    assert.deepEqual([...newestFor(plugin, findSteps(catalog)).values()], expected);
  });
}
