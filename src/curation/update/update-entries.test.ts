import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { impatientWeb } from '../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { nameRelease } from '../../catalog/located-release.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import {
  type FakeRelease,
  listFrom,
  releaseOf,
  SIGNATURE,
  startGithub,
} from './github/fixture-github.ts';
import { replaceEntries } from './replace-entries.ts';
import { createStoreLookup } from './store-lookup.ts';
import { findNewEntries } from './update-entries.ts';

const REPO = 'example/plugin-abc';
const ROW = { repo: REPO, author: 'community' } as const;
const BUNDLE = await makeBundle(makeManifest('abc', '1.0.0'));
const V1 = await releaseOf('1.0.0');
const release = (assets: Readonly<Record<string, Buffer>>, tag_name = 'v1.0.0') => ({
  tag_name,
  assets,
});

/** GitHub with releases of example/plugin-abc, and both ways to take them, row by row as `update` does. */
async function setUp(t: TestContext, releases: readonly FakeRelease[]) {
  const github = await startGithub(t, { [REPO]: releases });
  const web = impatientWeb();
  const store = createStoreLookup(web, '');
  const folder = await makeFolder(t);
  const options = { web, now: new Date('2024-05-17T12:00:00Z'), folder, store, takeOver: [] };
  const find = async (
    entries: readonly Entry[],
    row: Partial<RepositorySetting>,
    isShared = false,
  ) => {
    const listed = await listFrom(github, REPO);
    const more = { ...options, withPrereleases: false, isShared };
    return await findNewEntries(entries, { ...ROW, ...row }, listed, more);
  };
  const findAll = async (
    entries: readonly Entry[],
    rows: readonly Partial<RepositorySetting>[],
  ) => {
    let known = entries;
    for (const row of rows) known = [...known, ...(await find(known, row, true)).added];
    return known;
  };
  const replace = async (
    entries: readonly Entry[],
    name: string,
    rows: readonly RepositorySetting[] = [ROW],
  ) =>
    await replaceEntries(entries, [name], {
      ...options,
      repositories: rows,
      list: ({ repo }) => listFrom(github, repo),
    });
  const bundlesAsked = () => github.asked.filter((line) => line.includes('/assets/')).length;
  return { github, find, findAll, replace, bundlesAsked };
}

test('what a catalog has of the repository, or from other hands, is not added again', async (t) => {
  const known = { repo_name: 'plugin-abc', manifest: { id: 'abc', version: '1.0.0' } };
  const byHand = { manifest: { id: 'abc', version: '1.1.0' } };
  const fips = await releaseOf('1.0.0+a1-fips');
  const { github, find } = await setUp(t, [await releaseOf('1.1.0'), fips, V1]);
  assert.deepEqual((await find([known, byHand], {})).added, []);
  assert.ok(!github.asked.some((line) => line.includes('v1.0.0')), 'no bundle of it is fetched');
});

test('a release without a bundle is a warning until the settings ignore it, and the others are added', async (t) => {
  const { find } = await setUp(t, [release({ 'a.zip': BUNDLE }, 'v2.0.0'), V1]);
  const { added, failures, warnings } = await find([], {});
  assert.deepEqual([added.map(nameRelease), failures], [['abc@1.0.0'], []]);
  assert.match(
    warnings.join(),
    /^example\/plugin-abc v2\.0\.0 has no bundle.*"ignore": \["v2\.0\.0"\]/,
  );
  assert.deepEqual((await find([], { ignore: ['v2.0.0'] })).warnings, []);
});

test('a release of which no entry can be made is a failure, and the others are added', async (t) => {
  const { find } = await setUp(t, [release({ 'a.tar.gz': BUNDLE }, 'v2.0.0'), V1]);
  const { added, failures } = await find([], {});
  assert.deepEqual(added.map(nameRelease), ['abc@1.0.0']);
  assert.match(failures.join(), /^example\/plugin-abc v2\.0\.0 cannot be added: .*version 1\.0\.0/);
});

test('two plugins of one repository are two rows, each with its tags', async (t) => {
  const bundles = ['one', 'two'].map(async (name) => {
    const bundle = await makeBundle(makeManifest(name, '1.0.0'));
    return release({ [`${name}-1.0.0.tar.gz`]: bundle }, `${name}-v1.0.0`);
  });
  const { findAll, bundlesAsked } = await setUp(t, await Promise.all(bundles));
  const rows = ['one', 'two'].map((name) => ({ tag: `${name}-v{version}` }));
  const entries = await findAll([], rows);
  assert.deepEqual(entries.map(nameRelease), ['one@1.0.0', 'two@1.0.0']);
  const before = bundlesAsked();
  assert.equal((await findAll(entries, rows)).length, 2);
  assert.equal(bundlesAsked(), before, 'nothing is fetched again');
});

