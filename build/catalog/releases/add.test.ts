import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { makeBundle, makeManifest, SVG } from '../../../test/samples/plugin-bundles.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { add } from './add.ts';

const manifest = makeManifest('abc', '1.2.0');
const signature = Buffer.from('a detached signature');

/** A plugin store that has release v1.2.0 of the repository `plugin-abc`. */
async function startStore(t: TestContext, more: Readonly<Record<string, string | Buffer>> = {}) {
  const { url, asked } = await startLoopback(
    t,
    serveFiles({
      '/release/plugin-abc-v1.2.0.tar.gz': await makeBundle(manifest),
      '/release/plugin-abc-v1.2.0.tar.gz.sig': signature,
      ...more,
    }),
  );
  return { store: `${url}/release`, asked };
}

const url = 'https://files.example.com/abc.tar.gz';

const readEntries = async (cwd: string) =>
  JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));

test('a release is added with what its bundle says, its signature and its platforms', async (t) => {
  const { store, asked } = await startStore(t, {
    '/release/plugin-abc-v1.2.0-linux-amd64.tar.gz': 'a bundle',
    '/release/plugin-abc-v1.2.0-linux-amd64.tar.gz.sig': signature,
    '/release/plugin-abc-v1.2.0-osx-arm64.tar.gz': 'a bundle',
    '/release/plugin-abc-v1.2.0-osx-arm64.tar.gz.sig': signature,
    // Without a signature, a bundle of its own is none that a server is offered.
    '/release/plugin-abc-v1.2.0-windows-amd64.tar.gz': 'a bundle',
  });
  const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--store', store];
  const { code, stdout, stderr } = await runCatalog(add, args, { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout,
    'abc@1.2.0 is in plugins.json, platforms of its own: linux-amd64, darwin-arm64\n',
  );
  const base64 = signature.toString('base64');
  assert.deepEqual(await readEntries(cwd), [
    {
      homepage_url: 'https://example.com/abc',
      icon_data: `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`,
      download_url: `${store}/plugin-abc-v1.2.0.tar.gz`,
      release_notes_url: 'https://example.com/abc/1.2.0',
      hosting: '',
      author_type: 'mattermost',
      release_stage: 'production',
      enterprise: false,
      signature: base64,
      repo_name: 'plugin-abc',
      manifest,
      platforms: {
        'linux-amd64': {
          download_url: `${store}/plugin-abc-v1.2.0-linux-amd64.tar.gz`,
          signature: base64,
        },
        'darwin-arm64': {
          download_url: `${store}/plugin-abc-v1.2.0-osx-arm64.tar.gz`,
          signature: base64,
        },
      },
      updated_at: NOW.toISOString(),
    },
  ]);
  const heads = asked.filter((line) => line.startsWith('HEAD'));
  assert.equal(heads.length, 8, 'six platforms, macOS by two names');
});

/** What `add` writes of the platforms of v1.2.0, by what the store has beside the bundle for all. */
async function addedPlatforms(t: TestContext, inStore: readonly string[], more: object = {}) {
  const files = inStore.flatMap((platform) => {
    const file = `/release/plugin-abc-v1.2.0-${platform}.tar.gz`;
    return [
      [file, 'a bundle'],
      [`${file}.sig`, signature],
    ];
  });
  const { store } = await startStore(t, {
    ...Object.fromEntries(files),
    '/release/plugin-abc-v1.2.0.tar.gz': await makeBundle({ ...manifest, ...more }),
  });
  const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--store', store];
  const { code, stderr } = await runCatalog(add, args, { cwd });
  assert.equal(code, 0, stderr);
  const [{ platforms }] = await readEntries(cwd);
  return Object.entries<{ download_url: string }>(platforms).map(
    ([platform, bundle]) =>
      `${platform} ${path.basename(bundle.download_url, '.tar.gz').slice(18)}`,
  );
}

const programs = (...platforms: string[]) => ({
  server: {
    executables: Object.fromEntries(platforms.map((name) => [name, `server/dist/${name}`])),
  },
});

// What the store has, what else the manifest says, the platforms of the entry with their names in the store.
const storeNames: readonly (readonly [string[], object, string[]])[] = [
  [['osx-amd64'], {}, ['darwin-amd64 osx-amd64']],
  [['darwin-amd64'], {}, ['darwin-amd64 darwin-amd64']],
  [['darwin-arm64', 'linux-arm64'], {}, ['linux-arm64 linux-arm64', 'darwin-arm64 darwin-arm64']],
  [['osx-amd64', 'darwin-amd64'], {}, ['darwin-amd64 darwin-amd64']],
  [['freebsd-amd64'], {}, []],
  [['freebsd-amd64'], programs('freebsd-amd64'), ['freebsd-amd64 freebsd-amd64']],
  [['openbsd-arm64'], programs('openbsd-arm64', 'Not a platform'), ['openbsd-arm64 openbsd-arm64']],
];

for (const [inStore, more, expected] of storeNames) {
  test(`of ${inStore.join(', ')} in the store, ${expected.join(', ') || 'none'} is taken`, async (t) => {
    assert.deepEqual(await addedPlatforms(t, inStore, more), expected);
  });
}

test('where the newer name has no signature, the older one is taken', async (t) => {
  const { store } = await startStore(t, {
    '/release/plugin-abc-v1.2.0-darwin-amd64.tar.gz': 'a bundle',
    '/release/plugin-abc-v1.2.0-osx-amd64.tar.gz': 'a bundle',
    '/release/plugin-abc-v1.2.0-osx-amd64.tar.gz.sig': signature,
  });
  const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
  await runCatalog(add, ['plugin-abc', 'v1.2.0', '--official', '--store', store], { cwd });
  const [{ platforms }] = await readEntries(cwd);
  assert.match(platforms['darwin-amd64'].download_url, /osx-amd64/);
});

const CASES = path.join(import.meta.dirname, '../../../test/fixtures/cases');

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
    const name = `/r/plugin-abc-${tag.replace(/\+|%2b/i, '%2B')}`;
    const platform = `${name}-linux-amd64.tar.gz`;
    const { url, asked } = await startLoopback(
      t,
      serveFiles({
        [`${name}.tar.gz`]: await makeBundle(makeManifest('abc', version)),
        [`${name}.tar.gz.sig`]: signature,
        [platform]: 'a bundle',
        [`${platform}.sig`]: signature,
      }),
    );
    const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
    const args = ['plugin-abc', tag, '--official', '--store', `${url}/r`];
    const { code, stderr } = await runCatalog(add, args, { cwd });
    assert.equal(code, 0, stderr);
    const [entry] = await readEntries(cwd);
    assert.equal(entry.download_url, `${url}${name}.tar.gz`);
    assert.equal(entry.platforms['linux-amd64'].download_url, `${url}${platform}`);
    assert.equal(entry.manifest.version, version);
    assert.equal(asked.filter((line) => line.includes('+')).length, 0);
  });
}

