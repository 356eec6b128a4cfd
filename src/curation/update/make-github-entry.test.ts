import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../test/make-folder.ts';
import { HOSTILE_BUNDLES } from '../../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import type { Entry } from '../../catalog/schema.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';
import {
  BASE64,
  type FakeRelease,
  listFrom,
  releaseOf,
  SIGNATURE,
  startGithub,
} from './github/fixture-github.ts';
import { makeGithubEntry } from './make-github-entry.ts';
import { withVersion } from './sort-releases.ts';
import { createStoreLookup } from './store-lookup.ts';

const NOW = new Date('2024-05-17T12:00:00Z');
const REPO = 'example/plugin-abc';
const BUNDLE = await makeBundle(makeManifest('abc', '1.0.0'));

interface Given {
  readonly row?: Partial<RepositorySetting>;
  /** The files of the store, by name. */
  readonly store?: Readonly<Record<string, string | Buffer>>;
  readonly storeUrl?: string;
}

/** The entry made of a release of example/plugin-abc. */
async function make(t: TestContext, release: FakeRelease, given: Given = {}) {
  const github = await startGithub(t, { [REPO]: [release] });
  Object.assign(github.store, given.store);
  const web = impatientWeb();
  const store = createStoreLookup(web, given.storeUrl ?? `${github.url}/store`);
  const [listed] = (await listFrom(github, REPO)).flatMap((one) => withVersion(one));
  assert.ok(listed);
  const folder = await makeFolder(t);
  const options = { web, now: NOW, folder, store, isShared: false, takeOver: [] };
  const row = { repo: REPO, author: 'community' as const, ...given.row };
  const made = await makeGithubEntry([], row, listed, options);
  return { made, github, store };
}

/** The entry of a release from which one can be made. */
async function entryOf(t: TestContext, release: FakeRelease, given?: Given) {
  const { made, github, store } = await make(t, release, given);
  if (!('entry' in made)) return assert.fail(JSON.stringify(made));
  return { entry: made.entry, github, store };
}

