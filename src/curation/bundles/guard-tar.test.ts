import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeFolder } from '../../../test/make-folder.ts';
import { HOSTILE_BUNDLES, paxRecord, tarEntry } from '../../../test/samples/hostile-bundles.ts';
import { UserError } from '../../lib/errors.ts';
import { readBundle } from './read-bundle.ts';

for (const [what, bundle] of Object.entries(HOSTILE_BUNDLES)) {
  test(`a bundle with ${what} is refused by its name`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    await writeFile(file, bundle);
    await assert.rejects(readBundle(file, 'a.tar.gz'), (error) => {
      assert.ok(error instanceof UserError, String((error as Error).stack));
      assert.match(error.message, /^the bundle a\.tar\.gz [a-z]/);
      t.diagnostic(error.message.slice(0, 150));
      return true;
    });
  });
}

const plain = '{"id":"abc","version":"1.2.0"}';
const long = `${'a/'.repeat(100)}b`;
const pax = (...records: readonly (readonly [string, string])[]) =>
  tarEntry(
    { name: 'pax', type: 'x' },
    records.map(([key, value]) => paxRecord(key, value)).join(''),
  );

// What servers read, the entries after the manifest, the file found and its size.
const read: readonly (readonly [string, readonly Buffer[], string, number])[] = [
  [
    'a long name',
    [tarEntry({ name: 'l', type: 'L' }, `${long}\0`), tarEntry({ name: 'a' }, 'xx')],
    long,
    2,
  ],
  ['a long name of PAX', [pax(['path', long]), tarEntry({ name: 'a' }, 'xx')], long, 2],
  [
    'a size of PAX',
    [pax(['size', '3']), tarEntry({ name: 'a', size: 0 }), Buffer.alloc(512)],
    'a',
    3,
  ],
  ['a size of PAX that is taken back', [pax(['size', '']), tarEntry({ name: 'a' }, 'xx')], 'a', 2],
  [
    'more records of PAX',
    [pax(['mtime', '-1.5'], ['SCHILY.xattr.a', 'b\0c']), tarEntry({ name: 'a' }, 'xx')],
    'a',
    2,
  ],
  [
    'a size of eight bytes',
    [tarEntry({ name: 'a', size: Buffer.from('800000000000000000000002', 'hex') }, 'xx')],
    'a',
    2,
  ],
  ['a size behind blanks', [tarEntry({ name: 'a', size: '         2 \0' }, 'xx')], 'a', 2],
  ['a moment before 1970', [tarEntry({ name: 'a', mtime: Buffer.alloc(12, 0xff) }, 'xx')], 'a', 2],
  [
    'an invalid time',
    [tarEntry({ name: 'a', mtime: Buffer.from('never', 'latin1') }, 'xx')],
    'a',
    2,
  ],
  [
    'a folder with a size',
    [tarEntry({ name: 'b', type: '5', size: 512 }), tarEntry({ name: 'a' }, 'xx')],
    'a',
    2,
  ],
];

for (const [what, entries, name, sizeBytes] of read) {
  test(`a bundle with ${what} is read`, async (t) => {
    const file = path.join(await makeFolder(t), 'a.tar.gz');
    const end = Buffer.alloc(1024);
    const tar = Buffer.concat([tarEntry({ name: 'plugin.json' }, plain), ...entries, end]);
    await writeFile(file, gzipSync(tar));
    const { files } = await readBundle(file, 'a.tar.gz');
    assert.equal(files.get(name)?.sizeBytes, sizeBytes);
  });
}