test('bundles for the cloud and for on-prem are two rows, each with its file, also when built anew', async (t) => {
  const assets = { 'abc-cloud-1.0.0.tar.gz': BUNDLE, 'abc-1.0.0.tar.gz': BUNDLE };
  const { findAll, replace } = await setUp(t, [release(assets)]);
  const rows = [
    { ...ROW, hosting: 'cloud', asset: 'abc-cloud-{version}.tar.gz' },
    { ...ROW, hosting: 'on-prem', asset: 'abc-{version}.tar.gz' },
  ] as const;
  const entries = await findAll([], rows);
  assert.deepEqual(
    entries.map(({ hosting }) => hosting),
    ['cloud', 'on-prem'],
  );
  assert.equal((await findAll(entries, rows)).length, 2);
  const replaced = await replace(entries, 'abc@1.0.0', rows);
  assert.deepEqual(replaced.entries, entries);
  assert.deepEqual(replaced.replaced, Array(2).fill({ name: 'abc@1.0.0', changes: [] }));
});

test('what is odd about a bundle is reported when it is added or rebuilt, and only then', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0', { icon_path: 'assets/other.svg' }));
  const { find, replace } = await setUp(t, [
    release({ 'a.tar.gz': bundle, 'a.tar.gz.sig': SIGNATURE }),
  ]);
  const { added, warnings } = await find([], {});
  assert.match(warnings.join(), /^http.*\/a\.tar\.gz lacks its icon, "assets\/other\.svg"/);
  assert.deepEqual((await find(added, {})).warnings, []);
  assert.deepEqual((await replace(added, 'abc@1.0.0')).warnings, warnings);
});

const entry = (more: object = {}): Entry => ({
  repo_name: 'plugin-abc',
  manifest: { id: 'abc', version: '1.0.0' },
  ...more,
});
const oneProgram = await makeBundle(makeManifest('abc', '1.0.0'), ['linux-amd64']);
const other = await makeBundle(makeManifest('xyz', '1.0.0'));
const foreign = {
  download_url: 'https://github.com/o/plugin-abc/releases/download/v1.0.0/a.tar.gz',
};

// The release to rebuild, the entry, GitHub's release, the reason why it fails.
const unreplaceable: readonly (readonly [string, Entry, FakeRelease, RegExp])[] = [
  ['abc@2.0.0', entry(), V1, /abc@2\.0\.0 is not in the catalog: update without --replace/],
  ['abc', entry(), V1, /abc is not in the catalog/],
  ['abc@1.0.0', entry({ repo_name: 'b' }), V1, /the repo_name "b", and the settings name no such/],
  ['abc@1.0.0', entry({ repo_name: '' }), V1, /has the repo_name ""/],
  ['abc@1.0.0', entry(foreign), V1, /which the catalog has from o\/plugin-abc/],
  [
    'abc@1.0.0',
    entry(),
    { ...V1, tag_name: 'v3.0.0' },
    /has no release in example\/plugin-abc any/,
  ],
  ['abc@1.0.0', entry(), release({}), /example\/plugin-abc v1\.0\.0 has no files/],
  ['abc@1.0.0', entry(), release({ 'a.tar.gz': BUNDLE, 'b.tar.gz': BUNDLE }), /several bundles/],
  [
    'abc@1.0.0',
    entry(),
    release({ 'a.tar.gz': await makeBundle(makeManifest('abc', '2.0.0')) }),
    /holds version 2\.0\.0, and the tag is v1\.0\.0/,
  ],
  ['abc@1.0.0', entry(), release({ 'a.tar.gz': oneProgram }), /lacks its program/],
  [
    'abc@1.0.0',
    entry(),
    release({ 'a.tar.gz': other }),
    /is xyz@1\.0\.0 in the bundle of example\/plugin-abc v1\.0\.0/,
  ],
];

for (const [name, old, given, expected] of unreplaceable) {
  test(`${name} stays as it is: ${expected.source}`, async (t) => {
    const { replace } = await setUp(t, [given]);
    const { entries, replaced, failures } = await replace([old], name);
    assert.deepEqual([entries, replaced], [[old], []]);
    assert.match(failures.join(), expected);
  });
}
