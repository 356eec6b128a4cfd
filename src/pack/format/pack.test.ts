import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { UserError } from '../../lib/errors.ts';
import { PACK_FILE, readPack } from './pack.ts';

const fileAt = (name: unknown, more: object = {}) => ({
  path: name,
  sha256: '0'.repeat(64),
  sizeBytes: 1,
  ...more,
});

// Paths that pack.json may name, and those that it may not.
for (const name of [
  'plugins.json',
  'bundles/a',
  'bundles/.a',
  'bundles/..a',
  'bundles/.._a-1.tar.gz',
]) {
  test(`a pack may hold ${name}`, async (t) => {
    const folder = await makeFolder(t);
    await writePackJson(folder, [fileAt(name)]);
    assert.equal((await readPack(folder))?.files[0]?.path, name);
  });
}

const wrong: readonly (readonly object[])[] = [
  ...[
    ...[
      'bundles/..',
      'bundles/.',
      'bundles/',
      'bundles',
      'bundles/../x',
      'bundles//x',
      '../bundles/x',
    ],
    ...[
      '/bundles/x',
      'bundles/x/y',
      'bundles\\x',
      'bundles/x\n',
      'bundles/x\0',
      'pack.json',
      '',
      1,
    ],
  ].map((name) => [fileAt(name)]),
  [fileAt('bundles/a'), fileAt('bundles/a')],
  [fileAt('bundles/a', { sizeBytes: -1 })],
  [fileAt('bundles/a', { sizeBytes: 1.5 })],
  [fileAt('bundles/a', { sha256: '../../etc/passwd' })],
  [fileAt('bundles/a', { other: 1 })],
];

for (const files of wrong) {
  test(`a pack with ${JSON.stringify(files)} is refused`, async (t) => {
    const folder = await makeFolder(t);
    await writePackJson(folder, files);
    await assert.rejects(readPack(folder), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /pack\.json is damaged/);
      return true;
    });
  });
}

test('an empty folder is not a pack; a file that cannot be read is reported', async (t) => {
  const folder = await makeFolder(t);
  assert.equal(await readPack(folder), null);
  await mkdir(path.join(folder, PACK_FILE));
  await assert.rejects(readPack(folder), { name: 'UserError', message: /cannot be read, EISDIR/ });
});

async function writePackJson(folder: string, files: readonly object[]) {
  const pack = { format: 1, baseUrl: 'http://h', files };
  await writeFile(path.join(folder, PACK_FILE), JSON.stringify(pack));
}
