import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { HOSTILE_BUNDLES } from '../../../test/samples/hostile-bundles.ts';
import { makeBundle, makeManifest } from '../../../test/samples/plugin-bundles.ts';
import { makeProject, NOW, runCatalog } from '../fixture-catalog-command.ts';
import { type FakeGithub, type FakeRelease, startGithub } from './fixture-github.ts';
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
    'marketplace.config.json': { ...settings, github: github.url, store: `${github.url}/store` },
  });
  return { github, cwd };
}

const row = { repo: 'example/plugin-abc', author: 'community' };

/** Gives a project other rows of repositories. */
async function setRows(cwd: string, github: FakeGithub, repositories: readonly object[]) {
  const config = { repositories, github: github.url, store: `${github.url}/store` };
  await writeFile(path.join(cwd, 'marketplace.config.json'), JSON.stringify(config));
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

// Where the next page is said to be, by the addresses of GitHub and of another server.
const elsewhere: Readonly<Record<string, (own: string, other: string) => string>> = {
  'on another port': (_, other) => other,
  'on another host': (own) => own.replace('127.0.0.1', 'localhost'),
  'on another host of a like name': (own) => own.replace('127.0.0.1', '127.0.0.1.example'),
  'by another scheme': (own) => own.replace('http:', 'https:'),
  'in a file': () => 'file://',
  'behind a password': (own) => own.replace('//', '//a:b@'),
};

for (const [where, to] of Object.entries(elsewhere)) {
  for (const isCached of [false, true]) {
    test(`a next page ${where} is not asked for, ${isCached ? 'told by a kept answer' : 'told by GitHub'}`, async (t) => {
      const other = await startLoopback(t, (_, response) => response.end('[]'));
      const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
      await setRows(cwd, github, [row, { ...row, repo: 'example/plugin-b' }]);
      github.repositories['example/plugin-b'] = [await releaseOf('1.0.0', {})];
      const environment = { GITHUB_TOKEN: token };
      const link = `<${to(github.url, other.url)}/next>; rel="next"`;
      if (isCached) {
        await runCatalog(update, [], { cwd, environment });
        await writeFile(path.join(cwd, 'plugins.json'), '[]');
        await changeKept(cwd, (kept) => ({ ...kept, link }));
      } else {
        github.intercept = (request, response) => {
          if (!request.url?.includes('plugin-abc')) return false;
          response.writeHead(200, { link, 'content-type': 'application/json' }).end('[]');
          return true;
        };
      }
      const { code, stdout, stderr } = await runCatalog(update, [], { cwd, environment });
      assert.equal(code, 1);
      assert.match(stderr, /\/next .*is not asked: only http:\/\/127\.0\.0\.1:\d+ may be/);
      assert.deepEqual(other.asked, [], 'nobody else hears of it');
      assert.doesNotMatch(stdout + stderr, /ghp_/);
      if (!isCached) assert.deepEqual(await versionsIn(cwd), ['1.0.0'], 'the other row goes on');
    });
  }
}

/** Changes the answers of GitHub that are kept. */
async function changeKept(cwd: string, change: (kept: Record<string, unknown>) => unknown) {
  const folder = path.join(cwd, '.marketplace-cache');
  for (const name of await readdir(folder)) {
    const kept = JSON.parse(await readFile(path.join(folder, name), 'utf8'));
    await writeFile(path.join(folder, name), JSON.stringify(change(kept)));
  }
}

// What is kept in the place of an answer.
const damages: readonly ((kept: Record<string, unknown>) => unknown)[] = [
  () => null,
  () => [],
  (kept) => ({ ...kept, body: 'x' }),
  (kept) => ({ ...kept, body: '{}' }),
  (kept) => ({ ...kept, body: 1 }),
  (kept) => ({ ...kept, etag: 'a\r\nb: c' }),
  (kept) => ({ ...kept, link: 'a\nb' }),
  (kept) => ({ ...kept, link: { next: 1 } }),
  (kept) => ({ ...kept, url: 'https://api.github.com/' }),
];

for (const damage of damages) {
  test(`of a kept answer that was made ${damage} nothing is believed`, async (t) => {
    const { cwd, github } = await makeSite(t, [await releaseOf('1.0.0')]);
    await runCatalog(update, [], { cwd });
    await writeFile(path.join(cwd, 'plugins.json'), '[]');
    await changeKept(cwd, damage);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
    assert.equal(github.unchanged, 0);
  });
}

test('a list without end is given up', async (t) => {
  const { github, cwd } = await makeSite(t, []);
  let page = 0;
  github.intercept = (_, response) => {
    const link = `<${github.url}/repos/x?page=${++page}>; rel="next"`;
    response.writeHead(200, { link, 'content-type': 'application/json' }).end('[]');
    return true;
  };
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /\/repos\/x\?… is a page more than the 100 allowed/);
  assert.equal(page, 100);
});

for (const wrong of ['ghp_a b', 'ghp_a\n', 'ghp_a\u00e4', 'ghp_a\0']) {
  test(`a token such as ${JSON.stringify(wrong)} is refused, and not shown`, async (t) => {
    const { cwd, github } = await makeSite(t, [await releaseOf('1.0.0')]);
    const environment = { GITHUB_TOKEN: wrong };
    const { code, stdout, stderr } = await runCatalog(update, [], { cwd, environment });
    assert.equal(code, 1);
    assert.match(stderr, /^error: GITHUB_TOKEN holds a blank|^GITHUB_TOKEN holds a blank/m);
    assert.doesNotMatch(stdout + stderr, /ghp_/);
    assert.deepEqual(github.asked, []);
  });
}

const ofGithub = (repo: string, version: string) => ({
  download_url: `https://github.com/${repo}/releases/download/v${version}/a.tar.gz`,
  manifest: { id: 'abc', version },
});
const kept = (repo_name: string, version: string, more: object = {}) => ({
  repo_name,
  manifest: { id: 'abc', version },
  ...more,
});
const page1 = (repo: string) => ({ homepage_url: `https://github.com/${repo}` });