const release = (assets: Readonly<Record<string, Buffer>>, version = '1.0.0') => ({
  tag_name: `v${version}`,
  assets,
});
/** The file names of the bundles of an entry, by platform. */
const filesOf = ({ platforms }: Entry) =>
  Object.fromEntries(
    Object.entries(platforms ?? {}).map(([name, bundle]) => [
      name,
      bundle?.download_url?.replace(/.*\//, ''),
    ]),
  );

test('an entry combines the bundle, the row of the settings and GitHub', async (t) => {
  const row = { stage: 'beta', hosting: 'on-prem' } as const;
  const { entry, github } = await entryOf(t, await releaseOf('1.3.0'), { row });
  const { icon_data, ...others } = entry;
  assert.match(icon_data ?? '', /^data:image\/svg/);
  assert.deepEqual(others, {
    homepage_url: 'https://example.com/abc',
    download_url: `${github.url}/assets/${REPO}/download/plugin-abc-v1.3.0.tar.gz`,
    release_notes_url: 'https://example.com/abc/1.3.0',
    hosting: 'on-prem',
    author_type: 'community',
    release_stage: 'beta',
    enterprise: false,
    signature: BASE64,
    repo_name: 'plugin-abc',
    manifest: makeManifest('abc', '1.3.0'),
    platforms: {},
    updated_at: NOW.toISOString(),
  });
});

const PAGE = 'https://g.example/o/r/releases/tag/v1.0.0';

/** GitHub's data of a release, the manifest, the entry: date, notes, home page. */
const known: readonly (readonly [Partial<FakeRelease>, object, readonly string[]])[] = [
  [{}, {}, [NOW.toISOString(), '', '']],
  [
    { html_url: PAGE, published_at: '2023-01-02T03:04:05Z' },
    {},
    ['2023-01-02T03:04:05Z', PAGE, 'https://g.example/o/r'],
  ],
  [
    { html_url: PAGE, published_at: '2023-01-02T03:04:05Z' },
    { homepage_url: 'https://p.example', release_notes_url: 'https://p.example/1.0.0' },
    ['2023-01-02T03:04:05Z', 'https://p.example/1.0.0', 'https://p.example'],
  ],
  [
    { html_url: PAGE },
    { homepage_url: 'https://p.example' },
    [NOW.toISOString(), PAGE, 'https://p.example'],
  ],
  [{ published_at: 'yesterday', html_url: 'javascript:alert(1)' }, {}, [NOW.toISOString(), '', '']],
  [{ html_url: 'https://g.example/x' }, {}, [NOW.toISOString(), 'https://g.example/x', '']],
];

for (const [github, manifest, expected] of known) {
  test(`GitHub has ${JSON.stringify(github)}, the manifest ${JSON.stringify(manifest)}`, async (t) => {
    const none = { homepage_url: '', release_notes_url: '' };
    const bundle = await makeBundle({ ...makeManifest('abc', '1.0.0'), ...none, ...manifest });
    const { entry } = await entryOf(t, { ...release({ 'a.tar.gz': bundle }), ...github });
    assert.deepEqual([entry.updated_at, entry.release_notes_url, entry.homepage_url], expected);
  });
}

// Description of a release, the release, why there is no entry.
const failing: readonly (readonly [string, FakeRelease, RegExp])[] = [
  ['with two bundles', release({ 'a.tar.gz': BUNDLE, 'b.tar.gz': BUNDLE }), /^has several bundles/],
  [
    'with a damaged bundle',
    release({ 'a.tar.gz': BUNDLE.subarray(0, 99) }),
    /^cannot be added: .* ends too early/,
  ],
  [
    'of another version',
    release({ 'a.tar.gz': BUNDLE }, '2.1.0'),
    /holds version 1\.0\.0, and the tag is v2\.1\.0/,
  ],
  [
    'that breaks a rule',
    release({
      'a.tar.gz': await makeBundle(makeManifest('abc', '1.0.0', { min_server_version: 'x' })),
    }),
    /^breaks a rule: \.manifest\.min_server_version is not a semantic version/,
  ],
  [
    'that lacks a program',
    release({ 'a.tar.gz': await makeBundle(makeManifest('abc', '1.0.0'), ['linux-amd64']) }),
    /^cannot be added: no server can install http.*a\.tar\.gz and start it\n.*lacks its program "server\/dist\/plugin-darwin-arm64"/,
  ],
  ...Object.entries(HOSTILE_BUNDLES).map(
    ([what, hostile]) =>
      [
        `whose bundle has ${what}`,
        release({ 'a.tar.gz': hostile }),
        /^cannot be added: the bundle http/,
      ] as const,
  ),
];

for (const [what, given, expected] of failing) {
  test(`a release ${what} makes no entry`, async (t) => {
    const { made } = await make(t, given);
    assert.match('failure' in made ? made.failure : JSON.stringify(made), expected);
  });
}

const inStore = (...files: string[]) =>
  Object.fromEntries(
    files.flatMap((file) => [
      [`plugin-abc-v1.0.0${file}.tar.gz`, 'x'],
      [`plugin-abc-v1.0.0${file}.tar.gz.sig`, SIGNATURE],
    ]),
  );

test('signed bundles of platforms come from the release, and those that it lacks from the store', async (t) => {
  const { assets } = await releaseOf('1.0.0');
  const own = {
    'plugin-abc-v1.0.0-linux-amd64.tar.gz': BUNDLE,
    'plugin-abc-v1.0.0-linux-amd64.tar.gz.asc': SIGNATURE,
    // Without a signature it counts as little as one that is not there.
    'plugin-abc-v1.0.0-windows-amd64.tar.gz': BUNDLE,
    'checksums.txt': BUNDLE,
  };
  const platforms = ['linux-amd64', 'osx-amd64', 'darwin-arm64', 'windows-amd64', 'freebsd-amd64'];
  const { entry, github } = await entryOf(t, release({ ...assets, ...own }), {
    store: inStore(...platforms.map((platform) => `-${platform}`)),
  });
  assert.deepEqual(filesOf(entry), {
    'linux-amd64': 'plugin-abc-v1.0.0-linux-amd64.tar.gz',
    'darwin-amd64': 'plugin-abc-v1.0.0-osx-amd64.tar.gz',
    'darwin-arm64': 'plugin-abc-v1.0.0-darwin-arm64.tar.gz',
    'windows-amd64': 'plugin-abc-v1.0.0-windows-amd64.tar.gz',
  });
  assert.match(entry.download_url ?? '', /\/assets\//, 'a signed bundle is taken where it is');
  assert.match(entry.platforms?.['linux-amd64']?.download_url ?? '', /\/assets\//);
  assert.deepEqual(entry.platforms?.['windows-amd64'], {
    download_url: `${github.url}/store/plugin-abc-v1.0.0-windows-amd64.tar.gz`,
    signature: BASE64,
  });
});

// The file that "asset" chooses, whether the bundle for all comes from the store, and whether those of platforms do.
const chosen: readonly (readonly [string | undefined, boolean, boolean])[] = [
  [undefined, true, true],
  ['abc-1.0.0.tar.gz', true, true],
  ['abc-v1.0.0.tar.gz', true, true],
  ['abc-1.0.0-linux-amd64.tar.gz', false, true],
  ['abc-1.0.0+a1-fips.tar.gz', false, false],
  ['abc-fips-1.0.0.tar.gz', false, false],
  ['abc-1.0.0-nightly.tar.gz', false, false],
  ['bundle.tar.gz', false, false],
];

for (const [asset, isExchanged, hasPlatforms] of chosen) {
  test(`${asset ?? 'the only bundle'}, not signed, is ${isExchanged ? '' : 'not '}taken from the store`, async (t) => {
    const files = asset === undefined ? {} : { [asset]: BUNDLE };
    const { entry } = await entryOf(t, release({ ...files, 'docs.tar.gz': BUNDLE }), {
      store: { ...inStore('', '-windows-amd64'), 'plugin-abc-v1.0.0.tar.gz': BUNDLE },
      row: asset === undefined ? {} : { asset },
    });
    assert.equal(entry.download_url?.includes('/store/'), isExchanged);
    assert.equal(entry.signature, isExchanged ? BASE64 : '');
    assert.deepEqual(
      filesOf(entry),
      hasPlatforms ? { 'windows-amd64': 'plugin-abc-v1.0.0-windows-amd64.tar.gz' } : {},
    );
  });
}

// How the store fails, its answer, the reason.
const badStores: readonly (readonly [string, [number, Record<string, string>] | null, RegExp])[] = [
  ['fails', [500, {}], /answers 500/],
  ['is a sign-in page', [200, { 'content-type': 'text/html' }], /a web page and not a signature/],
  ['refuses the connection', null, /refuses the connection/],
];

for (const [what, answer, expected] of badStores) {
  test(`where the store ${what}, the entry goes without it, and the store is asked no more`, async (t) => {
    const server = await startLoopback(t, (_, response) =>
      response.writeHead(...(answer ?? [500, {}])).end('<html>'),
    );
    const storeUrl = answer ? server.url : 'http://127.0.0.1:2';
    const { entry, store } = await entryOf(t, await releaseOf('1.0.0'), { storeUrl });
    assert.deepEqual(entry.platforms, {});
    assert.match(store.failure()?.message ?? '', expected);
    const before = server.asked.length;
    assert.equal(await store.common('plugin-abc', 'v1.0.0'), null);
    assert.equal(server.asked.length, before);
  });
}
