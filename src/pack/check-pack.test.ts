import assert from 'node:assert/strict';
import { appendFile, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { HOSTILE_BUNDLES } from '../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest } from '../../test/samples/plugin-bundles.ts';
import { digestOf } from '../lib/digests.ts';
import { BASE_URL, KEY, startMirror } from './fixture-pack.ts';

const edit = async (file: string, change: (content: Buffer) => Buffer | string) =>
  await writeFile(file, change(await readFile(file)));

// A change to a pack, given its folder and its first bundle, the report.
const damages: readonly (readonly [
  string,
  (pack: string, bundle: string) => Promise<unknown>,
  RegExp,
])[] = [
  ['nothing', async () => {}, /^$/],
  ['a bundle is gone', (_, bundle) => rm(bundle), /^error: bundles\/.*: is missing/],
  ['a bundle grew', (_, bundle) => appendFile(bundle, 'x'), /has \d+ bytes instead of \d+/],
  [
    'a bundle changed',
    (_, bundle) =>
      edit(bundle, (content) => Buffer.from(content.map((byte, i) => byte ^ +(i === 50)))),
    /has other contents than when it was written/,
  ],
  [
    'a bundle was renamed',
    (pack, bundle) => rename(bundle, path.join(pack, 'bundles/x')),
    /is missing.*\n.*bundles\/x: is not listed in pack\.json/,
  ],
  [
    'a file came in',
    (pack) => writeFile(path.join(pack, 'bundles/x'), ''),
    /^warning: bundles\/x: is not listed in pack\.json$/,
  ],
  ['the catalog is gone', (pack) => rm(path.join(pack, 'plugins.json')), /plugins\.json: does not/],
  [
    'the catalog was edited',
    (pack) => appendFile(path.join(pack, 'plugins.json'), '\n'),
    /plugins\.json: has \d+ bytes instead/,
  ],
  [
    'the catalog leads elsewhere',
    (pack) =>
      edit(path.join(pack, 'plugins.json'), (text) =>
        String(text).replace(BASE_URL, 'https://other.example.com'),
      ),
    /https:\/\/other\.example\.com\/bundles\/.* is not in the pack/,
  ],
];

for (const [what, damage, expected] of damages) {
  test(`a check of a pack elsewhere, without a network, where ${what}: ${expected.source}`, async (t) => {
    const { folder, mirror, check } = await startMirror(t);
    await mirror();
    await rename(folder, `${folder}.made`);
    await cp(`${folder}.made`, folder, { recursive: true });
    const [first = ''] = (await readdir(path.join(folder, 'bundles'))).sort();
    await damage(folder, path.join(folder, 'bundles', first));
    assert.match(await check(KEY), expected);
    assert.match(await check(), expected);
  });
}

// What replaces a bundle that the catalog does not link to, with its digest in pack.json; the report.
const unled: readonly (readonly [string, Buffer, RegExp])[] = [
  ['no archive', Buffer.from('no archive'), /is damaged, or is not a \.tar\.gz/],
  ['a hostile one', HOSTILE_BUNDLES['a PAX size below zero'] as Buffer, /whose size is "-5"/],
  ['an unsigned one', await makeBundle(makeManifest('abc', '7.0.0')), /is not what was signed/],
];

for (const [what, content, expected] of unled) {
  test(`a check finds ${what} instead of a bundle that no release has`, async (t) => {
    const { folder, mirror, check } = await startMirror(t);
    await mirror();
    await mirror({}, [3]);
    assert.equal(await check(KEY), '');
    const list = JSON.parse(await readFile(path.join(folder, 'pack.json'), 'utf8'));
    const file = list.files.find((one: { path: string }) => one.path.includes('/abc-'));
    file.sha256 = digestOf(content);
    file.sizeBytes = content.length;
    await writeFile(path.join(folder, 'pack.json'), JSON.stringify(list));
    await writeFile(path.join(folder, file.path), content);
    const problems = await check(KEY);
    assert.match(problems, /^error: bundles\/abc-/);
    assert.match(problems, expected);
  });
}

test('only a pack can be checked', async (t) => {
  const { check } = await startMirror(t);
  await assert.rejects(check(), { message: /is not a pack: it has no pack\.json/ });
});