test('a plus in the path of --download-url is written escaped, one in its query stays', async (t) => {
  const cwd = await makeProject(t, {
    'plugins.json': '[]\n',
    fips: await readFile(path.join(CASES, 'store-plus/fips.tar.gz')),
  });
  const url = 'https://files.example.com/a+b/p-2.9.4+39a72fa-fips.tar.gz?a=b+c';
  const args = ['p', 'v2.9.4+39a72fa-fips', '--official', '--bundle', 'fips'];
  const { code, stderr } = await runCatalog(add, [...args, '--download-url', url], { cwd });
  assert.equal(code, 0, stderr);
  const [entry] = await readEntries(cwd);
  const escaped = 'https://files.example.com/a%2Bb/p-2.9.4%2B39a72fa-fips.tar.gz?a=b+c';
  assert.equal(entry.download_url, escaped);
});

test('a sign-in page in the place of a signature is told, not written', async (t) => {
  const { url } = await startLoopback(t, async (request, response) => {
    if (!request.url?.endsWith('.sig')) {
      response.end(await makeBundle(manifest));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>sign in</html>');
  });
  const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--store', url];
  const { code, stderr } = await runCatalog(add, args, { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /\.tar\.gz\.sig gives a web page and not a signature: .*"<html>sign in/);
  assert.deepEqual(await readEntries(cwd), []);
});

// Flags, what they say in the entry.
const placements: readonly [string[], object][] = [
  [
    ['--partner', '--beta', '--enterprise', '--cloud'],
    { author_type: 'partner', release_stage: 'beta', enterprise: true, hosting: 'cloud' },
  ],
  [
    ['--community', '--experimental', '--on-prem'],
    {
      author_type: 'community',
      release_stage: 'experimental',
      enterprise: false,
      hosting: 'on-prem',
    },
  ],
];

for (const [flags, expected] of placements) {
  test(`${flags.join(' ')} is what the entry says`, async (t) => {
    const { store } = await startStore(t);
    const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
    const args = ['plugin-abc', 'v1.2.0', ...flags, '--store', store];
    const { code, stderr } = await runCatalog(add, args, { cwd });
    assert.equal(code, 0, stderr);
    const [entry] = await readEntries(cwd);
    assert.deepEqual({ ...entry, ...expected }, entry);
  });
}

test('a bundle from disk is added with its signature and the URL given', async (t) => {
  const cwd = await makeProject(t, {
    'plugins.json': '[]\n',
    'abc.tar.gz': await makeBundle(manifest),
    'abc.sig': signature,
  });
  const args = ['plugin-abc', '1.2.0', '--community', '--bundle', 'abc.tar.gz'];
  const more = ['--signature', 'abc.sig', '--download-url', url];
  const { code, stderr } = await runCatalog(add, [...args, ...more], { cwd });
  assert.equal(code, 0, stderr);
  const [entry] = await readEntries(cwd);
  assert.equal(entry.download_url, url);
  assert.equal(entry.signature, signature.toString('base64'));
  assert.deepEqual(entry.platforms, {});
});

test('an address that servers do not download from is told at once', async (t) => {
  // [download URL, warning]
  const cases: [string, RegExp][] = [
    ['http://a.example/abc.tar.gz', /^warning: http:.*AllowInsecureDownloadURL/m],
    ['HTTPS://a.example/abc.tar.gz', /^warning: HTTPS:.*in lower case/m],
    ['https://a.example/abc.tar.gz', /^(?!.*warning: https:)/s],
  ];
  for (const [downloadUrl, expected] of cases) {
    const cwd = await makeProject(t, {
      'plugins.json': '[]\n',
      'abc.tar.gz': await makeBundle(manifest),
      'abc.tar.gz.sig': signature,
    });
    const args = ['plugin-abc', '1.2.0', '--community', '--bundle', 'abc.tar.gz'];
    const ran = await runCatalog(add, [...args, '--download-url', downloadUrl], { cwd });
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, expected);
  }
});

test('a new release adds its own lines to the file and changes no others', async (t) => {
  const { store } = await startStore(t);
  const before = [
    { manifest: { id: 'abc', version: '1.10.0' }, x: { b: 1, a: [] } },
    { manifest: { version: '1.1.0', id: 'abc' }, signature: null },
    { manifest: { id: 'abd', version: '1.0.0', name: 'Ä <b> \u2028' } },
    { manifest: { id: 'abd', version: '1.0.0', name: 'Ä <b> \u2028' } },
  ];
  const cwd = await makeProject(t, { 'plugins.json': before });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--store', store];
  assert.equal((await runCatalog(add, args, { cwd })).code, 0);
  const after = await readEntries(cwd);
  assert.deepEqual(
    after.map(({ manifest: { id, version } }: (typeof before)[0]) => `${id}@${version}`),
    ['abc@1.10.0', 'abc@1.2.0', 'abc@1.1.0', 'abd@1.0.0', 'abd@1.0.0'],
  );
  after.splice(1, 1);
  assert.equal(JSON.stringify(after), JSON.stringify(before), 'nothing else is lost or moved');
  const text = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
  assert.ok(text.includes('"name": "Ä <b> \u2028"'), 'nothing is escaped that JSON lets stand');
});

test('--replace puts the release in the place of the same one, and keeps what it does not know', async (t) => {
  const { store } = await startStore(t);
  const old = { manifest: { id: 'abc', version: '1.2.0' }, hosting: 'cloud', note: 'kept' };
  const other = { manifest: { id: 'abc', version: '1.2.0' }, hosting: 'on-prem' };
  const cwd = await makeProject(t, { 'plugins.json': [old, other] });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--cloud', '--store', store];
  const refused = await runCatalog(add, args, { cwd });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /abc@1\.2\.0 is in the catalog already: use --replace/);
  assert.equal((await runCatalog(add, [...args, '--replace'], { cwd })).code, 0);
  const [first, second, ...others] = await readEntries(cwd);
  assert.deepEqual(others, []);
  assert.equal(first.note, 'kept');
  assert.equal(first.signature, signature.toString('base64'));
  assert.deepEqual(second, other);
});

// What the catalog has of the version, as hosting and edition; the flags; what it has then, or what is told. `+` is the new one.
const hostings: readonly (readonly [string[], string, string[] | RegExp])[] = [
  [['cloud'], '--on-prem', ['cloud', 'on-prem +']],
  [['on-prem'], '--cloud', ['on-prem', 'cloud +']],
  [['cloud'], '--on-prem --replace', ['cloud', 'on-prem +']],
  [['cloud', 'on-prem'], '--on-prem --replace', ['cloud', 'on-prem +']],
  [['cloud', 'on-prem'], '--cloud --replace', ['cloud +', 'on-prem']],
  [['cloud'], '--cloud', /already: use --replace .* the one for cloud/],
  [[''], '--cloud', /already: use --replace .* the one for every hosting/],
  [['cloud'], '', /already: use --replace .* the one for cloud/],
  [['cloud', 'on-prem'], '', /already: use --replace .* the one for cloud and on-prem/],
  [[''], '--cloud --replace', ['cloud +']],
  [['cloud'], '--replace', [' +']],
  [['', 'cloud'], '--cloud --replace', ['', 'cloud +']],
  [['cloud', 'on-prem'], '--replace', /in the catalog 2 times, and it is not clear which/],
  [['cloud E'], '--cloud --replace', ['cloud +']],
  [['cloud E', 'cloud'], '--cloud --replace', ['cloud E', 'cloud +']],
  [['cloud E', 'cloud'], '--cloud --enterprise --replace', ['cloud E +', 'cloud']],
  [['cloud', 'cloud'], '--cloud --replace', /not clear which/],
];

for (const [before, flags, expected] of hostings) {
  test(`${JSON.stringify(before)} and add ${flags}: ${String(expected)}`, async (t) => {
    const bundle = await readFile(path.join(CASES, 'replace-other-hosting/p-1.0.0.tar.gz'));
    const old = before.map((kind) => ({
      manifest: { id: 'com.example.p', version: '1.0.0' },
      hosting: kind.replace(' E', ''),
      enterprise: kind.endsWith(' E'),
      repo_name: 'old',
    }));
    const cwd = await makeProject(t, { 'plugins.json': old, 'p.tar.gz': bundle });
    const args = ['r', 'v1.0.0', '--community', '--bundle', 'p.tar.gz', '--download-url', url];
    const more = flags.split(' ').filter((flag) => flag !== '');
    const moved = ['--take-over', 'com.example.p'];
    const { code, stderr } = await runCatalog(add, [...args, ...moved, ...more], { cwd });
    const entries = await readEntries(cwd);
    if (expected instanceof RegExp) {
      assert.match(stderr, expected);
      assert.equal(code, 1);
      assert.deepEqual(entries, old);
      return;
    }
    assert.equal(code, 0, stderr);
    const kinds = entries.map(
      (entry: (typeof old)[0]) =>
        `${entry.hosting}${entry.enterprise ? ' E' : ''}${entry.repo_name === 'r' ? ' +' : ''}`,
    );
    assert.deepEqual(kinds, expected);
  });
}

// The repository of the entry there, that of the new one and where it lies, more flags, whether it is added.
const takeOvers: readonly (readonly [object, string, string, readonly string[], boolean])[] = [
  [{ repo_name: 'r' }, 'r', 'https://x.example/a.gz', [], true],
  [{ repo_name: 'R' }, 'r', 'https://x.example/a.gz', [], true],
  [{}, 'r', 'https://x.example/a.gz', [], true],
  [{ repo_name: 'other' }, 'r', 'https://x.example/a.gz', [], false],
  [{ homepage_url: 'https://github.com/a/other' }, 'r', 'https://x.example/a.gz', [], false],
  [{ repo_name: 'r' }, 'r', 'https://github.com/evil/r/releases/download/v1.0.0/a.gz', [], true],
  [
    { download_url: 'https://github.com/a/r/releases/download/v0.9.0/a.gz', repo_name: 'r' },
    'r',
    'https://github.com/evil/r/releases/download/v1.0.0/a.gz',
    [],
    false,
  ],
  [{ repo_name: 'other' }, 'r', 'https://x.example/a.gz', ['--take-over', 'other.id'], false],
  [{ repo_name: 'other' }, 'r', 'https://x.example/a.gz', ['--replace'], false],
  [{ repo_name: 'other' }, 'r', 'https://x.example/a.gz', ['--take-over', 'COM.example.p'], true],
];

// The id that the catalog has, the one that another repository publishes: servers install both as one.
const oneId = [
  ['com.example.identity', 'com.example.\u0130dentity'],
  ['\u0130nternal', 'internal'],
  ['com.example.kiosk', 'com.example.\u212aiosk'],
  ['COM.EXAMPLE.I', 'com.example.\u0130'],
] as const;

for (const [there, id] of oneId) {
  test(`${id} of another repository is refused where the catalog has ${there}`, async (t) => {
    const old = [{ repo_name: 'other', manifest: { id: there, version: '0.9.0' } }];
    const cwd = await makeProject(t, {
      'plugins.json': old,
      'a.gz': await makeBundle(makeManifest(id, '1.0.0')),
    });
    const files = ['--bundle', 'a.gz', '--download-url', 'https://x.example/a.gz'];
    const { code, stderr } = await runCatalog(add, ['r', 'v1.0.0', '--community', ...files], {
      cwd,
    });
    assert.equal(code, 1, stderr);
    assert.match(stderr, /which the catalog has from other/);
    assert.doesNotMatch(stderr, /servers install it as "[^"]*[^ -~]/);
    assert.equal((await readEntries(cwd)).length, 1);
  });
}