// What the catalog has of the plugin that example/plugin-abc releases, flags, from whom that is where it is refused.
const owners: readonly (readonly [readonly object[], readonly string[], string | null])[] = [
  [[], [], null],
  [[kept('plugin-abc', '0.9.0')], [], null],
  [[ofGithub('example/plugin-abc', '0.9.0')], [], null],
  [[ofGithub('Example/Plugin-ABC', '0.9.0')], [], null],
  [[kept('plugin-abc', '0.9.0', page1('example/plugin-abc'))], [], null],
  [[kept('plugin-abc', '0.9.0', page1('example/docs'))], [], null],
  [[kept('', '0.9.0')], [], null],
  [[kept('other', '0.9.0')], [], 'other'],
  [[ofGithub('other/plugin-abc', '0.9.0')], [], 'other/plugin-abc'],
  [[ofGithub('other/plugin-abc', '9.0.0')], [], 'other/plugin-abc'],
  [[kept('', '0.9.0', page1('other/plugin-abc'))], [], 'other/plugin-abc'],
  [[kept('plugin-abc', '0.9.0', page1('other/plugin-abc'))], [], 'other/plugin-abc'],
  [[{ ...kept('other', '0.9.0'), manifest: { id: 'ABC', version: '0.9.0' } }], [], 'other'],
  // Plugins move: the newest release that says whose it is counts.
  [[ofGithub('other/abc', '0.8.0'), ofGithub('example/plugin-abc', '0.9.0')], [], null],
  [[ofGithub('example/plugin-abc', '0.8.0'), ofGithub('other/abc', '0.9.0')], [], 'other/abc'],
  [[ofGithub('other/abc', '0.8.0'), kept('', '0.9.0')], [], 'other/abc'],
  [[kept('other', '0.9.0')], ['--take-over', 'abc'], null],
  [[kept('other', '0.9.0')], ['--take-over', 'ABC'], null],
  [[kept('other', '0.9.0')], ['--take-over', 'abd'], 'other'],
];

for (const [entries, flags, owner] of owners) {
  const told = JSON.stringify(entries.map((entry) => ({ ...entry })));
  test(`where the catalog has ${told}, update ${flags.join(' ')} ${owner ? 'refuses' : 'adds'} a release`, async (t) => {
    const { cwd } = await makeSite(t, [await releaseOf('1.0.0')], [...entries]);
    const { code, stderr } = await runCatalog(update, [...flags], { cwd });
    assert.equal(code, owner === null ? 0 : 1, stderr);
    const versions = await versionsIn(cwd);
    assert.equal(versions.includes('1.0.0'), owner === null);
    if (owner === null) return;
    assert.ok(
      stderr.includes(
        `example/plugin-abc v1.0.0 is of the plugin abc, which the catalog has from ${owner} (`,
      ),
      stderr,
    );
    assert.match(stderr, /and not from example\/plugin-abc — .*--take-over abc/);
  });
}

test('of two repositories with one id, the first one of the settings has it', async (t) => {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  github.repositories['example/plugin-b'] = [await releaseOf('2.0.0'), await releaseOf('1.0.0')];
  await setRows(cwd, github, [row, { ...row, repo: 'example/plugin-b' }]);
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /plugin-b v2\.0\.0 is of the plugin abc, .* from plugin-abc \(abc@1\.0\.0\)/,
  );
  assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
});

test('a repository that was renamed goes on by its new name', async (t) => {
  const old = [ofGithub('new/plugin-xyz', '0.9.0')];
  const html_url = 'https://github.com/new/plugin-xyz/releases/tag/v1.0.0';
  const { github, cwd } = await makeSite(t, [], old);
  github.repositories['new/plugin-xyz'] = [await releaseOf('1.0.0', { html_url })];
  github.intercept = (request, response) => {
    if (!request.url?.includes('example/plugin-abc')) return false;
    const to = request.url.replace('example/plugin-abc', 'new/plugin-xyz');
    response.writeHead(301, { location: to }).end();
    return true;
  };
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await versionsIn(cwd), ['1.0.0', '0.9.0']);
});

test('--replace takes nothing from the repository of another owner', async (t) => {
  const old = [{ ...ofGithub('other/plugin-abc', '1.0.0'), repo_name: 'plugin-abc' }];
  const { cwd } = await makeSite(t, [await releaseOf('1.0.0')], old);
  const { code, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /which the catalog has from other\/plugin-abc/);
  assert.deepEqual(await readEntries(cwd), old);
});

for (const [what, hostile] of Object.entries(HOSTILE_BUNDLES)) {
  test(`where the bundle of a release has ${what}, the others are added`, async (t) => {
    const { cwd } = await makeSite(t, [
      { tag_name: 'v1.2.0', assets: { 'a.tar.gz': hostile } },
      await releaseOf('1.0.0'),
    ]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, /plugin-abc v1\.2\.0 cannot be added: the bundle http/);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
  });
}

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
    'has a limit that lasts for two hours',
    always(429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inSeconds(7200) }),
    /GitHub does not let example\/plugin-abc be read now/,
  ],
  [
    'asks to be left alone for a day',
    always(403, { 'retry-after': '86400' }),
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
    const waits: number[] = [];
    const web = impatientWeb({ sleep: async (milliseconds) => waits.push(milliseconds) });
    const { code, stdout, stderr } = await runCatalog(update, [], { cwd, environment, web });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.doesNotMatch(stdout + stderr, /ghp_/);
    assert.deepEqual(await readEntries(cwd), []);
    assert.ok(Math.max(0, ...waits) <= 65 * 60_000, 'no wait is longer than the hour of a limit');
  });
}

