import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rsaSignature } from '../../../test/samples/rsa-signature.ts';
import { locateReleases } from '../../catalog/located-release.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { formatInstallable, installableTable } from './installable-table.ts';

const onLinux = { server: { executables: { 'linux-amd64': 'server/dist/plugin' } } };
const everywhere = { webapp: { bundle_path: 'webapp/dist/main.js' } };
const entry = (version: string, min_server_version: string, manifest: object) => ({
  download_url: 'https://example.com/a.tar.gz',
  signature: rsaSignature(1),
  manifest: { id: 'abc', version, min_server_version, ...manifest },
});
const { releases } = parseCatalog(
  JSON.stringify([
    entry('2.0.0', '9.0.0', everywhere),
    entry('1.1.0', '6.0.0', onLinux),
    entry('1.0.0', '6.0.0', onLinux),
  ]),
  'a.json',
);
const table = installableTable(locateReleases([{ file: 'a.json', releases }]));

test('a row shows which servers can install a release, and what keeps others from it', () => {
  assert.deepEqual(
    table.map(({ release, everywhere }) => [release, everywhere]),
    [
      ['abc@2.0.0', true],
      ['abc@1.1.0', false],
      ['abc@1.0.0', false],
    ],
  );
  assert.deepEqual(table[1]?.installable, [
    { servers: '6.0 and newer', platforms: ['linux-amd64'] },
  ]);
  const [obstacle, ...others] = table[1]?.obstacles ?? [];
  assert.deepEqual(others, []);
  assert.equal(obstacle?.check, 'no-program');
  assert.ok(!obstacle.platforms.includes('linux-amd64') && obstacle.platforms.length > 5);
});

test('the text groups releases with the same result, and leaves out those for all servers', () => {
  assert.equal(
    formatInstallable(table),
    'Of the servers that a release fits, these can install and start it, where not all can:\n' +
      '  servers 6.0 and newer on linux-amd64 [no-program]\n' +
      '    abc@1.1.0, abc@1.0.0\n',
  );
  assert.equal(formatInstallable(table.slice(0, 1)), '');
});
