import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { nameRelease } from '../../../src/catalog/located-release.ts';
import type { Entry } from '../../../src/catalog/schema.ts';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest, SVG } from '../../../test/samples/plugin-bundles.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { add } from './add.ts';

const manifest = makeManifest('abc', '1.2.0');
const bundle = await makeBundle(manifest);
const signature = Buffer.from('a detached signature');
const base64 = signature.toString('base64');
const url = 'https://files.example.com/abc.tar.gz';
const NAME = '/release/plugin-abc-v1.2.0';
const usual = ['plugin-abc', 'v1.2.0', '--official'];
const fromDisk = [...usual, '--bundle', 'abc.tar.gz', '--download-url', url];

type Files = Readonly<Record<string, string | Buffer | object>>;

/** A project with a catalog and a bundle on disk, a plugin store that has v1.2.0 of plugin-abc, and `add` in the project. */
async function setUp(
  t: TestContext,
  files: Files = {},
  more: Readonly<Record<string, string | Buffer>> = {},
) {
  const inStore = { [`${NAME}.tar.gz`]: bundle, [`${NAME}.tar.gz.sig`]: signature, ...more };
  const server = await startLoopback(t, serveFiles(inStore));
  const store = `${server.url}/release`;
  const disk = { 'abc.tar.gz': bundle, 'abc.tar.gz.sig': signature };
  const cwd = await makeProject(t, { 'plugins.json': '[]\n', ...disk, ...files });
  const read = () => readFile(path.join(cwd, 'plugins.json'), 'utf8');
  const run = (...args: string[]) =>
    runCatalog(add, args, { cwd, environment: { MARKETPLACE_STORE: store } });
  return {
    ...{ store, asked: server.asked, cwd, read, run },
    readEntries: async (): Promise<Entry[]> => JSON.parse(await read()),
    runWell: async (...args: string[]) => {
      const ran = await run(...args);
      assert.equal(ran.code, 0, ran.stderr);
      return ran;
    },
  };
}

test('a release is added with the data of its bundle, its signature and its platforms', async (t) => {
  const { store, runWell, readEntries } = await setUp(
    t,
    {},
    {
      [`${NAME}-linux-amd64.tar.gz`]: 'a bundle',
      [`${NAME}-linux-amd64.tar.gz.sig`]: signature,
      [`${NAME}-osx-arm64.tar.gz`]: 'a bundle',
      [`${NAME}-osx-arm64.tar.gz.sig`]: signature,
      // A platform bundle without a signature is not offered to servers.
      [`${NAME}-windows-amd64.tar.gz`]: 'a bundle',
    },
  );
  const { stdout } = await runWell(...usual);
  const names = 'linux-amd64, darwin-arm64';
  assert.equal(stdout, `abc@1.2.0 is in plugins.json, platforms of its own: ${names}\n`);
  const at = (end: string) => ({
    download_url: `${store}/plugin-abc-v1.2.0${end}.tar.gz`,
    signature: base64,
  });
  assert.deepEqual(await readEntries(), [
    {
      ...at(''),
      homepage_url: 'https://example.com/abc',
      icon_data: `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`,
      release_notes_url: 'https://example.com/abc/1.2.0',
      hosting: '',
      author_type: 'mattermost',
      release_stage: 'production',
      enterprise: false,
      repo_name: 'plugin-abc',
      manifest,
      platforms: { 'linux-amd64': at('-linux-amd64'), 'darwin-arm64': at('-osx-arm64') },
      updated_at: NOW.toISOString(),
    },
  ]);
});

// Flags, the fields in the entry.
const placements: readonly [string, object][] = [
  [
    '--partner --beta --enterprise --cloud',
    { author_type: 'partner', release_stage: 'beta', enterprise: true, hosting: 'cloud' },
  ],
  [
    '--community --experimental --on-prem',
    { author_type: 'community', release_stage: 'experimental', hosting: 'on-prem' },
  ],
];

for (const [flags, expected] of placements) {
  test(`${flags} is in the entry`, async (t) => {
    const { runWell, readEntries } = await setUp(t);
    await runWell('plugin-abc', 'v1.2.0', ...flags.split(' '));
    const [entry] = await readEntries();
    assert.deepEqual({ ...entry, ...expected }, entry);
  });
}

// The tag as given, the version in the manifest.
const plusTags: readonly (readonly [string, string])[] = [
  ['v2.9.4+39a72fa-fips', '2.9.4+39a72fa-fips'],
  ['v2.9.4%2B39a72fa-fips', '2.9.4+39a72fa-fips'],
  ['v2.9.4%2b39a72fa-fips', '2.9.4+39a72fa-fips'],
  ['2.9.4+39a72fa-fips', '2.9.4+39a72fa-fips'],
  ['v2.9.4+39a72fa-fips', '2.9.4'],
];

