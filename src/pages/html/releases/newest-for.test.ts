import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCatalog } from '../../../catalog/parse-catalog.ts';
import { findSteps } from '../../../query/audience/space.ts';
import { groupByPlugin, indexCatalog } from '../../../query/catalog-index.ts';
import { newestFor } from './newest-for.ts';

const release = (version: string, min_server_version: string, more: object = {}) => ({
  manifest: { id: 'x', version, min_server_version },
  ...more,
});

// Releases; for each, highest version first, the servers that get it as the newest.
const PLUGINS: readonly (readonly [object[], string[][]])[] = [
  [[release('1.0.0', '')], [['Every server']]],
  [
    [release('1.0.0', '5.0.0'), release('2.0.0', '9.5.0')],
    [['Servers from 9.5'], ['Servers 5.0 up to 9.5']],
  ],
  [
    [release('1.0.0', ''), release('2.0.0', '9.5.1'), release('3.0.0', '10.0.0-rc1')],
    [['Servers from 10.0.0-rc1'], ['Servers 9.5.1 up to 10.0.0-rc1'], ['Servers before 9.5.1']],
  ],
  [
    [release('1.0.0', '5.0.0'), release('2.0.0', '5.0.0')],
    [['Servers from 5.0'], []],
  ],
  [
    [release('1.0.0', ''), release('2.0.0', '', { hosting: 'cloud' })],
    [['Every Cloud server'], ['Every self-hosted server']],
  ],
  [
    [release('1.0.0', '6.0.0', { enterprise: true }), release('0.9.0', '')],
    [['Enterprise servers from 6.0'], ['Servers before 6.0', 'Team servers from 6.0']],
  ],
  [
    [release('1.0.0', '6.0.0', { enterprise: true, hosting: 'on-prem' })],
    [['Self-hosted Enterprise servers from 6.0']],
  ],
  // The later of equal versions counts as the newest.
  [
    [release('1.0.0', ''), release('1.0.0+b', '')],
    [[], ['Every server']],
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
