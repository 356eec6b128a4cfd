import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseCatalog } from '../../../src/catalog/parse-catalog.ts';
import { digestOf } from '../../../src/lib/digests.ts';
import type { Web } from '../../../src/lib/http/web.ts';
import { impatientWeb, serveFiles, startLoopback } from '../../../test/engines/loopback-server.ts';
import { HOSTILE_BUNDLES } from '../../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeSigningKey } from '../../../test/samples/signing-keys.ts';
import { hashFolder } from '../../cli/fixture-command.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { mirror } from './mirror.ts';

const key = await makeSigningKey({ createdAt: new Date(NOW.getTime() - 1e9) });
const base = 'https://plugins.example.com/pack';
const usual = ['--to', 'pack', '--base-url', `${base}/`, '--key', 'key.asc'];

/** No network at all: a pack is checked where there is none. */
const noWeb: Web = impatientWeb({
  fetch: async () => {
    throw new Error('asked the network');
  },
});

interface Row {
  readonly id: string;
  readonly version: string;
  readonly minServerVersion?: string;
  readonly platforms?: readonly string[];
  readonly entry?: object;
}

const rows: readonly Row[] = [
  { id: 'abc', version: '2.0.0', minServerVersion: '9.5.0', platforms: ['linux-amd64'] },
  { id: 'abc', version: '1.1.0', platforms: ['linux-amd64', 'darwin-arm64'] },
  { id: 'abc', version: '1.0.0' },
  { id: 'uni_x', version: '1.0.0+b', entry: { hosting: 'cloud', note: 'kept' } },
];

/** A project with a catalog of the rows, whose bundles a server has. */
async function makeSite(t: TestContext, given = rows) {
  const files: Record<string, Buffer> = {};
  const server = await startLoopback(t, serveFiles(files));
  const offer = async (row: Row, only: readonly string[] | undefined, suffix: string) => {
    const min_server_version = row.minServerVersion ?? '9.0.0';
    const manifest = makeManifest(row.id, row.version, { min_server_version });
    const content = await makeBundle(manifest, only);
    const name = `/${encodeURIComponent(row.id)}-${row.version}${suffix}.tar.gz`;
    files[name] = content;
    const signature = (await key.sign(content, NOW)).toString('base64');
    return { manifest, bundle: { download_url: `${server.url}${name}`, signature } };
  };
  const entries: object[] = [];
  for (const row of given) {
    const { manifest, bundle } = await offer(row, undefined, '');
    const platforms: Record<string, object> = {};
    for (const platform of row.platforms ?? []) {
      platforms[platform] = (await offer(row, [platform], `-${platform}`)).bundle;
    }
    entries.push({ ...bundle, manifest, platforms, ...row.entry });
  }
  const cwd = await makeProject(t, { 'plugins.json': entries, 'key.asc': key.publicKey });
  return { cwd, server, files };
}

async function readMirrored(cwd: string) {
  const text = await readFile(path.join(cwd, 'pack/plugins.json'), 'utf8');
  const { releases, problems } = parseCatalog(text, 'pack/plugins.json');
  assert.deepEqual(problems, []);
  return releases;
}

test('a pack has every bundle, and a catalog that leads to nothing else', async (t) => {
  const { cwd, server } = await makeSite(t);
  const { code, stderr, stdout } = await runCatalog(mirror, usual, { cwd });
  assert.equal(code, 0, stderr + stdout);
  assert.equal(stderr, '7 bundles in pack: 7 downloaded, 0 removed\n');
  const releases = await readMirrored(cwd);
  assert.equal(releases.length, 4);
  const urls = releases.flatMap(({ download_url, platforms }) => [
    download_url,
    ...Object.values(platforms).map((bundle) => bundle.download_url ?? ''),
  ]);
  const hashes = await hashFolder(path.join(cwd, 'pack'));
  assert.equal(urls.length, 7);
  for (const url of urls) {
    assert.match(url, /^https:\/\/plugins\.example\.com\/pack\/bundles\/[\w.-]+\.tar\.gz$/);
    const name = url.slice(base.length + 1);
    assert.ok(hashes[name]?.startsWith(/-([0-9a-f]{16})\.tar\.gz$/.exec(url)?.[1] ?? '-'), name);
  }
  const odd = releases.find(({ manifest }) => manifest.id === 'uni_x');
  assert.equal(odd?.['note'], 'kept');
  assert.match(odd?.download_url ?? '', /\/bundles\/uni_x-1\.0\.0_b-/);

  const asked = server.asked.length;
  const again = await runCatalog(mirror, usual, { cwd });
  assert.equal(again.stderr, '7 bundles in pack: 0 downloaded, 0 removed\n');
  assert.equal(server.asked.length, asked, 'the second time nothing is asked');
  assert.deepEqual(await hashFolder(path.join(cwd, 'pack')), hashes);
});