for (const [tag, version] of plusTags) {
  test(`the plus of tag ${tag} is escaped in what is asked and written, for version ${version}`, async (t) => {
    const name = `plugin-abc-${tag.replace(/\+|%2b/i, '%2B')}.tar.gz`;
    const { store, asked, runWell, readEntries } = await setUp(
      t,
      {},
      {
        [`/release/${name}`]: await makeBundle(makeManifest('abc', version)),
        [`/release/${name}.sig`]: signature,
      },
    );
    await runWell('plugin-abc', tag, '--official');
    const [entry] = await readEntries();
    assert.deepEqual([entry?.download_url, entry?.manifest.version], [`${store}/${name}`, version]);
    assert.equal(asked.filter((line) => line.includes('+')).length, 0);
  });
}

test('a bundle from disk is added with its signature and the URL given', async (t) => {
  const { runWell, readEntries } = await setUp(t, { 'abc.sig': 'another' });
  await runWell(...fromDisk, '--signature', 'abc.sig');
  const [entry] = await readEntries();
  const another = Buffer.from('another').toString('base64');
  assert.deepEqual([entry?.download_url, entry?.signature, entry?.platforms], [url, another, {}]);
});

// The address where servers find a bundle, what is written of it, the warning.
const addresses: readonly (readonly [string, string, RegExp])[] = [
  ['http://a.example/a', 'http://a.example/a', /^warning: http:.*AllowInsecureDownloadURL/m],
  ['HTTPS://a.example/a', 'HTTPS://a.example/a', /^warning: HTTPS:.*in lower case/m],
  ['https://a.example/a', 'https://a.example/a', /^(?!.*warning: https:)/s],
  ['https://a.example/a+b?a=b+c', 'https://a.example/a%2Bb?a=b+c', /^(?!.*warning: https:)/s],
];

for (const [given, written, stderr] of addresses) {
  test(`--download-url ${given}: ${stderr.source}`, async (t) => {
    const { runWell, readEntries } = await setUp(t);
    assert.match((await runWell(...fromDisk.slice(0, -1), given)).stderr, stderr);
    assert.equal((await readEntries())[0]?.download_url, written);
  });
}

test('a new release adds its own lines to the file and changes no other lines', async (t) => {
  const before = [
    { manifest: { id: 'abc', version: '1.10.0' }, x: { b: 1, a: [] } },
    { manifest: { version: '1.1.0', id: 'abc' }, signature: null },
    { manifest: { id: 'abd', version: '1.0.0', name: 'Ä <b> \u2028' } },
    { manifest: { id: 'abd', version: '1.0.0', name: 'Ä <b> \u2028' } },
  ];
  const { runWell, read, readEntries } = await setUp(t, { 'plugins.json': before });
  await runWell(...usual);
  const after = await readEntries();
  const names = ['abc@1.10.0', 'abc@1.2.0', 'abc@1.1.0', 'abd@1.0.0', 'abd@1.0.0'];
  assert.deepEqual(after.map(nameRelease), names);
  after.splice(1, 1);
  assert.equal(JSON.stringify(after), JSON.stringify(before), 'nothing else is lost or moved');
  assert.ok((await read()).includes('"name": "Ä <b> \u2028"'), 'nothing is escaped needlessly');
});

test('--replace overwrites the same release, and keeps unknown fields', async (t) => {
  const old = { manifest: { id: 'abc', version: '1.2.0' }, hosting: 'cloud', note: 'kept' };
  const other = { manifest: { id: 'abc', version: '1.2.0' }, hosting: 'on-prem' };
  const { run, runWell, readEntries } = await setUp(t, { 'plugins.json': [old, other] });
  const refused = await run(...usual, '--cloud');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /abc@1\.2\.0 is in the catalog already: use --replace/);
  await runWell(...usual, '--cloud', '--replace');
  const [first, ...others] = await readEntries();
  assert.deepEqual([first?.['note'], first?.signature, others], ['kept', base64, [other]]);
});

const there = (more: object) => [{ manifest: { id: 'abc', version: '0.9.0' }, ...more }];
const ofGithub = (owner: string) => `https://github.com/${owner}/r/releases/download/v1/a.gz`;

// The catalog's entry of the plugin, more flags, whether a release of plugin-abc is added.
const takeOvers: readonly (readonly [object, string[], boolean])[] = [
  [{ repo_name: 'plugin-abc' }, [], true],
  [{ repo_name: 'other' }, [], false],
  [{ repo_name: 'other' }, ['--replace'], false],
  [{ repo_name: 'other' }, ['--take-over', 'other.id'], false],
  [{ repo_name: 'other' }, ['--take-over', 'ABC'], true],
  [{ download_url: ofGithub('a') }, ['--download-url', ofGithub('a')], true],
  [{ download_url: ofGithub('a') }, ['--download-url', ofGithub('evil')], false],
];