const good = await releaseOf('1.0.0');
const named = (assets: Readonly<Record<string, Buffer>>) => ({ tag_name: 'v2.0.0', assets });
const bundle = await makeBundle(makeManifest('abc', '2.0.0'));

// What a release is like, the release, what is told; the other release is added all the same.
const broken: readonly (readonly [string, FakeRelease, RegExp])[] = [
  [
    'with two bundles',
    named({ 'a-2.0.0.tar.gz': bundle, 'docs.tar.gz': bundle }),
    /v2\.0\.0 has several bundles: a-2\.0\.0\.tar\.gz, docs\.tar\.gz — .* "asset": "a-\{version\}\.tar\.gz"/,
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
  [
    'that lacks a program',
    named({ 'a.tar.gz': await makeBundle(makeManifest('abc', '2.0.0'), ['linux-amd64']) }),
    /v2\.0\.0 cannot be added: no server can install http.*a\.tar\.gz and start it\n.*lacks its program "server\/dist\/plugin-darwin-arm64"/,
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

// What a release is like, the release, what is told; nothing is wrong with that.
const bundleless: readonly (readonly [string, FakeRelease, RegExp])[] = [
  ['without files', named({}), /^warning: example\/plugin-abc v2\.0\.0 has no files/m],
  ['without a bundle', named({ 'a.zip': bundle }), /^warning: .*has no bundle.*only a\.zip/m],
  ['with a .tgz only', named({ 'a.tgz': bundle }), /^warning: .*only a\.tgz; "asset" in its row/m],
  [
    'for one platform only',
    named({ 'a-linux-amd64.tar.gz': bundle }),
    /^warning: .*has no bundle.*for every platform, only a-linux-amd64\.tar\.gz/m,
  ],
];

for (const [what, release, expected] of bundleless) {
  test(`a release ${what} is a warning, until the settings ignore it`, async (t) => {
    const { github, cwd } = await makeSite(t, [release, good]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stderr, expected);
    assert.match(stderr, /"ignore": \["v2\.0\.0"\]/);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
    const json = JSON.parse((await runCatalog(update, ['--json'], { cwd })).stdout);
    assert.equal(json.warnings.length, 1);
    await setRows(cwd, github, [{ ...row, ignore: ['v2.0.0'] }]);
    const silent = await runCatalog(update, [], { cwd });
    assert.equal(silent.stderr, '0 releases added\n');
  });
}

// The settings, what is told.
const settingsRefused: readonly (readonly [object, RegExp])[] = [
  [
    {},
    /the settings name no repositories: write them into marketplace\.config\.json, a row each.*\n\n.*\n.*\n {4}\{ "repo": "mattermost\/mattermost-plugin-jira", "author": "mattermost" \}/,
  ],
  [{ repositories: [] }, /the settings name no repositories/],
  [
    { repositories: [{ repo: 'abc', author: 'community' }] },
    /repositories\[0\]\.repo: invalid string/,
  ],
  [{ repositories: [{ repo: 'a/b' }] }, /repositories\[0\]\.author: invalid option/],
  [{ repositories: [{ repo: 'a/b', author: 'me' }] }, /repositories\[0\]\.author: invalid option/],
  [
    { repositories: [{ repo: 'a/b', author: 'partner', x: 1 }] },
    /repositories\[0\]: unrecognized key/,
  ],
  ...(
    [
      ['tag', 'v1.0.0', /must hold \{version\} once/],
      ['tag', '{version}-{version}', /must hold \{version\} once/],
      ['tag', '{tag}{version}', /must hold \{version\} once/],
      ['tag', 'v{version', /must hold \{version\} once/],
      ['tag', 1, /expected string/],
      ['asset', '', /too small/],
      ['asset', '{name}.tar.gz', /may hold \{version\}, \{tag\} and \*/],
      ['asset', '{.tar.gz', /may hold \{version\}/],
      ['asset', ['a'], /expected string/],
      ['ignore', 'v1.0.0', /expected array/],
      ['ignore', [''], /too small/],
      ['ignore', [1], /expected string/],
    ] as const
  ).map(
    ([key, value, message]) =>
      [
        { repositories: [{ repo: 'a/b', author: 'partner', [key]: value }] },
        new RegExp(`repositories\\[0\\]\\.${key}.*${message.source}`),
      ] as const,
  ),
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

// The tag, GitHub's mark, whether it is added without --pre-releases.
const prereleases: readonly (readonly [string, boolean, boolean])[] = [
  ['1.2.0-rc1', false, false],
  ['1.2.0-rc1', true, false],
  ['1.2.0', true, false],
  ['1.2.0', false, true],
  ['1.2.0-0', false, false],
  ['1.2.0-cloud.1+abc', false, false],
  ['1.2.0+abc-fips', false, true],
];

for (const [version, prerelease, isAdded] of prereleases) {
  test(`${version}, marked ${prerelease}, is ${isAdded ? 'no' : 'a'} pre-release`, async (t) => {
    const { cwd } = await makeSite(t, [await releaseOf(version, { prerelease })]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await versionsIn(cwd), isAdded ? [version] : []);
    const told = /plugin-abc has pre-releases, which only --pre-releases adds: v1\.2\.0/;
    if (isAdded) assert.doesNotMatch(stderr, /pre-releases/);
    else assert.match(stderr, told);
    assert.equal((await runCatalog(update, ['--pre-releases'], { cwd })).code, 0);
    assert.deepEqual(await versionsIn(cwd), [version]);
  });
}

/** The files of a case, for a GitHub that has them at `/dl/`. */
async function startCase(t: TestContext, name: string, answer: string, type: string) {
  const bundle = await readFile(path.join(CASES, 'store-darwin/p-1.1.0.tar.gz'));
  const other = await readFile(path.join(CASES, 'replace-other-hosting/p-1.0.0.tar.gz'));
  const { url } = await startLoopback(t, async (request, response) => {
    if (request.url?.startsWith('/repos/')) {
      const body = await readFile(path.join(CASES, name, answer), 'utf8');
      response.writeHead(200, { 'content-type': type });
      response.end(body.replaceAll('http://127.0.0.1:18200', url));
    } else if (request.url === '/dl/p-1.1.0.tar.gz') response.end(bundle);
    else if (request.url === '/dl/p-1.0.0.tar.gz') response.end(other);
    else response.writeHead(404).end();
  });
  return await makeProject(t, {
    'plugins.json': [],
    'marketplace.config.json': {
      repositories: [{ repo: 'o/r', author: 'community' }],
      github: url,
      store: `${url}/store`,
    },
  });
}
const CASES = path.join(import.meta.dirname, '../../../test/fixtures/cases');

test('the case github-dates: date, notes and home page are what GitHub says', async (t) => {
  const cwd = await startCase(t, 'github-dates', 'releases.json', 'application/json');
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  const [{ updated_at, release_notes_url, homepage_url }] = await readEntries(cwd);
  assert.deepEqual(
    [updated_at, release_notes_url, homepage_url],
    [
      '2023-03-04T00:00:00Z',
      'https://github.example/o/r/releases/tag/v1.0.0',
      'https://github.example/o/r',
    ],
  );
});

test('the case github-no-assets: a warning, and the other release is added', async (t) => {
  const cwd = await startCase(t, 'github-no-assets', 'releases.json', 'application/json');
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^warning: o\/r v0\.9\.0 has no files, and so no bundle/m);
  assert.deepEqual(await versionsIn(cwd), ['1.1.0']);
});

test('the case github-html: who answered, what came, what to check', async (t) => {
  const cwd = await startCase(t, 'github-html', 'releases.html', 'text/html; charset=utf-8');
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 1);
  assert.match(
    stderr,
    /\/repos\/o\/r\/releases\?… gives a web page and not a list of releases in JSON: http:\/\/127\.0\.0\.1:\d+\/repos\/o\/r\/releases\?… answered 200, text\/html; charset=utf-8, it begins with "<html>sign in<\/html>\\n" — check the address, and whether a sign-in page/,
  );
  assert.doesNotMatch(stderr, /\n\s+at |bug in the marketplace/);
});

/** What GitHub says of a release, the manifest, what the entry says: date, notes, home page. */
const known: readonly (readonly [Partial<FakeRelease>, object, readonly string[]])[] = [
  [{}, {}, [NOW.toISOString(), '', '']],
  [
    { html_url: 'https://g.example/o/r/releases/tag/v1.0.0', published_at: '2023-01-02T03:04:05Z' },
    { homepage_url: 'https://p.example', release_notes_url: 'https://p.example/1.0.0' },
    ['2023-01-02T03:04:05Z', 'https://p.example/1.0.0', 'https://p.example'],
  ],
  [
    { html_url: 'https://g.example/o/r/releases/tag/v1.0.0' },
    { homepage_url: 'https://p.example' },
    [NOW.toISOString(), 'https://g.example/o/r/releases/tag/v1.0.0', 'https://p.example'],
  ],
  [{ published_at: 'yesterday', html_url: 'javascript:alert(1)' }, {}, [NOW.toISOString(), '', '']],
  [{ html_url: 'https://g.example/x' }, {}, [NOW.toISOString(), 'https://g.example/x', '']],
];

for (const [github, manifest, expected] of known) {
  test(`GitHub says ${JSON.stringify(github)}, the manifest ${JSON.stringify(manifest)}`, async (t) => {
    const none = { homepage_url: '', release_notes_url: '' };
    const bundle = await makeBundle({ ...makeManifest('abc', '1.0.0'), ...none, ...manifest });
    const { cwd } = await makeSite(t, [
      { tag_name: 'v1.0.0', assets: { 'a.tar.gz': bundle }, ...github },
    ]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 0, stderr);
    const [entry] = await readEntries(cwd);
    assert.deepEqual([entry.updated_at, entry.release_notes_url, entry.homepage_url], expected);
  });
}

const page = { 'content-type': 'text/html' };
const json = { 'content-type': 'application/json' };
const answerWith =
  (status: number, headers: Readonly<Record<string, string>>, body: string | Buffer): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
const toPortal: Answer = (request, response) => {
  if (request.url === '/portal') response.writeHead(200, page).end('<html>sign in</html>');
  else response.writeHead(302, { location: '/portal' }).end();
  return true;
};

// What somebody else answers in GitHub's place, how, what is told.
const portals: readonly (readonly [string, Answer, RegExp])[] = [
  [
    'a page called JSON',
    answerWith(200, json, '<html>'),
    /something else .*application\/json, it begins with "<html>"/,
  ],
  ['a page without a type', answerWith(200, {}, '<html>'), /something else .*no content type/],
  ['a page elsewhere', toPortal, /a web page .*: http:\/\/127\.0\.0\.1:\d+\/portal answered 200/],
  [
    'an object',
    answerWith(200, json, '{"message":"x"}'),
    /it begins with "\{\\"message\\":\\"x\\"\}"/,
  ],
  ['null', answerWith(200, json, 'null'), /it begins with "null"/],
  ['nothing', answerWith(200, json, ''), /answered 200, application\/json, an empty body/],
  ['half a list', answerWith(200, json, '[{"tag_name":'), /not a list of releases/],
  ['a long page', answerWith(200, page, 'x'.repeat(9999)), /it begins with "x{80}…"/],
  [
    'what terminals obey',
    answerWith(200, page, '\u001b[2J\u009b2J\u202e'),
    /"\\u001b\[2J\\u\{9b\}2J\\u\{202e\}"/,
  ],
  ['bytes', answerWith(200, page, Buffer.from([0, 255, 254])), /"\\u0000/],
  ['the token', answerWith(200, page, `no, ${token}`), /it begins with "no, …"/],
  ['a list of numbers', answerWith(200, json, '[1]'), /list that is none of releases: \[0\]/],
  ['a list of null', answerWith(200, json, '[null]'), /list that is none of releases: \[0\]/],
  [
    'a list of pages',
    answerWith(200, json, '[{"tag_name": 1}]'),
    /none of releases: \[0\]\.tag_name/,
  ],
  ['a list without files', answerWith(200, json, '[{"tag_name": "v1.0.0"}]'), /\[0\]\.assets/],
  [
    '404 with a page',
    answerWith(404, page, '<html>'),
    /answers 404 Not Found, with a web page — check/,
  ],
  [
    '403 with a page',
    answerWith(403, page, '<html>'),
    /answers 403 Forbidden, with a web page — check/,
  ],
  ['401 with a page', answerWith(401, page, '<html>'), /answers 401 Unauthorized, with a web page/],
  [
    '407',
    answerWith(407, page, '<html>'),
    /cannot be asked: a proxy seems to want a sign-in \(407\)/,
  ],
  ['511', answerWith(511, page, '<html>'), /answers 511 .*, with a web page — check/],
];

for (const [what, intercept, expected] of portals) {
  test(`where ${what} comes in the place of GitHub's list, that is told, and not kept`, async (t) => {
    const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
    github.intercept = intercept;
    const environment = { GITHUB_TOKEN: token };
    const { code, stdout, stderr } = await runCatalog(update, [], { cwd, environment });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.doesNotMatch(stdout + stderr, /ghp_|\n\s+at |bug in the marketplace/);
    github.intercept = () => false;
    const later = await runCatalog(update, [], { cwd, environment });
    assert.equal(later.code, 0, later.stderr);
    assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
  });
}

/** Of each platform of the first entry, the file of its bundle. */
async function platformsIn(cwd: string): Promise<Record<string, string>> {
  const [{ platforms }] = await readEntries(cwd);
  const bundles = Object.entries<{ download_url: string }>(platforms);
  return Object.fromEntries(
    bundles.map(([name, { download_url }]) => [name, path.basename(download_url)]),
  );
}

const inStore = (...files: string[]) =>
  Object.fromEntries(
    files.flatMap((file) => [
      [`plugin-abc-v1.0.0${file}.tar.gz`, 'x'],
      [`plugin-abc-v1.0.0${file}.tar.gz.sig`, signature],
    ]),
  );

test('platform bundles that the files of a release lack come from the store', async (t) => {
  const release = await releaseOf('1.0.0');
  const bundle = Buffer.from('x');
  const own = {
    'plugin-abc-v1.0.0-linux-amd64.tar.gz': bundle,
    'plugin-abc-v1.0.0-linux-amd64.tar.gz.sig': signature,
    // Without a signature it counts as little as one that is not there.
    'plugin-abc-v1.0.0-windows-amd64.tar.gz': bundle,
  };
  const { github, cwd } = await makeSite(t, [
    { ...release, assets: { ...release.assets, ...own } },
  ]);
  Object.assign(
    github.store,
    inStore('-linux-amd64', '-osx-amd64', '-darwin-arm64', '-windows-amd64', '-freebsd-amd64'),
  );
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await platformsIn(cwd), {
    'linux-amd64': 'plugin-abc-v1.0.0-linux-amd64.tar.gz',
    'darwin-amd64': 'plugin-abc-v1.0.0-osx-amd64.tar.gz',
    'darwin-arm64': 'plugin-abc-v1.0.0-darwin-arm64.tar.gz',
    'windows-amd64': 'plugin-abc-v1.0.0-windows-amd64.tar.gz',
  });
  const [{ platforms, download_url }] = await readEntries(cwd);
  assert.match(platforms['linux-amd64'].download_url, /\/assets\//);
  assert.equal(
    platforms['windows-amd64'].download_url,
    `${github.url}/store/plugin-abc-v1.0.0-windows-amd64.tar.gz`,
  );
  assert.match(download_url, /\/assets\//, 'a signed bundle is taken where it is');
});

test('the case store-darwin: update takes the newer names of macOS, too', async (t) => {
  const bundle = await readFile(path.join(CASES, 'store-darwin/p-1.1.0.tar.gz'));
  const { github, cwd } = await makeSite(t, [
    { tag_name: 'v1.1.0', assets: { 'p.tar.gz': bundle } },
  ]);
  for (const name of ['darwin-amd64', 'darwin-arm64']) {
    const file = `plugin-abc-v1.1.0-${name}.tar.gz`;
    Object.assign(github.store, { [file]: 'x', [`${file}.sig`]: signature });
  }
  assert.equal((await runCatalog(update, [], { cwd })).code, 0);
  assert.deepEqual(Object.keys(await platformsIn(cwd)), ['darwin-amd64', 'darwin-arm64']);
});

test('a bundle without a signature is taken from the store, which has one', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
  const { github, cwd } = await makeSite(t, [
    { tag_name: 'v1.0.0', assets: { 'abc-1.0.0.tar.gz': bundle } },
  ]);
  Object.assign(github.store, { ...inStore(''), 'plugin-abc-v1.0.0.tar.gz': bundle });
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  const [entry] = await readEntries(cwd);
  assert.equal(entry.download_url, `${github.url}/store/plugin-abc-v1.0.0.tar.gz`);
  assert.equal(entry.signature, base64);
});

// The file that a setting chooses, whether the bundle for all comes from the store, and whether those of platforms do.
const chosen: readonly (readonly [string, boolean, boolean])[] = [
  ['abc-1.0.0.tar.gz', true, true],
  ['abc-v1.0.0.tar.gz', true, true],
  ['abc-1.0.0-linux-amd64.tar.gz', false, true],
  ['abc-1.0.0+a1-fips.tar.gz', false, false],
  ['abc-fips-1.0.0.tar.gz', false, false],
  ['abc-1.0.0-nightly.tar.gz', false, false],
  ['bundle.tar.gz', false, false],
];

for (const [name, isExchanged, hasPlatforms] of chosen) {
  test(`${name}, which a setting chooses, is ${isExchanged ? '' : 'not '}taken from the store`, async (t) => {
    const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
    const assets = { [name]: bundle, 'docs.tar.gz': bundle };
    const { github, cwd } = await makeSite(t, [{ tag_name: 'v1.0.0', assets }]);
    const files = inStore('', '-windows-amd64');
    Object.assign(github.store, { ...files, 'plugin-abc-v1.0.0.tar.gz': bundle });
    await setRows(cwd, github, [{ ...row, asset: name }]);
    const { code, stderr } = await runCatalog(update, [], { cwd });
    assert.equal(code, 0, stderr);
    const [entry] = await readEntries(cwd);
    assert.equal(entry.download_url.includes('/store/'), isExchanged);
    assert.deepEqual(Object.keys(entry.platforms), hasPlatforms ? ['windows-amd64'] : []);
  });
}

test('a build for FIPS of a version that the catalog has is not fetched', async (t) => {
  const known = { repo_name: 'plugin-abc', manifest: { id: 'abc', version: '1.0.0' } };
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0+a1-fips')], [known]);
  assert.equal((await runCatalog(update, [], { cwd })).stderr, '0 releases added\n');
  assert.equal(
    github.asked.some((line) => line.includes('/assets/')),
    false,
  );
});

// How the store fails, what is told.
const badStores: readonly (readonly [
  string,
  number | undefined,
  Readonly<Record<string, string>>,
  RegExp,
])[] = [
  ['fails', 500, {}, /answers 500/],
  ['is a sign-in page', 200, page, /gives a web page and not a signature/],
  ['refuses the connection', undefined, {}, /refuses the connection/],
];

for (const [what, status, headers, expected] of badStores) {
  test(`where the store ${what}, releases are added, with one warning`, async (t) => {
    const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0'), await releaseOf('1.1.0')]);
    const store = await startLoopback(t, (_, response) => {
      response.writeHead(status ?? 500, headers).end('<html>');
    });
    const url = status === undefined ? 'http://127.0.0.1:2' : store.url;
    const args = ['--store', url, '--github', github.url];
    const { code, stderr } = await runCatalog(update, args, { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stderr.match(/^warning: /gm)?.length, 1, stderr);
    assert.match(stderr, /^warning: the plugin store does not say what it has.*run migrate/m);
    assert.match(stderr, expected);
    assert.deepEqual(await versionsIn(cwd), ['1.1.0', '1.0.0']);
  });
}

test('the public store does not hear of what lies on another GitHub', async (t) => {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  await writeFile(
    path.join(cwd, 'marketplace.config.json'),
    JSON.stringify({ repositories: [row], github: github.url }),
  );
  const asked: string[] = [];
  const web = impatientWeb({
    fetch: (url, init) => {
      asked.push(url);
      return url.startsWith(github.url) ? fetch(url, init) : Promise.reject(new Error('elsewhere'));
    },
  });
  const { code, stderr } = await runCatalog(update, [], { cwd, web });
  assert.equal(code, 0, stderr);
  assert.deepEqual(await versionsIn(cwd), ['1.0.0']);
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(github.url)),
    [],
  );
});

test('tags with a prefix are named until a setting takes them', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
  const release = { tag_name: 'server/v1.0.0', assets: { 'abc-1.0.0.tar.gz': bundle } };
  const { github, cwd } = await makeSite(t, [release, { tag_name: 'nightly' }]);
  const first = await runCatalog(update, [], { cwd });
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^warning: .*server\/v1\.0\.0 — .*"tag": "server\/v\{version\}"/m);
  assert.match(first.stderr, /^example\/plugin-abc has tags that are no versions: nightly$/m);
  await setRows(cwd, github, [{ ...row, tag: 'server/v{version}' }]);
  const second = await runCatalog(update, [], { cwd });
  assert.equal(second.stdout, 'abc@1.0.0 is in plugins.json now\n', second.stderr);
  const third = await runCatalog(update, [], { cwd });
  assert.equal(third.stderr, '0 releases added\n');
});