for (const [there, repo, downloadUrl, flags, isAdded] of takeOvers) {
  const told = `${JSON.stringify(there)}, add ${repo} at ${downloadUrl} ${flags.join(' ')}`;
  test(`${told}: ${isAdded ? 'is added' : 'is of another repository, and is refused'}`, async (t) => {
    const old = [{ ...there, manifest: { id: 'com.Example.p', version: '0.9.0' } }];
    const bundle = await makeBundle(makeManifest('com.example.p', '1.0.0'));
    const cwd = await makeProject(t, { 'plugins.json': old, 'a.gz': bundle });
    const files = ['--bundle', 'a.gz', '--download-url', downloadUrl];
    const args = [repo, 'v1.0.0', '--community', ...files, ...flags];
    const { code, stderr } = await runCatalog(add, args, { cwd });
    assert.equal(code, isAdded ? 0 : 1, stderr);
    assert.equal((await readEntries(cwd)).length, isAdded ? 2 : 1);
    if (isAdded) return;
    assert.match(
      stderr,
      /com\.example\.p@1\.0\.0 is of the plugin com\.example\.p, which the catalog has from \S+ \(com\.Example\.p@0\.9\.0\), and not from \S+ — .* --take-over com\.example\.p/,
    );
  });
}

test('a catalog that someone edits meanwhile is not overwritten', async (t) => {
  const edited = '[\n  {"manifest": {"id": "abd", "version": "1.0.0"}}\n]\n';
  const files = { '/plugin-abc-v1.2.0.tar.gz': await makeBundle(manifest) };
  const cwd = await makeProject(t, { 'plugins.json': '[]\n' });
  const { url } = await startLoopback(t, async (request, response) => {
    if (request.url?.endsWith('.gz.sig')) await writeFile(path.join(cwd, 'plugins.json'), edited);
    serveFiles({ ...files, '/plugin-abc-v1.2.0.tar.gz.sig': signature })(request, response);
  });
  const args = ['plugin-abc', 'v1.2.0', '--official', '--store', url];
  const { code, stderr } = await runCatalog(add, args, { cwd });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /plugins\.json has changed since it was read, so it was left as it is: run the command again/,
  );
  assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), edited);
});

