import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb } from '../../src/testing/loopback-server.ts';
import { makeBundle, makeManifest } from '../../src/testing/plugin-bundles.ts';
import { makeProject, NOW, runCatalog } from './fixture-catalog-command.ts';
import { type FakeRelease, startGithub } from './fixture-github.ts';
import { update } from './update.ts';

const signature = Buffer.from('signed');
const base64 = signature.toString('base64');

/** A release with a bundle, as a plugin's own pipeline uploads it. */
async function releaseOf(version: string, more: Partial<FakeRelease> = {}): Promise<FakeRelease> {
  const bundle = await makeBundle(makeManifest('abc', version));
  const name = `plugin-abc-v${version}`;
  const assets = { [`${name}.tar.gz`]: bundle, [`${name}.tar.gz.sig`]: signature };
  return { tag_name: `v${version}`, assets, ...more };
}

const settings = {
  repositories: [
    { repo: 'example/plugin-abc', author: 'community', stage: 'beta', hosting: 'on-prem' },
  ],
};

/** A project whose settings name the repository, and GitHub with releases of it. */
async function makeSite(t: TestContext, releases: readonly FakeRelease[], entries: object[] = []) {
  const github = await startGithub(t, { 'example/plugin-abc': releases });
  const cwd = await makeProject(t, {
    'plugins.json': entries,
    'marketplace.config.json': { ...settings, github: github.url },
  });
  return { github, cwd };
}

const readEntries = async (cwd: string) =>
  JSON.parse(await readFile(path.join(cwd, 'plugins.json'), 'utf8'));
const versionsIn = async (cwd: string) =>
  (await readEntries(cwd)).map(
    ({ manifest }: { manifest: { version: string } }) => manifest.version,
  );

test('releases that the catalog lacks are added, over all pages, without drafts and pre-releases', async (t) => {
  const { github, cwd } = await makeSite(t, [
    await releaseOf('1.5.0', { draft: true }),
    await releaseOf('1.4.0-rc1', { prerelease: true }),
    await releaseOf('1.3.0'),
    { tag_name: 'nightly' },
    await releaseOf('1.2.0'),
    await releaseOf('1.1.0'),
    await releaseOf('1.0.0'),
  ]);
  const { code, stdout, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(
    stdout,
    ['1.3.0', '1.2.0', '1.1.0', '1.0.0'].map((v) => `abc@${v} is in plugins.json now\n`).join(''),
  );
  const [newest, ...others] = await readEntries(cwd);
  const url = `${github.url}/assets/example/plugin-abc/download/plugin-abc-v1.3.0.tar.gz`;
  assert.deepEqual(
    { ...newest, icon_data: '' },
    {
      homepage_url: 'https://example.com/abc',
      icon_data: '',
      download_url: url,
      release_notes_url: 'https://example.com/abc/1.3.0',
      hosting: 'on-prem',
      author_type: 'community',
      release_stage: 'beta',
      enterprise: false,
      signature: base64,
      repo_name: 'plugin-abc',
      manifest: makeManifest('abc', '1.3.0'),
      platforms: {},
      updated_at: NOW.toISOString(),
    },
  );
  assert.equal(others.length, 3);
  const more = await runCatalog(update, ['--pre-releases'], { cwd });
  assert.equal(more.stdout, 'abc@1.4.0-rc1 is in plugins.json now\n');
});

test('what is in the catalog stays, and is not fetched again', async (t) => {
  const known = { repo_name: 'plugin-abc', manifest: { id: 'abc', version: '1.0.0' }, x: 1 };
  const byHand = { manifest: { id: 'abc', version: '1.1.0' } };
  const releases = [await releaseOf('1.1.0'), await releaseOf('1.0.0')];
  const { github, cwd } = await makeSite(t, releases, [byHand, known]);
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '0 releases added\n');
  assert.deepEqual(await readEntries(cwd), [byHand, known]);
  assert.equal(
    github.asked.some((line) => line.includes('v1.0.0.tar.gz')),
    false,
  );
});