// Flags, the releases that are in the pack, with their platforms.
const selections: readonly (readonly [string[], string[]])[] = [
  [
    ['--newest', '1'],
    ['abc@2.0.0 linux-amd64', 'uni_x@1.0.0+b'],
  ],
  [
    ['--newest', '1', '--server-version', '9.4.0', '--plugin', 'abc'],
    ['abc@1.1.0 linux-amd64,darwin-arm64'],
  ],
  [
    ['--newest', '1', '--server-version', '9.4.0', '--server-version', '9.5.0', '--plugin', 'abc'],
    ['abc@2.0.0 linux-amd64', 'abc@1.1.0 linux-amd64,darwin-arm64'],
  ],
  [['--server-version', '8.0.0'], []],
  [
    ['--platform', 'darwin-arm64', '--plugin', 'abc'],
    ['abc@2.0.0', 'abc@1.1.0 darwin-arm64', 'abc@1.0.0'],
  ],
];

for (const [flags, expected] of selections) {
  test(`mirror ${flags.join(' ')} takes ${expected.join('; ') || 'nothing'}`, async (t) => {
    const { cwd } = await makeSite(t);
    const { code, stderr } = await runCatalog(mirror, [...usual, ...flags], { cwd });
    assert.equal(code, 0, stderr);
    const releases = await readMirrored(cwd);
    const names = releases.map(({ manifest: { id, version }, platforms }) =>
      `${id}@${version} ${Object.keys(platforms)}`.trim(),
    );
    assert.deepEqual(names, expected);
  });
}

test('the next run fetches what is new, and with --prune removes what is no longer wanted', async (t) => {
  const { cwd, server } = await makeSite(t);
  await runCatalog(mirror, [...usual, '--plugin', 'abc', '--newest', '2'], { cwd });
  const before = server.asked.length;
  assert.equal(before, 5);
  const next = await runCatalog(mirror, [...usual, '--plugin', 'uni_x'], { cwd });
  assert.equal(next.stderr, '1 bundle in pack: 1 downloaded, 0 removed\n');
  assert.equal(server.asked.length, before + 1);
  assert.equal((await readdir(path.join(cwd, 'pack/bundles'))).length, 6);
  const pruned = await runCatalog(mirror, [...usual, '--plugin', 'uni_x', '--prune'], { cwd });
  assert.equal(pruned.stderr, '1 bundle in pack: 0 downloaded, 5 removed\n');
  assert.equal((await readdir(path.join(cwd, 'pack/bundles'))).length, 1);
  const checked = await runCatalog(mirror, ['--check', 'pack'], { cwd, web: noWeb });
  assert.equal(checked.code, 0, checked.stdout);
});

test('a bundle that fails keeps the catalog of the pack as it was, and is fetched again', async (t) => {
  const { cwd, files } = await makeSite(t);
  await runCatalog(mirror, [...usual, '--plugin', 'uni_x'], { cwd });
  const catalog = await readFile(path.join(cwd, 'pack/plugins.json'), 'utf8');
  const good = files['/abc-1.0.0.tar.gz'] as Buffer;
  files['/abc-1.0.0.tar.gz'] = good.subarray(0, 100);
  const failed = await runCatalog(mirror, usual, { cwd });
  assert.equal(failed.code, 1);
  assert.match(
    failed.stdout,
    /^FAILED {2}abc@1\.0\.0 .*\n +is not what was signed.*\n.* too early\n$/,
  );
  assert.match(failed.stderr, /1 of 7 bundles failed, so pack\/plugins\.json is not written/);
  assert.equal(await readFile(path.join(cwd, 'pack/plugins.json'), 'utf8'), catalog);
  const between = await runCatalog(mirror, ['--check', 'pack'], { cwd, web: noWeb });
  assert.equal(between.code, 0, between.stdout + between.stderr);
  files['/abc-1.0.0.tar.gz'] = good;
  const mended = await runCatalog(mirror, usual, { cwd });
  assert.equal(mended.stderr, '7 bundles in pack: 1 downloaded, 0 removed\n');
});

