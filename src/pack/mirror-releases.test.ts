import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { impatientWeb, serveFiles, startLoopback } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import { UserError } from '../lib/errors.ts';
import { mirrorReleases } from './mirror-releases.ts';

const manifest = makeManifest('abc', '1.0.0');
const bundle = await makeBundle(manifest);

// What happened to a bundle of the pack since it was mirrored, whether it is fetched again.
const cases: readonly (readonly [string, (file: string) => Promise<unknown>, number])[] = [
  ['is as it was', async () => {}, 0],
  ['has another byte', (file) => writeFile(file, flip(bundle)), 1],
  ['was cut', (file) => writeFile(file, bundle.subarray(0, 100)), 1],
  ['has grown', (file) => writeFile(file, Buffer.concat([bundle, Buffer.from('x')])), 1],
  ['is gone', (file) => rm(file), 1],
];

/** One byte in the middle is another one. */
function flip(content: Buffer): Buffer {
  const changed = Buffer.from(content);
  const middle = content.length >> 1;
  changed[middle] = (changed[middle] ?? 0) ^ 0xff;
  return changed;
}

for (const [what, damage, expected] of cases) {
  test(`a bundle of the pack that ${what} is fetched ${expected ? 'again' : 'once'}`, async (t) => {
    const server = await startLoopback(t, serveFiles({ '/a.tar.gz': bundle }));
    const folder = await makeFolder(t);
    const entry = { download_url: `${server.url}/a.tar.gz`, manifest };
    const { releases } = parseCatalog(JSON.stringify([entry]), 'test.json');
    const run = () =>
      mirrorReleases(releases, {
        web: impatientWeb(),
        folder,
        baseUrl: 'http://pack.example.com',
        platforms: [],
        isPruning: false,
        keys: [],
        now: new Date('2026-01-01T00:00:00Z'),
        onProgress: () => {},
      });
    const first = await run();
    assert.deepEqual([first.downloaded, first.isComplete], [1, true]);
    const { files } = JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8'));
    const file = path.join(folder, files[0].path);
    await damage(file);
    const second = await run();
    assert.deepEqual([second.downloaded, second.isComplete], [expected, true]);
    assert.equal(server.asked.length, 1 + expected);
    assert.ok((await readFile(file)).equals(bundle), 'it is whole again');
  });
}

// What a folder has that is no pack.
const foreign: readonly (readonly [string, (file: string) => Promise<unknown>])[] = [
  ['a catalog', (file) => writeFile(file, '[]\n')],
  ['an empty file', (file) => writeFile(file, '')],
  ['a link', (file) => symlink('/no/such/file', file)],
  ['a folder', (file) => mkdir(file)],
];

for (const [what, put] of foreign) {
  test(`a folder that is no pack and has ${what} for plugins.json is left as it is`, async (t) => {
    const folder = await makeFolder(t);
    const file = path.join(folder, 'plugins.json');
    await put(file);
    const before = await lstat(file);
    const options = {
      ...{ web: impatientWeb(), folder, baseUrl: 'http://pack.example.com', platforms: [] },
      ...{ isPruning: false, keys: [], now: new Date('2026-01-01T00:00:00Z') },
      onProgress: () => {},
    };
    await assert.rejects(mirrorReleases([], options), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /plugins\.json is of no pack.* --to/);
      return true;
    });
    assert.deepEqual(await readdir(folder), ['plugins.json']);
    assert.deepEqual(
      [(await lstat(file)).ino, (await lstat(file)).mtimeMs],
      [before.ino, before.mtimeMs],
    );
  });
}