test('the second time GitHub need only say that nothing has changed', async (t) => {
  const { github, cwd } = await makeSite(t, [
    await releaseOf('1.3.0'),
    await releaseOf('1.2.0'),
    await releaseOf('1.1.0'),
    await releaseOf('1.0.0'),
  ]);
  await runCatalog(update, [], { cwd });
  assert.equal(github.unchanged, 0);
  const before = github.asked.length;
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(github.unchanged, 2, 'both pages');
  assert.equal(github.asked.length, before + 2);
  github.repositories['example/plugin-abc'] = [
    await releaseOf('1.4.0'),
    ...(github.repositories['example/plugin-abc'] ?? []),
  ];
  const third = await runCatalog(update, [], { cwd });
  assert.equal(third.stdout, 'abc@1.4.0 is in plugins.json now\n');
});

test('bundles of single platforms are found by their names', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
  const assets = {
    'abc-1.0.0.tar.gz': bundle,
    'abc-1.0.0-linux-amd64.tar.gz': bundle,
    'abc-1.0.0-linux-amd64.tar.gz.asc': signature,
    'abc-1.0.0-osx-arm64.tar.gz': bundle,
    'abc-1.0.0-osx-arm64.tar.gz.sig': signature,
    'abc-1.0.0-windows-amd64.tar.gz': bundle,
    'checksums.txt': bundle,
  };
  const { cwd } = await makeSite(t, [{ tag_name: 'v1.0.0', assets }]);
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  const [entry] = await readEntries(cwd);
  assert.equal(entry.signature, '');
  assert.deepEqual(Object.keys(entry.platforms), ['linux-amd64', 'darwin-arm64']);
  assert.equal(entry.platforms['darwin-arm64'].signature, base64);
});

const token = 'ghp_secret0123456789';

/** Refuses the first request with a status and headers, and lets the others through. */
const once = (status: number, headers: Readonly<Record<string, string>>) => {
  let isFirst = true;
  return (_: IncomingMessage, response: ServerResponse) => {
    if (!isFirst) return false;
    isFirst = false;
    response.writeHead(status, headers).end('{}');
    return true;
  };
};
const inSeconds = (seconds: number) => String(NOW.getTime() / 1000 + seconds);

// What GitHub says first, what is told meanwhile, how long is waited, in seconds.
const limits: readonly (readonly [string, ReturnType<typeof once>, RegExp, number])[] = [
  [
    'that the limit of the hour is used up',
    once(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(90) }),
    /^GitHub's rate limit is used up: waiting 91 s$/m,
    91,
  ],
  [
    'so with 429',
    once(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(30) }),
    /waiting 31 s$/m,
    31,
  ],
  ['that it was asked too fast', once(403, { 'retry-after': '7' }), /waiting 7 s$/m, 7],
];

for (const [what, intercept, expected, seconds] of limits) {
  test(`where GitHub says ${what}, that is waited out`, async (t) => {
    const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
    github.intercept = intercept;
    const waits: number[] = [];
    const web = impatientWeb({ sleep: async (milliseconds) => waits.push(milliseconds) });
    const { code, stderr } = await runCatalog(update, [], { cwd, web });
    assert.equal(code, 0, stderr);
    assert.match(stderr, expected);
    assert.deepEqual(waits, [seconds * 1000]);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
  });
}

test('a server error and a connection that is cut are tried again', async (t) => {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  const failing = once(502, {});
  let isCut = false;
  github.intercept = (request, response) => {
    if (failing(request, response)) return true;
    if (isCut) return false;
    isCut = true;
    response.writeHead(200, { 'content-length': 1000 }).write('[', () => response.destroy());
    return true;
  };
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
});

test('the token is sent to GitHub only, and never shown', async (t) => {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  const environment = { GITHUB_TOKEN: token };
  const ran = await runCatalog(update, ['--json'], { cwd, environment });
  assert.equal(ran.code, 0, ran.stderr);
  for (const [i, line] of github.asked.entries()) {
    const { authorization } = github.requests[i]?.headers ?? {};
    assert.equal(authorization, line.includes('/repos/') ? `token ${token}` : undefined, line);
  }
  const cached = await readFolder(path.join(cwd, '.marketplace-cache'));
  for (const text of [ran.stdout, ran.stderr, cached]) assert.doesNotMatch(text, /ghp_/);
});

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;
const always =
  (status: number, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(`{"message": "no, ${token}"}`);
    return true;
  };
const cutAlways: Answer = (_, response) => {
  response.socket?.destroy();
  return true;
};

