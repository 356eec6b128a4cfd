import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plannedSite } from '../../test/sites/planned-site.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { EVERYTHING } from '../query/audience/space.ts';
import { locate, pathOf } from './locate.ts';

// Only enterprise servers in the cloud are offered the third plugin, from 6.0.0 on; so nothing changes for the others then.
const CATALOG = [
  { manifest: { id: 'one', version: '1.0.0', min_server_version: '6.0.0' } },
  { manifest: { id: 'two', version: '1.0.0', min_server_version: '6.0.0' } },
  {
    manifest: { id: 'rare', version: '1.0.0', min_server_version: '6.0.0' },
    enterprise: true,
    hosting: 'cloud',
  },
];

// [enterprise, cloud, path of the list]
const LISTS: [boolean, boolean, string][] = [
  [true, true, 'all/6.0.0/any/enterprise/cloud/latest.json'],
  [false, false, 'all/6.0.0/any/any/on-prem/latest.json'],
  [true, false, 'all/6.0.0/any/any/on-prem/latest.json'],
  [false, true, 'all/6.0.0/any/any/on-prem/latest.json'],
];

test('An axis is called any only where the answer is the same with every value of it', async () => {
  const { releases } = parseCatalog(JSON.stringify(CATALOG), 'test.json');
  const { table } = (await plannedSite(releases)).plan.space;
  for (const [enterprise, cloud, path] of LISTS) {
    const place = locate(table, { ...EVERYTHING, enterprise, cloud, serverVersion: '9.0.0' });
    assert.ok('start' in place);
    assert.equal(pathOf(table, place, '').split('/plugins/')[1], path, `${enterprise}, ${cloud}`);
  }
});