test('a wrong key leaves the pack that is served as it is', async (t) => {
  const { cwd } = await makeSite(t);
  await runCatalog(mirror, usual, { cwd });
  const before = await hashFolder(path.join(cwd, 'pack'));
  await writeFile(path.join(cwd, 'key.asc'), other.publicKey);
  const { code, stderr } = await runCatalog(mirror, usual, { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /7 of 7 bundles failed/);
  assert.deepEqual(await hashFolder(path.join(cwd, 'pack')), before);
});

test('a bundle that was signed anew under its old URL is fetched again', async (t) => {
  const { cwd, files } = await makeSite(t);
  await runCatalog(mirror, usual, { cwd });
  const manifest = makeManifest('abc', '1.0.0', { description: 'Built again.' });
  const content = await makeBundle(manifest);
  files['/abc-1.0.0.tar.gz'] = content;
  const entries = JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
  entries[2].signature = (await key.sign(content, NOW)).toString('base64');
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify(entries));
  const { code, stdout, stderr } = await runCatalog(mirror, [...usual, '--prune'], { cwd });
  assert.equal(code, 0, stdout);
  assert.equal(stderr, '7 bundles in pack: 1 downloaded, 1 removed\n');
});

test('a pack is checked elsewhere, without a network, also by its signatures', async (t) => {
  const { cwd } = await makeSite(t);
  await runCatalog(mirror, usual, { cwd });
  const there = await makeProject(t, { 'key.asc': key.publicKey });
  await cp(path.join(cwd, 'pack'), path.join(there, 'disk'), { recursive: true });
  const args = ['--check', 'disk', '--key', 'key.asc'];
  const { code, stdout, stderr } = await runCatalog(mirror, args, { cwd: there, web: noWeb });
  assert.equal(code, 0, stdout + stderr);
  assert.equal(stderr, 'disk is whole: 7 bundles\n');
  const unchecked = await runCatalog(mirror, ['--check', 'disk'], { cwd: there, web: noWeb });
  assert.equal(unchecked.code, 0);
  assert.match(
    unchecked.stderr,
    /^disk is whole: 7 bundles; signatures were not checked: name the keys/,
  );
});

test('a platform of servers for which no release has a bundle of its own has the common ones', async (t) => {
  const { cwd } = await makeSite(t);
  const args = [...usual, '--platform', 'freebsd-amd64'];
  const { code, stderr } = await runCatalog(mirror, args, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^\d bundles in pack: \d downloaded/);
});

const other = await makeSigningKey({ createdAt: new Date(NOW.getTime() - 1e9) });
const firstBundle = async (pack: string) =>
  path.join(pack, 'bundles', (await readdir(path.join(pack, 'bundles'))).sort()[0] ?? '');