// What GitHub does, how, what is told.
const refusals: readonly (readonly [string, Answer, RegExp])[] = [
  ['refuses the token', always(401), /GitHub refuses the token: put a valid one into GITHUB_TOKEN/],
  ['forbids it', always(403), /GitHub does not let example\/plugin-abc be read now/],
  ['knows no such repository', always(404), /GitHub knows no repository example\/plugin-abc/],
  ['fails for good', always(500), /\/repos\/example\/plugin-abc\/releases\?… answers 500/],
  ['cuts every connection', cutAlways, /cut the connection/],
  [
    'has a limit that lasts for days',
    always(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(1e6) }),
    /GitHub does not let example\/plugin-abc be read now/,
  ],
  [
    'has a limit that never ends',
    always(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(1) }),
    /GitHub does not let example\/plugin-abc be read now/,
  ],
];

for (const [what, intercept, expected] of refusals) {
  test(`where GitHub ${what}, the catalog stays, and the token is not told`, async (t) => {
    const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
    github.intercept = intercept;
    const environment = { GITHUB_TOKEN: token };
    const { code, stdout, stderr } = await runCatalog(update, [], { cwd, environment });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.doesNotMatch(stdout + stderr, /ghp_/);
    assert.deepEqual(await readEntries(cwd), []);
  });
}

const good = await releaseOf('1.0.0');
const named = (assets: Readonly<Record<string, Buffer>>) => ({ tag_name: 'v2.0.0', assets });
const bundle = await makeBundle(makeManifest('abc', '2.0.0'));

// What a release is like, the release, what is told; the other release is added all the same.
const broken: readonly (readonly [string, FakeRelease, RegExp])[] = [
  ['without a bundle', named({ 'a.zip': bundle }), /example\/plugin-abc v2\.0\.0 has no bundle/],
  ['for one platform only', named({ 'a-linux-amd64.tar.gz': bundle }), /has no bundle/],
  [
    'with two bundles',
    named({ 'a.tar.gz': bundle, 'b.tar.gz': bundle }),
    /has several bundles.*: a\.tar\.gz, b\.tar\.gz/,
  ],
  [
    'with a damaged bundle',
    named({ 'a.tar.gz': bundle.subarray(0, 99) }),
    /cannot be added: .* ends too early/,
  ],
  [
    'of another version',
    { tag_name: 'v2.1.0', assets: { 'a.tar.gz': bundle } },
    /holds version 2\.0\.0, and the tag is v2\.1\.0/,
  ],
  [
    'that breaks a rule',
    named({
      'a.tar.gz': await makeBundle({ ...makeManifest('abc', '2.0.0'), min_server_version: 'x' }),
    }),
    /breaks a rule: \.manifest\.min_server_version is not a semantic version/,
  ],
];

for (const [what, release, expected] of broken) {
  test(`a release ${what} is told, and the others are added`, async (t) => {
    const { cwd } = await makeSite(t, [release, good]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
  });
}

// The settings, what is told.
const settingsRefused: readonly (readonly [object, RegExp])[] = [
  [{}, /the settings name no repositories/],
  [
    { repositories: [{ repo: 'abc', author: 'community' }] },
    /repositories\.0\.repo: invalid string/,
  ],
  [{ repositories: [{ repo: 'a/b' }] }, /repositories\.0\.author: invalid option/],
  [{ repositories: [{ repo: 'a/b', author: 'me' }] }, /repositories\.0\.author: invalid option/],
  [
    { repositories: [{ repo: 'a/b', author: 'partner', x: 1 }] },
    /repositories\.0: unrecognized key/,
  ],
  [
    { repositories: [{ repo: 'a/b', author: 'partner' }], github: 'x' },
    /github: .*is no web address.*a web address/,
  ],
];

for (const [config, expected] of settingsRefused) {
  test(`update with ${JSON.stringify(config)} is refused`, async (t) => {
    const cwd = await makeProject(t, { 'plugins.json': [], 'marketplace.config.json': config });
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.match(stderr, expected);
    assert.equal(code, 1);
  });
}

async function readFolder(folder: string): Promise<string> {
  const names = await readdir(folder);
  assert.ok(names.length > 0);
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.join('\n');
}
