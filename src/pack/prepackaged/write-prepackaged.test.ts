import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { installAllPrepackaged } from '../../../test/engines/mattermost-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { SERVER_LINES } from '../../mattermost/server-line.ts';
import { KEY, STRANGER, startMirror } from '../fixture-pack.ts';
import { type PrepackageOptions, writePrepackaged } from './write-prepackaged.ts';

/** A pack, and what writes the folder of a server out of it and starts one. */
async function startPrepackaging(t: TestContext) {
  const { folder: pack, mirror } = await startMirror(t);
  await mirror();
  const place = await makeFolder(t);
  const folder = path.join(place, 'prepackaged_plugins');
  const keyFiles = [path.join(place, 'key.asc')];
  await writeFile(keyFiles[0] as string, KEY.publicKey);
  const usual = { serverVersion: '11.6.0', platform: 'linux-amd64', isPruning: false };
  return {
    pack,
    folder,
    place,
    write: (more: Partial<PrepackageOptions> = {}) =>
      writePrepackaged({ pack, folder, ...usual, ...more }),
    start: (version = '11.6.0', platform = 'linux-amd64') =>
      installAllPrepackaged(t, { version, platform, keyFiles }, folder),
  };
}

// A server, what it installs.
const servers: readonly (readonly [string, string, readonly string[], RegExp])[] = [
  ['9.0.0', 'linux-amd64', ['abc@1.1.0'], /^abc-1\.1\.0-linux-amd64-[0-9a-f]{16}\.tar\.gz$/],
  ['9.4.9', 'darwin-arm64', ['abc@1.1.0'], /^abc-1\.1\.0-darwin-arm64-[0-9a-f]{16}\.tar\.gz$/],
  ['9.5.0', 'darwin-arm64', ['abc@2.0.0'], /^abc-2\.0\.0-[0-9a-f]{16}\.tar\.gz$/],
  ['10.10.0', 'linux-amd64', ['abc@2.0.0'], /^abc-2\.0\.0-linux-amd64-[0-9a-f]{16}\.tar\.gz$/],
  ['10.11.0', 'linux-amd64', ['abc@2.0.0'], /^abc-2\.0\.0-linux-amd64-[0-9a-f]{16}\.tar\.gz$/],
  ['11.6.0', 'linux-amd64', ['abc@2.0.0'], /^abc-2\.0\.0-linux-amd64-[0-9a-f]{16}\.tar\.gz$/],
];

for (const [serverVersion, platform, expected, name] of servers) {
  test(`a server ${serverVersion} on ${platform} installs ${expected} out of the folder`, async (t) => {
    const { folder, write, start } = await startPrepackaging(t);
    const { plugins, leftOut, removed } = await write({ serverVersion, platform });
    assert.deepEqual([plugins.length, leftOut, removed], [1, [], []]);
    const [bundle = '', signature, ...others] = (await readdir(folder)).sort();
    assert.match(bundle, name);
    assert.deepEqual([signature, others], [`${bundle}.sig`, []]);
    assert.deepEqual(await start(serverVersion, platform), expected);
  });
}

test('servers of every line read it, and its second writing changes nothing', async (t) => {
  const { folder, write, start } = await startPrepackaging(t);
  await write();
  const names = await readdir(folder);
  // The plugin is for 9.5.0 and newer.
  for (const { first } of SERVER_LINES.filter(({ first }) => /^1\d\./.test(first))) {
    assert.deepEqual(await start(first), ['abc@2.0.0'], first);
  }
  assert.deepEqual((await write()).removed, []);
  assert.deepEqual(await readdir(folder), names);
});

test('what a server could not start is left out, with the reason', async (t) => {
  const { folder, write } = await startPrepackaging(t);
  const { plugins, leftOut } = await write({ platform: 'windows-amd64' });
  assert.deepEqual(plugins, []);
  assert.deepEqual(leftOut, ['abc@2.0.0 declares no program for windows-amd64']);
  assert.deepEqual(await readdir(folder), []);
});