test('two plugins of one repository are two rows, each with its tags', async (t) => {
  const one = await makeBundle(makeManifest('one', '1.0.0'));
  const two = await makeBundle(makeManifest('two', '1.0.0'));
  const { github, cwd } = await makeSite(t, [
    { tag_name: 'one-v1.0.0', assets: { 'one-1.0.0.tar.gz': one } },
    { tag_name: 'two-v1.0.0', assets: { 'two-1.0.0.tar.gz': two } },
  ]);
  const rows = ['one', 'two'].map((name) => ({ ...row, tag: `${name}-v{version}` }));
  await setRows(cwd, github, rows);
  const { stdout, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(
    stdout,
    'one@1.0.0 is in plugins.json now\ntwo@1.0.0 is in plugins.json now\n',
    stderr,
  );
  const before = github.asked.filter((line) => line.includes('/assets/')).length;
  const again = await runCatalog(update, [], { cwd });
  assert.equal(again.stderr, '0 releases added\n');
  const after = github.asked.filter((line) => line.includes('/assets/')).length;
  assert.equal(after, before, 'nothing is fetched again');
});

test('bundles for the cloud and for on-prem are two rows, each with its file', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
  const assets = { 'abc-cloud-1.0.0.tar.gz': bundle, 'abc-1.0.0.tar.gz': bundle };
  const { github, cwd } = await makeSite(t, [{ tag_name: 'v1.0.0', assets }]);
  await setRows(cwd, github, [
    { ...row, hosting: 'cloud', asset: 'abc-cloud-{version}.tar.gz' },
    { ...row, hosting: 'on-prem', asset: 'abc-{version}.tar.gz' },
  ]);
  const { code, stderr } = await runCatalog(update, [], { cwd });
  assert.equal(code, 0, stderr);
  const hostings = (await readEntries(cwd)).map(({ hosting }: { hosting: string }) => hosting);
  assert.deepEqual(hostings, ['cloud', 'on-prem']);
  assert.equal((await runCatalog(update, [], { cwd })).stderr, '0 releases added\n');
});

