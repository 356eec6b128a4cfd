import assert from 'node:assert/strict';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { HOSTILE_BUNDLES } from '../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Release } from '../catalog/release.ts';
import { digestOf } from '../lib/digests.ts';
import { UserError } from '../lib/errors.ts';
import { BASE_URL, KEY, NO_WEB, NOW, STRANGER, startMirror } from './fixture-pack.ts';

/** The releases of the catalog in a pack. */
async function readMirrored(folder: string): Promise<readonly Release[]> {
  const text = await readFile(path.join(folder, 'plugins.json'), 'utf8');
  const { releases, problems } = parseCatalog(text, 'plugins.json');
  assert.deepEqual(problems, []);
  return releases;
}

/** The digest of every file of a pack. */
async function hashPack(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name !== 'bundles').sort();
  const hashes = files.map(async (name) => {
    return [name, digestOf(await readFile(path.join(folder, name)))] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}

test('a pack has every bundle, and a catalog that leads to nothing else; the second run asks nothing', async (t) => {
  const { folder, mirror } = await startMirror(t);
  const { downloaded, isComplete, removed } = await mirror();
  assert.deepEqual([downloaded, isComplete, removed], [7, true, []]);
  const releases = await readMirrored(folder);
  const urls = releases.flatMap(({ download_url, platforms }) => [
    download_url,
    ...Object.values(platforms).map((bundle) => bundle.download_url ?? ''),
  ]);
  assert.deepEqual([releases.length, urls.length], [4, 7]);
  const hashes = await hashPack(folder);
  for (const url of urls) {
    assert.match(url, /^https:\/\/plugins\.example\.com\/pack\/bundles\/[\w.-]+\.tar\.gz$/);
    const name = url.slice(BASE_URL.length + 1);
    assert.ok(hashes[name]?.startsWith(/-([0-9a-f]{16})\.tar\.gz$/.exec(url)?.[1] ?? '-'), name);
  }
  const odd = releases.find(({ manifest }) => manifest.id === 'uni_x');
  assert.equal(odd?.['note'], 'kept');
  assert.match(odd?.download_url ?? '', /\/bundles\/uni_x-1\.0\.0_b-/);
  assert.equal((await mirror({ web: NO_WEB })).downloaded, 0);
  assert.deepEqual(await hashPack(folder), hashes);
});

test('only bundles of the platforms that are wanted are mirrored beside the common ones', async (t) => {
  const { folder, mirror } = await startMirror(t);
  assert.equal((await mirror({ platforms: ['darwin-arm64'] })).downloaded, 5);
  const platforms = (await readMirrored(folder)).map((release) => Object.keys(release.platforms));
  assert.deepEqual(platforms, [[], ['darwin-arm64'], [], []]);
});

test('the next run fetches what is new, and removes what is not wanted only where it is to', async (t) => {
  const { folder, mirror, check } = await startMirror(t);
  assert.equal((await mirror({}, [0, 1])).downloaded, 5);
  const next = await mirror({}, [3]);
  assert.deepEqual([next.downloaded, next.removed], [1, []]);
  assert.equal((await readdir(path.join(folder, 'bundles'))).length, 6);
  const pruned = await mirror({ isPruning: true }, [3]);
  assert.deepEqual([pruned.downloaded, pruned.removed.length], [0, 5]);
  assert.equal((await readdir(path.join(folder, 'bundles'))).length, 1);
  assert.equal(await check(), '');
});

test('a bundle that fails keeps the catalog of the pack as it was, and is fetched again', async (t) => {
  const { folder, files, mirror, check } = await startMirror(t);
  await mirror({}, [3]);
  const catalog = await readFile(path.join(folder, 'plugins.json'), 'utf8');
  const good = files['/abc-1.0.0.tar.gz'] as Buffer;
  files['/abc-1.0.0.tar.gz'] = good.subarray(0, 100);
  const failed = await mirror();
  assert.equal(failed.isComplete, false);
  assert.equal(failed.bundles.filter(({ failures }) => failures.length > 0).length, 1);
  assert.equal(await readFile(path.join(folder, 'plugins.json'), 'utf8'), catalog);
  assert.doesNotMatch(await check(), /^(?!warning: bundles.* is not listed)./m);
  files['/abc-1.0.0.tar.gz'] = good;
  const mended = await mirror();
  assert.deepEqual([mended.downloaded, mended.isComplete], [1, true]);
});

test('a wrong key leaves the pack that is served as it is', async (t) => {
  const { folder, mirror } = await startMirror(t);
  await mirror();
  const before = await hashPack(folder);
  assert.equal((await mirror({}, undefined, STRANGER)).isComplete, false);
  assert.deepEqual(await hashPack(folder), before);
});

test('a first run of which nothing is sound leaves nothing', async (t) => {
  const { folder, mirror } = await startMirror(t);
  assert.equal((await mirror({}, undefined, STRANGER)).isComplete, false);
  assert.deepEqual(await readdir(path.dirname(folder)), []);
});

test('what was checked with one key is checked again with another', async (t) => {
  const { folder, files, mirror, listed } = await startMirror(t);
  files['/abc-1.0.0.tar.gz'] = Buffer.from('x');
  await mirror();
  assert.equal((await listed('pack.unfinished.json')).length, 6);
  assert.equal((await mirror({}, undefined, STRANGER)).isComplete, false);
  assert.deepEqual(await readdir(folder), ['bundles']);
});

test('of a first run in which a bundle fails, the sound ones are kept, and the pack does not list the other', async (t) => {
  const { folder, files, mirror, listed, check } = await startMirror(t);
  files['/abc-1.0.0.tar.gz'] = HOSTILE_BUNDLES['a PAX size below zero'] as Buffer;
  assert.equal((await mirror({}, [2, 3])).isComplete, false);
  assert.deepEqual((await readdir(folder)).sort(), ['bundles', 'pack.unfinished.json']);
  const [name = '', ...more] = await listed('pack.unfinished.json');
  assert.match(name, /^bundles\/uni_x-1\.0\.0_b-/);
  assert.deepEqual(more, []);
  assert.deepEqual(await readdir(path.join(folder, 'bundles')), [path.basename(name)]);
  await assert.rejects(check(), { message: /is not a pack: it has no pack\.json/ });
});

test('a bundle that was signed anew under its old URL is fetched again', async (t) => {
  const { entries, files, mirror } = await startMirror(t);
  await mirror();
  const manifest = makeManifest('abc', '1.0.0', { description: 'Built again.' });
  const content = await makeBundle(manifest);
  files['/abc-1.0.0.tar.gz'] = content;
  const signature = (await KEY.sign(content, NOW)).toString('base64');
  entries[2] = { ...entries[2], signature };
  const { downloaded, removed, isComplete } = await mirror({ isPruning: true });
  assert.deepEqual([downloaded, removed.length, isComplete], [1, 1, true]);
});

// A change to a bundle of the pack since it was mirrored, whether it is fetched again.
const damages: readonly (readonly [string, (content: Buffer) => Buffer | null, number])[] = [
  ['is as it was', (content) => content, 0],
  ['has another byte', (content) => Buffer.from(content.map((byte, i) => byte ^ +(i === 50))), 1],
  ['was cut', (content) => content.subarray(0, 100), 1],
  ['has grown', (content) => Buffer.concat([content, Buffer.from('x')]), 1],
  ['is gone', () => null, 1],
];

for (const [what, damage, expected] of damages) {
  test(`a bundle of the pack that ${what} is fetched ${expected ? 'again' : 'once'}`, async (t) => {
    const { folder, mirror } = await startMirror(t);
    await mirror({}, [2]);
    const [name = ''] = await readdir(path.join(folder, 'bundles'));
    const file = path.join(folder, 'bundles', name);
    const content = await readFile(file);
    const damaged = damage(content);
    await (damaged === null ? rm(file) : writeFile(file, damaged));
    const { downloaded, isComplete } = await mirror({}, [2]);
    assert.deepEqual([downloaded, isComplete], [expected, true]);
    assert.ok((await readFile(file)).equals(content), 'it is whole again');
  });
}

// The content of a folder that is not a pack.
const foreign: readonly (readonly [string, (file: string) => Promise<unknown>])[] = [
  ['a catalog', (file) => writeFile(file, '[]\n')],
  ['an empty file', (file) => writeFile(file, '')],
  ['a link', (file) => symlink('/no/such/file', file)],
  ['a folder', (file) => mkdir(file)],
];

for (const [what, put] of foreign) {
  test(`a folder that is not a pack and has ${what} for plugins.json is left as it is`, async (t) => {
    const { folder, mirror } = await startMirror(t);
    await mkdir(folder);
    const file = path.join(folder, 'plugins.json');
    await put(file);
    const { ino, mtimeMs } = await lstat(file);
    await assert.rejects(mirror(), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /plugins\.json belongs to no pack.* --to/);
      return true;
    });
    assert.deepEqual(await readdir(folder), ['plugins.json']);
    const after = await lstat(file);
    assert.deepEqual([after.ino, after.mtimeMs], [ino, mtimeMs]);
  });
}