for (const [old, flags, isAdded] of takeOvers) {
  test(`where the catalog has ${JSON.stringify(old)}, add ${flags.join(' ')} ${isAdded ? 'adds' : 'refuses'} it`, async (t) => {
    const { run, readEntries } = await setUp(t, { 'plugins.json': there(old) });
    const { code, stderr } = await run(...fromDisk, ...flags);
    assert.equal(code, isAdded ? 0 : 1, stderr);
    assert.equal((await readEntries()).length, isAdded ? 2 : 1);
    const expected =
      /abc@1\.2\.0 belongs to the plugin abc, which the catalog has from \S+ \(abc@0\.9\.0\), not from \S+ — .* --take-over abc/;
    if (!isAdded) assert.match(stderr, expected);
  });
}

test('a catalog that someone edits meanwhile is not overwritten', async (t) => {
  const edited = '[\n  {"manifest": {"id": "abd", "version": "1.0.0"}}\n]\n';
  const { cwd, run, read } = await setUp(t);
  const files = { '/plugin-abc-v1.2.0.tar.gz': bundle, '/plugin-abc-v1.2.0.tar.gz.sig': signature };
  const server = await startLoopback(t, async (request, response) => {
    if (request.url?.endsWith('.gz.sig')) await writeFile(path.join(cwd, 'plugins.json'), edited);
    serveFiles(files)(request, response);
  });
  const { code, stderr } = await run(...usual, '--store', server.url);
  assert.equal(code, 1);
  assert.match(stderr, /plugins\.json has changed since it was read, so it was left as it is: run/);
  assert.equal(await read(), edited);
});

const oldServer = await makeBundle({ ...manifest, min_server_version: '9' });
const incomplete = await makeBundle(manifest, ['linux-amd64']);

// Flags, exit code, what is reported; files of the project; of the store.
const refusals: readonly (readonly [
  string[],
  1 | 2,
  RegExp,
  Files?,
  Record<string, string | Buffer>?,
])[] = [
  [[], 2, /name a repository and a tag/],
  [['plugin-abc', '--official'], 2, /name a repository and a tag/],
  [[...usual, 'x'], 2, /name a repository and a tag/],
  [['a/b', 'v1.0.0', '--official'], 2, /"a\/b" is not a repository/],
  [['abc', 'latest', '--official'], 2, /"latest" is not a tag/],
  [['abc', 'v1.2', '--official'], 2, /"v1\.2" is not a tag/],
  [['abc', 'v1.2.0'], 2, /state who maintains the plugin/],
  [[...usual, '--partner'], 2, /--official and --partner contradict/],
  [[...usual, '--beta', '--experimental'], 2, /--beta and --experimental/],
  [[...usual, '--cloud', '--on-prem'], 2, /--cloud and --on-prem/],
  [[...usual, '--bundle', 'x.tar.gz'], 2, /--bundle needs --download-url/],
  [[...usual, '--bundle', 'x', '--download-url', ''], 2, /--bundle needs --download-url/],
  [[...usual, '--signature', 'x.sig'], 2, /belong to --bundle/],
  [[...usual, '--download-url', url], 2, /belong to --bundle/],
  [[...fromDisk, '--store', url], 2, /--bundle and --store contradict/],
  [[...usual, '--store', 'ftp://x'], 2, /--store takes a web address/],
  [[...usual, '--no-such-flag'], 2, /--no-such-flag/],
  [[...usual, '--bundle', 'x', '--download-url', url], 1, /x: does not exist/],
  [[...fromDisk.slice(0, -1), 'no url'], 1, /"no url" is not a web address/],
  [[...fromDisk, '--signature', 's'], 1, /is not a detached signature: it has 0 bytes/, { s: '' }],
  [[...fromDisk, '--signature', 'no'], 1, /no: does not exist/],
  [['plugin-abd', 'v1.2.0', '--official'], 1, /plugin-abd-v1\.2\.0.* 404/],
  [
    ['plugin-abc', 'v1.3.0', '--official'],
    1,
    /holds version 1\.2\.0, and the tag is v1\.3\.0/,
    {},
    { '/release/plugin-abc-v1.3.0.tar.gz': bundle },
  ],
  [usual, 1, /v1\.2\.0\.tar\.gz\.sig does not exist/, {}, { [`${NAME}.tar.gz.sig`]: '' }],
  [usual, 1, /is damaged, or is not a \.tar\.gz/, {}, { [`${NAME}.tar.gz`]: 'no archive' }],
  [usual, 1, /"9" is not a semantic version/, {}, { [`${NAME}.tar.gz`]: oldServer }],
  [
    usual,
    1,
    /no server can install http.*lacks its program/s,
    {},
    { [`${NAME}.tar.gz`]: incomplete },
  ],
  [usual, 1, /plugins\.json:1:\d/, { 'plugins.json': '[{' }],
  [[...usual, '--catalog', 'no.json'], 1, /no\.json: does not exist/],
  [
    [...usual, '--catalog', '*.json'],
    1,
    /the catalog is other\.json, plugins\.json: name the file to change with --catalog/,
    { 'other.json': '[]' },
  ],
];

for (const [args, code, stderr, files, inStore] of refusals) {
  test(`add ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { run, read } = await setUp(t, files, inStore);
    const before = await read();
    const ran = await run(...args);
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code, ran.stderr);
    assert.equal(await read(), before);
  });
}
