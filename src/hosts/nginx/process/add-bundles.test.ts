import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeFolder } from '../../../../test/make-folder.ts';
import { digestOf } from '../../../lib/digests.ts';
import { UserError } from '../../../lib/errors.ts';
import { writePack } from '../../../pack/format/pack.ts';
import { addBundles, removeOtherBundles } from './add-bundles.ts';

const content = Buffer.from('a bundle');
const NAME = 'a-1.0.0.tar.gz';

/** A pack with one bundle, and a folder that nginx serves from. */
async function prepare(t: TestContext) {
  const folder = await makeFolder(t);
  const [pack, root] = [path.join(folder, 'pack'), path.join(folder, 'root')];
  await mkdir(path.join(pack, 'bundles'), { recursive: true });
  await mkdir(path.join(root, 'bundles'), { recursive: true });
  await writeFile(path.join(pack, 'bundles', NAME), content);
  const sha256 = digestOf(content);
  const file = { path: `bundles/${NAME}`, sha256, sizeBytes: content.length };
  await writePack(pack, { format: 1, baseUrl: 'http://h', files: [file] });
  return { pack, root, source: path.join(pack, file.path), target: path.join(root, file.path) };
}

// What is at the path of a bundle before it is added.
const befores: readonly (readonly [string, (target: string) => Promise<unknown>])[] = [
  ['nothing', async () => {}],
  ['the bundle', (target) => writeFile(target, content)],
  ['a part of it, as a copy that died leaves', (target) => writeFile(target, 'a bun')],
  ['an empty file', (target) => writeFile(target, '')],
  ['a longer file', (target) => writeFile(target, 'another bundle')],
  ['a link to a file of its size', (target) => linkToOther(target)],
];

async function linkToOther(target: string) {
  await writeFile(`${target}.other`, 'no bundl');
  await symlink(`${target}.other`, target);
}

for (const [what, before] of befores) {
  test(`a bundle is served whole although ${what} was at its path`, async (t) => {
    const { pack, root, target } = await prepare(t);
    await before(target);
    assert.deepEqual(await addBundles(pack, root), [NAME]);
    assert.deepEqual(await readFile(target), content);
    await removeOtherBundles(root, [NAME]);
    assert.deepEqual(await readdir(path.join(root, 'bundles')), [NAME]);
  });
}

// A change to the bundle in the pack.
const damages: readonly (readonly [string, (source: string) => Promise<unknown>])[] = [
  ['is missing', (source) => rm(source)],
  ['was cut', (source) => writeFile(source, 'a bun')],
  ['has grown', (source) => writeFile(source, 'another bundle')],
];

for (const [what, damage] of damages) {
  test(`a bundle that ${what} is reported, and not served`, async (t) => {
    const { pack, root, source } = await prepare(t);
    await damage(source);
    await assert.rejects(addBundles(pack, root), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, /a-1\.0\.0\.tar\.gz is missing or not whole: see .* --check /);
      return true;
    });
    assert.deepEqual(await readdir(path.join(root, 'bundles')), []);
  });
}