/** A catalog with abc@1.0.0 as `update` has made it and people have changed it, and GitHub with its bundle made anew. */
async function makeAnew(t: TestContext, manifest: object, changed: object, more: object = {}) {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0'), await releaseOf('1.1.0')]);
  assert.equal((await runCatalog(update, [], { cwd })).code, 0);
  const [other, entry] = await readEntries(cwd);
  const edited = { ...entry, ...changed };
  await writeFile(path.join(cwd, 'plugins.json'), JSON.stringify([other, edited]));
  const bundle = await makeBundle({ ...makeManifest('abc', '1.0.0'), ...manifest });
  const assets = {
    'plugin-abc-v1.0.0.tar.gz': bundle,
    'plugin-abc-v1.0.0.tar.gz.sig': Buffer.from('anew'),
  };
  github.repositories['example/plugin-abc'] = [{ tag_name: 'v1.0.0', assets, ...more }];
  return { github, cwd, other, edited };
}

const anew = { signature: Buffer.from('anew').toString('base64') };
const abc = makeManifest('abc', '1.0.0');

// What the bundle says now, what people changed, what the entry has then besides its signature, what is told.
const replacements: readonly (readonly [string, object, object, object, readonly RegExp[]])[] = [
  ['only its signature', {}, {}, {}, [/^ {2}signature "c2lnbmVk" -> "YW5ldw=="$/m]],
  [
    'another description',
    { description: 'New.' },
    {},
    { manifest: { ...abc, description: 'New.' } },
    [/^ {2}manifest\.description "What abc does\." -> "New\."$/m],
  ],
  [
    'what people decided',
    {},
    { hosting: 'cloud', author_type: 'partner', release_stage: 'experimental', enterprise: true },
    { hosting: 'cloud', author_type: 'partner', release_stage: 'experimental', enterprise: true },
    [],
  ],
  [
    'labels and fields that we do not know',
    {},
    { labels: [{ name: 'New' }], note: [1] },
    { labels: [{ name: 'New' }], note: [1] },
    [],
  ],
  [
    'a home page and notes that the bundle does not name',
    { homepage_url: '', release_notes_url: '' },
    { homepage_url: 'https://h.example', release_notes_url: 'https://n.example' },
    {
      homepage_url: 'https://h.example',
      release_notes_url: 'https://n.example',
      manifest: { ...abc, homepage_url: '', release_notes_url: '' },
    },
    [/manifest\.homepage_url "https:\/\/example\.com\/abc" -> ""/],
  ],
  [
    'a home page that the bundle names otherwise',
    {},
    { homepage_url: 'https://h.example' },
    { homepage_url: 'https://example.com/abc' },
    [/^ {2}homepage_url "https:\/\/h\.example" -> "https:\/\/example\.com\/abc"$/m],
  ],
  [
    'an icon that the bundle lacks',
    { icon_path: '' },
    { icon_data: 'data:image/png;base64,AA==' },
    { icon_data: 'data:image/png;base64,AA==', manifest: { ...abc, icon_path: '' } },
    [],
  ],
  [
    'a raised min_server_version',
    { min_server_version: '9.1.0' },
    { manifest: { ...abc, min_server_version: '9.5.0' } },
    { manifest: { ...abc, min_server_version: '9.5.0' } },
    [/^ {2}manifest\.min_server_version stays "9\.5\.0", above the bundle's "9\.1\.0"$/m],
  ],
  [
    'a min_server_version that the bundle raises',
    { min_server_version: '9.6.0' },
    { manifest: { ...abc, min_server_version: '9.5.0' } },
    { manifest: { ...abc, min_server_version: '9.6.0' } },
    [/^ {2}manifest\.min_server_version "9\.5\.0" -> "9\.6\.0"$/m],
  ],
  [
    'a platform that is gone',
    {},
    { platforms: { 'linux-amd64': { download_url: 'https://p.example', signature: 'c2ln' } } },
    { platforms: {} },
    [/^ {2}platforms\.linux-amd64 \{.*\} -> nothing$/m],
  ],
];

for (const [what, manifest, changed, expected, told] of replacements) {
  test(`an entry is built anew with ${what}`, async (t) => {
    const { cwd, other, edited } = await makeAnew(t, manifest, changed);
    const { code, stdout, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await readEntries(cwd), [other, { ...edited, ...anew, ...expected }]);
    assert.match(stdout, /^abc@1\.0\.0 is built anew in plugins\.json$/m);
    for (const line of told) assert.match(stdout, line);
  });
}

test('fields of a platform that we do not know stay when an entry is built anew', async (t) => {
  const platforms = { 'linux-amd64': { download_url: 'https://p.example', signature: '', x: 1 } };
  const { github, cwd } = await makeAnew(t, {}, { platforms });
  Object.assign(github.store, inStore('-linux-amd64'));
  const { code, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
  assert.equal(code, 0, stderr);
  assert.deepEqual((await readEntries(cwd))[1].platforms['linux-amd64'], {
    download_url: `${github.url}/store/plugin-abc-v1.0.0-linux-amd64.tar.gz`,
    signature: base64,
    x: 1,
  });
});

test('entries of a version for each hosting are built anew, each of its own file', async (t) => {
  const bundle = await makeBundle(makeManifest('abc', '1.0.0'));
  const assets = { 'abc-cloud-1.0.0.tar.gz': bundle, 'abc-1.0.0.tar.gz': bundle };
  const { github, cwd } = await makeSite(t, [{ tag_name: 'v1.0.0', assets }]);
  await setRows(cwd, github, [
    { ...row, hosting: 'cloud', asset: 'abc-cloud-{version}.tar.gz' },
    { ...row, hosting: 'on-prem', asset: 'abc-{version}.tar.gz' },
  ]);
  await runCatalog(update, [], { cwd });
  const before = await readEntries(cwd);
  const { code, stdout, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, 'abc@1.0.0 is as it was in plugins.json\n'.repeat(2));
  assert.deepEqual(await readEntries(cwd), before);
});

test('what is odd about a bundle is told when it is added or built anew, and not without', async (t) => {
  const manifest = makeManifest('abc', '1.0.0', { icon_path: 'assets/other.svg' });
  const release = await releaseOf('1.0.0', {
    assets: { 'a.tar.gz': await makeBundle(manifest), 'a.tar.gz.sig': signature },
  });
  const { cwd } = await makeSite(t, [release]);
  for (const [args, isTold] of [
    [[], true],
    [[], false],
    [['--replace', 'abc@1.0.0'], true],
  ] as const) {
    const { code, stderr } = await runCatalog(update, args, { cwd });
    assert.equal(code, 0, stderr);
    const told = /^warning: http.*\/a\.tar\.gz lacks its icon, "assets\/other\.svg"/m.test(stderr);
    assert.equal(told, isTold, stderr);
  }
});

test('an entry whose new bundle no server starts stays as it is', async (t) => {
  const { github, cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  await runCatalog(update, [], { cwd });
  const before = await readEntries(cwd);
  const broken = await makeBundle(makeManifest('abc', '1.0.0'), ['linux-amd64']);
  github.repositories['example/plugin-abc'] = [
    await releaseOf('1.0.0', { assets: { 'a.tar.gz': broken } }),
  ];
  const { code, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /abc@1\.0\.0 cannot be built anew: .*lacks its program/s);
  assert.deepEqual(await readEntries(cwd), before);
});

test('an entry that is built anew of the same bundle is as it was', async (t) => {
  const { cwd } = await makeSite(t, [await releaseOf('1.0.0')]);
  await runCatalog(update, [], { cwd });
  const before = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
  const args = ['--replace', 'abc@1.0.0', '--json'];
  const { code, stdout } = await runCatalog(update, args, { cwd });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    replaced: [{ name: 'abc@1.0.0', changes: [] }],
    failures: [],
    warnings: [],
  });
  assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), before);
});

