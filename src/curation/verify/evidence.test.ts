import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import type { Release } from '../../catalog/release.ts';
import {
  findVerified,
  formatVerified,
  keyOf,
  readVerified,
  type VerifiedRecord,
} from '../../catalog/verified/verified-file.ts';
import { UserError } from '../../lib/errors.ts';
import { bundlesOf, type OfferedBundle } from './bundles-of.ts';
import { findChange, findUnverified, recordSeen } from './evidence.ts';

const [ONE, TWO] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string];
const KEY = 'A'.repeat(40);

const release = (version: string, more: object = {}, manifest: object = {}) =>
  ({
    download_url: `https://h/abc-${version}.tar.gz`,
    signature: 'c2ln',
    manifest: { id: 'abc', version, name: 'Abc', ...manifest },
    platforms: {},
    ...more,
  }) as unknown as Release;

const linux = {
  platforms: { 'linux-amd64': { download_url: 'https://h/linux.tar.gz', signature: 'bGlu' } },
};
const catalog = [release('1.0.0'), release('1.1.0', linux)];
const see = (bundles: readonly OfferedBundle[], sha256 = ONE, key = KEY) =>
  bundles.map((bundle) => ({ bundle, sha256, key }));
const mapOf = (records: readonly VerifiedRecord[]) =>
  new Map(records.map((record) => [keyOf(record), record]));
const bundles = catalog.flatMap(bundlesOf);
const records = mapOf(recordSeen(new Map(), see(bundles), bundles, '2026-05-17'));

test('what was seen is kept in an order of its own, and read as it was', async (t) => {
  const file = path.join(await makeFolder(t), 'verified.json');
  assert.equal((await readVerified(file, 'verified.json')).size, 0);
  const text = formatVerified(records.values());
  assert.equal(formatVerified([...records.values()].reverse()), text);
  await writeFile(file, text);
  assert.deepEqual(
    await readVerified(file, 'verified.json'),
    new Map(JSON.parse(text).map((each: VerifiedRecord) => [keyOf(each), each])),
  );
  assert.deepEqual(
    JSON.parse(text).map(({ release, platform }: VerifiedRecord) => `${release} ${platform}`),
    ['abc@1.0.0 ', 'abc@1.1.0 ', 'abc@1.1.0 linux-amd64'],
  );
  for (const bad of ['{}', '[{}]', text.replace(ONE, 'x'), text.replace('2026-05-17', 'today')]) {
    await writeFile(file, bad);
    await assert.rejects(readVerified(file, 'verified.json'), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /verified\.json is not what .* writes/);
      return true;
    });
  }
});

test('seeing the same again changes nothing, and one that changed stands there with its day', () => {
  const again = recordSeen(records, see(bundles), bundles, '2026-06-01');
  assert.deepEqual(mapOf(again), records);
  const next = [release('1.0.0', { signature: 'bmV3' }), ...catalog.slice(1)].flatMap(bundlesOf);
  const changed = recordSeen(records, see(next.slice(0, 1), TWO), next, '2026-06-01');
  const days = changed.map(({ verified, sha256 }) => [verified, sha256]);
  assert.deepEqual(days, [
    ['2026-06-01', TWO],
    ['2026-05-17', ONE],
    ['2026-05-17', ONE],
  ]);
  const fewer = catalog.slice(0, 1).flatMap(bundlesOf);
  assert.equal(recordSeen(records, [], fewer, '2026-06-01').length, 1, 'of the others');
});

test('a bundle with other contents under the same version is found, with both digests', () => {
  const [first] = bundles as [OfferedBundle];
  assert.equal(findChange({ bundle: first, sha256: ONE, key: KEY }, records), undefined);
  assert.equal(findChange({ bundle: first, sha256: TWO, key: KEY }, new Map()), undefined);
  const change = findChange({ bundle: first, sha256: TWO, key: KEY }, records) ?? '';
  assert.match(
    change,
    /^has other contents than on 2026-05-17, under the same version and address: .* was 1{64} and is 2{64}/,
  );
  const resigned = { ...first, signature: 'bmV3' };
  assert.match(
    findChange({ bundle: resigned, sha256: TWO, key: KEY }, records) ?? '',
    /other contents/,
  );
});

// What the catalog has now, the bundles that nobody has verified so.
const cases: readonly (readonly [string, readonly Release[], readonly RegExp[]])[] = [
  ['nothing else', catalog, []],
  ['fields in another order', [release('1.0.0', {}, { version: '1.0.0', id: 'abc' })], []],
  ['what bundles have nothing to do with', [release('1.0.0', { release_stage: 'beta' })], []],
  ['another release', [...catalog, release('1.2.0')], [/of abc@1\.2\.0 is not verified/]],
  [
    'another address',
    [release('1.0.0', { download_url: 'https://evil/abc.tar.gz' })],
    [/is not verified/],
  ],
  [
    'another signature',
    [release('1.0.0', { signature: 'bmV3' })],
    [/was verified with another signature or manifest/],
  ],
  [
    'another manifest',
    [release('1.0.0', {}, { min_server_version: '1.0.0' })],
    [/another signature or manifest/],
  ],
  ['another platform', [release('1.0.0', linux)], [/of abc@1\.0\.0 linux-amd64 is not verified/]],
  ['no bundle at all', [release('1.0.0', { download_url: '' })], []],
];

for (const [what, now, expected] of cases) {
  test(`where the catalog has ${what}, ${expected.length} bundles are not verified`, () => {
    const located = now.map((each, index) => ({ release: each, file: 'plugins.json', index }));
    const problems = findUnverified(located, records);
    assert.equal(problems.length, expected.length);
    for (const [i, { file, message, remedy }] of problems.entries()) {
      assert.match(file ?? '', /^plugins\.json \[\d\]$/);
      assert.match(message, expected[i] as RegExp);
      assert.match(remedy ?? '', /verify --record --plugin abc --key FILE/);
    }
    const verified = now.flatMap(bundlesOf).filter((each) => findVerified(records, each));
    assert.equal(verified.length, now.flatMap(bundlesOf).length - expected.length);
  });
}