// What happens to a pack, how, exit code, what is told.
const damages: readonly (readonly [string, (pack: string) => Promise<unknown>, 0 | 1, RegExp])[] = [
  [
    'a bundle is missing',
    async (pack) => rm(await firstBundle(pack)),
    1,
    /error: bundles\/.*: is missing/,
  ],
  [
    'a bundle has grown',
    async (pack) => appendFile(await firstBundle(pack), 'x'),
    1,
    /has \d+ bytes instead of \d+/,
  ],
  [
    'a bundle has other contents',
    async (pack) => {
      const file = await firstBundle(pack);
      const content = await readFile(file);
      content[50] = (content[50] ?? 0) ^ 1;
      await writeFile(file, content);
    },
    1,
    /has other contents than when it was written/,
  ],
  [
    'a bundle has another name',
    async (pack) => rename(await firstBundle(pack), path.join(pack, 'bundles/x')),
    1,
    /is missing.*\n.*bundles\/x: is not listed in pack\.json/,
  ],
  [
    'a file came in',
    async (pack) => writeFile(path.join(pack, 'bundles/x'), ''),
    0,
    /^warning: bundles\/x: is not listed/,
  ],
  [
    'the catalog is missing',
    async (pack) => rm(path.join(pack, 'plugins.json')),
    1,
    /plugins\.json: does not exist/,
  ],
  [
    'the catalog was edited',
    async (pack) => appendFile(path.join(pack, 'plugins.json'), '\n'),
    1,
    /plugins\.json: has \d+ bytes instead/,
  ],
  [
    'the catalog leads elsewhere',
    async (pack) => {
      const file = path.join(pack, 'plugins.json');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace(base, 'https://other.example.com'));
    },
    1,
    /https:\/\/other\.example\.com\/bundles\/.* is not in the pack/,
  ],
];

for (const [what, damage, code, stdout] of damages) {
  test(`a check of a pack tells where ${what}`, async (t) => {
    const { cwd } = await makeSite(t);
    await runCatalog(mirror, usual, { cwd });
    await damage(path.join(cwd, 'pack'));
    const ran = await runCatalog(mirror, ['--check', 'pack'], { cwd, web: noWeb });
    assert.match(ran.stdout, stdout);
    assert.equal(ran.code, code, ran.stderr);
  });
}

const inPack = async (cwd: string, name: string) =>
  JSON.parse(await readFile(path.join(cwd, 'pack', name), 'utf8')).files.map(
    (file: { path: string }) => file.path,
  );

for (const [what, bundle] of Object.entries(HOSTILE_BUNDLES)) {
  test(`with a bundle with ${what}, the others are mirrored, and the pack does not list it`, async (t) => {
    const { cwd, files } = await makeSite(t, rows.slice(2));
    files['/abc-1.0.0.tar.gz'] = bundle;
    const { code, stdout, stderr } = await runCatalog(mirror, usual, { cwd });
    assert.equal(code, 1);
    assert.match(stdout, /^FAILED {2}abc@1\.0\.0 http/m);
    assert.match(stdout, /^ +the bundle http.*\/abc-1\.0\.0\.tar\.gz [a-z]/m);
    assert.match(stderr, /1 of 2 bundles failed, so pack\/plugins\.json is not written/);
    assert.deepEqual((await readdir(path.join(cwd, 'pack'))).sort(), [
      'bundles',
      'pack.unfinished.json',
    ]);
    const [bundlePath, ...more] = await inPack(cwd, 'pack.unfinished.json');
    assert.match(bundlePath, /^bundles\/uni_x-1\.0\.0_b-/);
    assert.deepEqual(more, []);
    assert.deepEqual(await readdir(path.join(cwd, 'pack/bundles')), [path.basename(bundlePath)]);
    const checked = await runCatalog(mirror, ['--check', 'pack'], { cwd, web: noWeb });
    assert.match(checked.stderr, /is no pack: it has no pack\.json/);
  });
}