// When GitHub says the release was published, and its files uploaded; the date of the entry that is built anew.
const dates: readonly (readonly [string, string, string])[] = [
  ['2024-01-01T00:00:00Z', '2024-02-01T00:00:00Z', '2024-02-01T00:00:00Z'],
  ['2024-01-02T00:00:00Z', '2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'],
];

for (const [published_at, uploaded_at, expected] of dates) {
  test(`published ${published_at} and uploaded ${uploaded_at}, an entry is of ${expected}`, async (t) => {
    const { cwd } = await makeAnew(t, {}, {}, { published_at, uploaded_at });
    const { code, stderr } = await runCatalog(update, ['--replace', 'abc@1.0.0'], { cwd });
    assert.equal(code, 0, stderr);
    assert.equal((await readEntries(cwd))[1].updated_at, expected);
  });
}

// What is to be replaced, what people changed, GitHub's release, what is told.
const unreplaceable: readonly (readonly [string, object, object, RegExp])[] = [
  ['abc@2.0.0', {}, {}, /abc@2\.0\.0 is not in the catalog: update without --replace/],
  ['abc', {}, {}, /abc is not in the catalog/],
  [
    'abc@1.0.0',
    { repo_name: 'other' },
    {},
    /has the repo_name "other", and the settings name no such/,
  ],
  ['abc@1.0.0', { repo_name: '' }, {}, /has the repo_name ""/],
  ['abc@1.0.0', {}, { tag_name: 'v3.0.0' }, /has no release in example\/plugin-abc any more/],
  ['abc@1.0.0', {}, { assets: {} }, /example\/plugin-abc v1\.0\.0 has no files/],
  ['abc@1.0.0', {}, { assets: { 'a.tar.gz': bundle, 'b.tar.gz': bundle } }, /has several bundles/],
  [
    'abc@1.0.0',
    {},
    { assets: { 'a.tar.gz': bundle } },
    /holds version 2\.0\.0, and the tag is v1\.0\.0/,
  ],
  [
    'abc@1.0.0',
    {},
    { assets: { 'a.tar.gz': await makeBundle(makeManifest('xyz', '1.0.0')) } },
    /is xyz@1\.0\.0 in the bundle of example\/plugin-abc v1\.0\.0/,
  ],
];

for (const [name, changed, release, expected] of unreplaceable) {
  test(`--replace ${name} is refused: ${expected.source}`, async (t) => {
    const { cwd } = await makeAnew(t, {}, changed, release);
    const before = await readFile(path.join(cwd, 'plugins.json'), 'utf8');
    const { code, stderr } = await runCatalog(update, ['--replace', name], { cwd });
    assert.equal(code, 1);
    assert.match(stderr, expected);
    assert.equal(await readFile(path.join(cwd, 'plugins.json'), 'utf8'), before);
  });
}

test('--replace and --pre-releases contradict each other', async (t) => {
  const { cwd } = await makeSite(t, []);
  const args = ['--replace', 'abc@1.0.0', '--pre-releases'];
  const { code, stderr } = await runCatalog(update, args, { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /--replace and --pre-releases contradict/);
});

async function readFolder(folder: string): Promise<string> {
  const names = await readdir(folder);
  assert.ok(names.length > 0);
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.join('\n');
}