test('another version of a plugin stops it, before anything is written, unless it is to be removed', async (t) => {
  const { folder, write, start } = await startPrepackaging(t);
  await write({ serverVersion: '9.0.0' });
  const before = (await readdir(folder)).sort();
  await mkdir(path.join(folder, 'more'));
  const foreign = await makeBundle(makeManifest('other', '1.0.0'));
  await writeFile(path.join(folder, 'more/other.tar.gz'), foreign);
  await writeFile(path.join(folder, 'broken.tar.gz'), 'no archive');
  await assert.rejects(write(), (error: Error) => {
    assert.match(error.message, /would take one of two by chance\n.*abc-1\.1\.0-linux.* --prune$/);
    assert.doesNotMatch(error.message, /other\.tar|broken/);
    return true;
  });
  assert.deepEqual((await readdir(folder)).sort(), [...before, 'broken.tar.gz', 'more']);
  const { removed } = await write({ isPruning: true });
  assert.deepEqual(removed, [before[0]]);
  const results = await start();
  assert.equal(results.filter((line) => line.startsWith('abc@')).join(), 'abc@2.0.0');
  assert.equal((await readdir(folder)).filter((name) => name.startsWith('abc-1')).length, 0);
});

// A change to the folder since it was written; the next writing mends it.
const damages: readonly (readonly [string, (bundle: string) => Promise<unknown>])[] = [
  ['the bundle is gone', (bundle) => rm(bundle)],
  ['the bundle was cut', (bundle) => writeFile(bundle, 'x')],
  ['the bundle grew', (bundle) => appendFile(bundle, 'x')],
  ['the signature is gone', (bundle) => rm(`${bundle}.sig`)],
  ['the signature is another', (bundle) => writeFile(`${bundle}.sig`, 'x')],
  ['a part is left', (bundle) => writeFile(`${bundle}.next-${2 ** 30}`, 'x')],
];

for (const [what, damage] of damages) {
  test(`where ${what}, the next writing mends it`, async (t) => {
    const { folder, write, start } = await startPrepackaging(t);
    await write();
    const [name = ''] = (await readdir(folder)).sort();
    await damage(path.join(folder, name));
    await write();
    assert.deepEqual(await start(), ['abc@2.0.0']);
    assert.equal((await readdir(folder)).length, 2);
  });
}

test('a bundle of the pack that is not whole does not get into the folder', async (t) => {
  const { pack, folder, write } = await startPrepackaging(t);
  const names = await readdir(path.join(pack, 'bundles'));
  const name = names.find((one) => one.startsWith('abc-2.0.0-linux')) ?? '';
  // As good a plugin, but not the one that was checked.
  const other = await makeBundle(makeManifest('abc', '2.0.0', { min_server_version: '9.5.0' }));
  await writeFile(path.join(pack, 'bundles', name), other);
  await assert.rejects(write(), /is not whole: run npm run catalog -- mirror --check/);
  const left = await readdir(folder);
  assert.deepEqual(
    left.filter((one) => !one.endsWith('.sig')),
    [],
  );
});

// Where the folder lies, given the pack.
const nested: readonly (readonly [string, (pack: string) => string])[] = [
  ['the pack itself', (pack) => pack],
  ['the bundles of the pack', (pack) => path.join(pack, 'bundles')],
  ['a folder in the pack', (pack) => path.join(pack, 'x')],
  ['the folder around the pack', (pack) => path.dirname(pack)],
];

for (const [what, folderOf] of nested) {
  test(`${what} is refused as the folder of a server, and left as it is`, async (t) => {
    const { pack, write } = await startPrepackaging(t);
    const before = (await readdir(path.dirname(pack), { recursive: true })).sort();
    await assert.rejects(write({ folder: folderOf(pack), isPruning: true }), /lie in each other/);
    const after = (await readdir(path.dirname(pack), { recursive: true })).sort();
    assert.deepEqual(after, before);
  });
}

test('a link to the pack is the pack', async (t) => {
  const { pack, place, write } = await startPrepackaging(t);
  const link = path.join(place, 'link');
  await symlink(pack, link);
  await assert.rejects(write({ folder: link }), /lie in each other/);
});

test('a server takes no bundle whose signature is missing, of another key, or of another bundle', async (t) => {
  const { pack, folder, write, start } = await startPrepackaging(t);
  await write();
  const [name = ''] = (await readdir(folder)).sort();
  const signatureFile = path.join(folder, `${name}.sig`);
  const content = await readFile(path.join(folder, name));
  await rm(signatureFile);
  assert.match((await start()).join(), /^refused .*no signature/);
  assert.match((await start('10.5.0')).join(), /^abc: the bundle has no signature/);
  await writeFile(signatureFile, await STRANGER.sign(content, new Date()));
  assert.match((await start()).join(), /^refused .*not one of the given keys/);
  await writeFile(signatureFile, await KEY.sign(Buffer.from('x'), new Date()));
  assert.match((await start()).join(), /^refused .*is not what was signed/);
  await cp(path.join(pack, 'bundles'), path.join(folder, 'bundles'), { recursive: true });
  assert.match((await start()).join(), /refused abc-1\.0\.0/);
});
