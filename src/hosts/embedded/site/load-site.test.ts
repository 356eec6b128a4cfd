import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { UserError } from '../../../lib/errors.ts';
import { makeFixtureFolder, writeFixtureSite } from './fixture-site.ts';
import { fingerprintSite, loadSite } from './load-site.ts';

const digest = 'a'.repeat(64);

// a change to a build, the message of the refusal
const refusals: [string, (dir: string) => Promise<unknown>, RegExp[]][] = [
  [
    'without a folder',
    (dir) => rm(dir, { recursive: true }),
    [/dist\/ does not exist: run npm run build first$/],
  ],
  [
    'that is a file',
    async (dir) => {
      await rm(dir, { recursive: true });
      await writeFile(dir, '');
    },
    [/dist is not a folder/],
  ],
  [
    'without snapshot.json',
    (dir) => rm(join(dir, 'snapshot.json')),
    [/dist\/ holds no snapshot\.json: run npm run build first/],
  ],
  [
    'whose snapshot.json is a folder',
    async (dir) => {
      await rm(join(dir, 'snapshot.json'));
      await mkdir(join(dir, 'snapshot.json'));
    },
    [/dist\/snapshot\.json is a directory: name a file/],
  ],
  [
    'whose snapshot.json is a device without end',
    async (dir) => {
      await rm(join(dir, 'snapshot.json'));
      await symlink('/dev/zero', join(dir, 'snapshot.json'));
    },
    [/dist\/snapshot\.json is not a file/],
  ],
  [
    'whose snapshot.json has a terabyte',
    (dir) => truncate(join(dir, 'snapshot.json'), 2 ** 40),
    [/dist\/snapshot\.json has more than 268435456 bytes/],
  ],
  [
    'whose snapshot.json has more than 256 MiB',
    (dir) => truncate(join(dir, 'snapshot.json'), 2 ** 28 + 1),
    [/dist\/snapshot\.json has more than 268435456 bytes/],
  ],
  [
    'whose snapshot.json is cut off',
    (dir) => writeFile(join(dir, 'snapshot.json'), '{"id": "ab", "fil'),
    [/dist\/snapshot\.json is not JSON/],
  ],
  [
    'whose snapshot.json is a list',
    (dir) => writeFile(join(dir, 'snapshot.json'), '[]'),
    [/is not the manifest of a build/, /\[\] is not an object/],
  ],
  [
    'whose snapshot.json is empty',
    (dir) => writeFile(join(dir, 'snapshot.json'), '{}'),
    [/ id: nothing is not a digest/, / files: nothing is not an array/],
  ],
  [
    'whose snapshot.json has bad rows: all are named',
    (dir) =>
      writeFile(
        join(dir, 'snapshot.json'),
        JSON.stringify({
          id: 'ab',
          files: [
            { path: 'a.json', sha256: digest, size: 1, contentType: 'application/json' },
            { path: '../a.json', sha256: digest.toUpperCase(), size: -1, contentType: 'a\nb' },
            { path: '/a', sha256: digest, size: 1.5, contentType: '' },
            7,
            ...[{ sha256: digest.slice(1), size: '1' }, 8, null].map((gzip) => ({
              ...{ path: 'a.json', sha256: digest, size: 1, contentType: 'application/json' },
              gzip,
            })),
          ],
        }),
      ),
    [
      /files\[1\]\.path: "\.\.\/a\.json" is not a path inside the build/,
      /files\[1\]\.sha256/,
      /files\[1\]\.size: -1/,
      /files\[1\]\.contentType/,
      /files\[2\]\.path/,
      /files\[2\]\.size/,
      /files\[2\]\.contentType/,
      /files\[3\]: 7 is not an object/,
      /files\[4\]\.gzip\.sha256/,
      /files\[4\]\.gzip\.size: "1" is not a size/,
      /files\[5\]\.gzip: 8 is not an object/,
      /files\[6\]\.gzip: null is not an object/,
    ],
  ],
  [
    'without a routing table, like older ones',
    (dir) => writeFile(join(dir, 'snapshot.json'), '{"id": "ab", "files": []}'),
    [/dist\/snapshot\.json has no routing table, an older version wrote it: build again/],
  ],
  [
    'with the routing table of another build',
    async (dir) => {
      const text = await readFile(join(dir, 'snapshot.json'), 'utf8');
      await writeFile(join(dir, 'snapshot.json'), text.replace('/snapshots/ab/', '/snapshots/cd/'));
    },
    [/snapshot\.json router\.table\.root: "\/snapshots\/cd\/" is not \/snapshots\/ab\//],
  ],
];

for (const [name, harm, expected] of refusals) {
  test(`a build ${name} is refused, with what to do`, async (t) => {
    const { dir, remove } = await makeFixtureFolder();
    t.after(remove);
    await writeFixtureSite(dir, { id: 'ab', bodies: {} });
    await harm(dir);
    await assert.rejects(loadSite(dir), (error) => {
      assert.ok(error instanceof UserError, String(error));
      for (const pattern of expected) assert.match(error.message, pattern);
      return true;
    });
  });
}

test('a build is loaded with its routing table and the details of each file from the manifest', async (t) => {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, {
    id: 'ab',
    bodies: { 'list.json': 'x'.repeat(2000), 'a.json': '' },
  });
  const site = await loadSite(`${dir}/`);
  assert.equal(site.id, 'ab');
  assert.deepEqual(site.router('GET', '/api/v1/labels'), { path: '/snapshots/ab/api/labels.json' });
  const list = site.files.get('/snapshots/ab/list.json');
  assert.ok(list);
  assert.equal(list.size, 2000);
  assert.equal(list.gzip?.size, (await stat(join(dir, `${list.path}.gz`))).size);
  assert.equal(list.plain.etag, `"${list.sha256.slice(0, 32)}"`);
  assert.equal(list.compressed?.etag, `"${list.sha256.slice(0, 32)}-gzip"`);
  assert.equal(site.files.get('/snapshots/ab/a.json')?.gzip, undefined);
});

test('a fingerprint changes with the manifest, and shows if it is missing', async (t) => {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  assert.equal(await fingerprintSite(dir, 'ab'), '- -');
  await writeFixtureSite(dir, { id: 'ab', bodies: {} });
  const last = await fingerprintSite(dir, 'ab');
  assert.equal(await fingerprintSite(dir, 'ab'), last);
  const text = await readFile(join(dir, 'snapshot.json'));
  await rm(join(dir, 'snapshot.json'));
  await writeFile(join(dir, 'snapshot.json'), text);
  assert.notEqual(await fingerprintSite(dirname(join(dir, 'x')), 'ab'), last);
});

test('what is signed is no file of the manifest, and a change of it shows', async (t) => {
  const { dir, remove } = await makeFixtureFolder();
  t.after(remove);
  await writeFixtureSite(dir, { id: 'ab', bodies: {} });
  assert.equal((await loadSite(dir)).files.get('/snapshots/ab/api/signed.json'), undefined);
  const file = join(dir, 'snapshots/ab/api/signed.json');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, '{"signed":null}\n');
  const first = await loadSite(dir);
  assert.equal(first.files.get('/snapshots/ab/api/signed.json')?.size, 16);
  assert.equal(await fingerprintSite(dir, 'ab'), first.fingerprint);
  await writeFile(file, '{"signed":"a"}\n');
  assert.notEqual(await fingerprintSite(dir, 'ab'), first.fingerprint);
  await rm(file);
  await symlink('/etc/passwd', file);
  await assert.rejects(loadSite(dir), /signed\.json is not a file of at most 65536 bytes/);
});