interface Refusal {
  readonly args: readonly string[];
  readonly code: 1 | 2;
  readonly stderr: RegExp;
  /** What the store has besides, or instead. */
  readonly store?: Readonly<Record<string, string | Buffer>>;
  readonly files?: Readonly<Record<string, string | Buffer | object>>;
}

const usual = ['plugin-abc', 'v1.2.0', '--official'];
const name = '/release/plugin-abc-v1.2.0.tar.gz';

const refusals: readonly Refusal[] = [
  { args: [], code: 2, stderr: /name a repository and a tag/ },
  { args: ['plugin-abc', '--official'], code: 2, stderr: /name a repository and a tag/ },
  { args: [...usual, 'x'], code: 2, stderr: /name a repository and a tag/ },
  { args: ['a/b', 'v1.0.0', '--official'], code: 2, stderr: /"a\/b" is no repository/ },
  { args: ['abc', 'latest', '--official'], code: 2, stderr: /"latest" is no tag/ },
  { args: ['abc', 'v1.2', '--official'], code: 2, stderr: /"v1\.2" is no tag/ },
  { args: ['abc', 'v1.2.0'], code: 2, stderr: /say who maintains the plugin/ },
  { args: [...usual, '--partner'], code: 2, stderr: /--official and --partner contradict/ },
  { args: [...usual, '--beta', '--experimental'], code: 2, stderr: /--beta and --experimental/ },
  { args: [...usual, '--cloud', '--on-prem'], code: 2, stderr: /--cloud and --on-prem/ },
  { args: [...usual, '--bundle', 'x.tar.gz'], code: 2, stderr: /--bundle needs --download-url/ },
  {
    args: [...usual, '--bundle', 'x.tar.gz', '--download-url', ''],
    code: 2,
    stderr: /--bundle needs --download-url/,
  },
  { args: [...usual, '--signature', 'x.sig'], code: 2, stderr: /belong to --bundle/ },
  { args: [...usual, '--download-url', url], code: 2, stderr: /belong to --bundle/ },
  {
    args: [...usual, '--bundle', 'x', '--download-url', url, '--store', url],
    code: 2,
    stderr: /--store and --bundle contradict/,
  },
  { args: [...usual, '--store', 'ftp://x'], code: 2, stderr: /--store takes a web address/ },
  { args: [...usual, '--no-such-flag'], code: 2, stderr: /--no-such-flag/ },
  {
    args: [...usual, '--bundle', 'x', '--download-url', url],
    code: 1,
    stderr: /x: does not exist/,
  },
  {
    args: [...usual, '--bundle', 'x', '--download-url', 'no url'],
    files: { x: await makeBundle(manifest) },
    code: 1,
    stderr: /"no url" is not a web address/,
  },
  {
    args: [...usual, '--bundle', 'x', '--signature', 's', '--download-url', url],
    files: { x: await makeBundle(manifest), s: '' },
    code: 1,
    stderr: /is no detached signature: it has 0 bytes/,
  },
  { args: ['plugin-abd', 'v1.2.0', '--official'], code: 1, stderr: /plugin-abd-v1\.2\.0.* 404/ },
  {
    args: ['plugin-abc', 'v1.3.0', '--official'],
    store: { '/release/plugin-abc-v1.3.0.tar.gz': await makeBundle(manifest) },
    code: 1,
    stderr: /holds version 1\.2\.0, and the tag is v1\.3\.0/,
  },
  {
    args: usual,
    store: { [`${name}.sig`]: '' },
    code: 1,
    stderr: /v1\.2\.0\.tar\.gz\.sig does not exist/,
  },
  {
    args: usual,
    store: { [name]: 'no archive' },
    code: 1,
    stderr: /is damaged, or no \.tar\.gz at all/,
  },
  {
    args: usual,
    store: { [name]: await makeBundle({ ...manifest, min_server_version: '9' }) },
    code: 1,
    stderr: /min_server_version: "9" is not a semantic version/,
  },
  { args: usual, files: { 'plugins.json': '[{' }, code: 1, stderr: /plugins\.json:1:\d/ },
  {
    args: [...usual, '--catalog', 'no.json'],
    code: 1,
    stderr: /no\.json: does not exist/,
  },
  {
    args: [...usual, '--catalog', '*.json'],
    files: { 'other.json': '[]' },
    code: 1,
    stderr: /the catalog is other\.json, plugins\.json: say with --catalog/,
  },
];

for (const { args, code, stderr, store: inStore = {}, files = {} } of refusals) {
  test(`add ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { store } = await startStore(t, inStore);
    const cwd = await makeProject(t, { 'plugins.json': '[]\n', ...files });
    const before = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    const environment = { MARKETPLACE_STORE: store };
    const ran = await runCatalog(add, args, { cwd, environment });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code, ran.stderr);
    assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), before);
  });
}