test('a first mirror of which nothing is sound leaves nothing', async (t) => {
  const { cwd } = await makeSite(t);
  await writeFile(path.join(cwd, 'key.asc'), other.publicKey);
  const { code, stderr } = await runCatalog(mirror, usual, { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /7 of 7 bundles failed/);
  assert.deepEqual((await readdir(cwd)).sort(), ['key.asc', 'plugins.json']);
});

test('what was checked with one key is checked again with another', async (t) => {
  const { cwd, files } = await makeSite(t);
  files['/abc-1.0.0.tar.gz'] = Buffer.from('x');
  await runCatalog(mirror, usual, { cwd });
  assert.equal((await inPack(cwd, 'pack.unfinished.json')).length, 6);
  await writeFile(path.join(cwd, 'key.asc'), other.publicKey);
  const { stderr } = await runCatalog(mirror, usual, { cwd });
  assert.match(stderr, /7 of 7 bundles failed/);
  assert.deepEqual(await readdir(path.join(cwd, 'pack')), ['bundles']);
});

// What is put in the place of a bundle that the catalog does not lead to, with its digest in pack.json; what is told.
const unled: readonly (readonly [string, Buffer, RegExp])[] = [
  ['no archive', Buffer.from('no archive'), /is damaged, or no \.tar\.gz/],
  ['a hostile one', HOSTILE_BUNDLES['a PAX size below zero'] as Buffer, /whose size is "-5"/],
  ['an unsigned one', await makeBundle(makeManifest('abc', '7.0.0')), /is not what was signed/],
];

for (const [what, content, expected] of unled) {
  test(`--check tells of ${what} in the place of a bundle that no release has`, async (t) => {
    const { cwd } = await makeSite(t);
    await runCatalog(mirror, usual, { cwd });
    await runCatalog(mirror, [...usual, '--plugin', 'uni_x'], { cwd });
    const check = ['--check', 'pack', '--key', 'key.asc'];
    const sound = await runCatalog(mirror, check, { cwd, web: noWeb });
    assert.equal(sound.code, 0, sound.stdout + sound.stderr);
    const list = JSON.parse(await readFile(path.join(cwd, 'pack/pack.json'), 'utf8'));
    const file = list.files.find((one: { path: string }) => one.path.includes('/abc-'));
    file.sha256 = digestOf(content);
    file.sizeBytes = content.length;
    await writeFile(path.join(cwd, 'pack/pack.json'), JSON.stringify(list));
    await writeFile(path.join(cwd, 'pack', file.path), content);
    const { code, stdout } = await runCatalog(mirror, check, { cwd, web: noWeb });
    assert.equal(code, 1);
    assert.match(stdout, /^error: bundles\/abc-/);
    assert.match(stdout, expected);
  });
}

// Flags, files, exit code, what is told.
const refusals: readonly (readonly [string[], Readonly<Record<string, string>>, 1 | 2, RegExp])[] =
  [
    [[], {}, 2, /name the folder with --to/],
    [['--to', 'pack'], {}, 2, /--base-url where it will be served/],
    [
      ['--to', 'pack', '--base-url', 'plugins'],
      {},
      2,
      /--base-url takes a web address, not "plugins"/,
    ],
    [[...usual, '--newest', '0'], {}, 2, /--newest takes a whole number, not "0"/],
    [
      [...usual, '--server-version', '9'],
      {},
      2,
      /--server-version takes a version such as 9\.11\.0, not "9"/,
    ],
    [[...usual, '--plugin', 'x'], {}, 1, /the catalog has no plugin x/],
    [
      [...usual, '--platform', 'osx-arm64'],
      {},
      2,
      /"osx-arm64" is no platform of a server or a release; there are darwin-amd64, darwin-arm64/,
    ],
    [usual, { 'key.asc': other.publicKey }, 1, /7 of 7 bundles failed/],
    [usual, { 'pack/pack.json': '{"format":2}' }, 1, /pack\.json is damaged/],
    [
      usual,
      {
        'pack/pack.json':
          '{"format":1,"baseUrl":"","files":[{"path":"../x","sha256":"","sizeBytes":1}]}',
      },
      1,
      /pack\.json is damaged/,
    ],
    [usual, { pack: 'a file' }, 1, /pack.* cannot be written, (EEXIST|ENOTDIR)/],
    [['--check', 'pack'], {}, 1, /is no pack: it has no pack\.json/],
    [['--check', 'pack', '--to', 'pack'], {}, 2, /--check and --to do not go together/],
    [['--check', 'pack', '--newest', '1'], {}, 2, /--check and --newest do not go together/],
  ];

for (const [args, files, code, stderr] of refusals) {
  test(`mirror ${args.join(' ')} is refused: ${stderr.source}`, async (t) => {
    const { cwd } = await makeSite(t);
    for (const [name, content] of Object.entries(files)) {
      await makeInside(cwd, name, content);
    }
    const ran = await runCatalog(mirror, args, { cwd });
    assert.match(ran.stderr, stderr);
    assert.equal(ran.code, code);
  });
}

async function makeInside(cwd: string, name: string, content: string) {
  await mkdir(path.dirname(path.join(cwd, name)), { recursive: true });
  await writeFile(path.join(cwd, name), content);
}
