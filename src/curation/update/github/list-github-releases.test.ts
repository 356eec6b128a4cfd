import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../../test/engines/loopback-server.ts';
import { makeFolder } from '../../../../test/make-folder.ts';
import { UserError } from '../../../lib/errors.ts';
import { type FakeRelease, releaseOf, startGithub } from './fixture-github.ts';
import { githubFetch } from './github-fetch.ts';
import { listGithubReleases } from './list-github-releases.ts';

const REPO = 'example/plugin-abc';
const TOKEN = 'ghp_secret0123456789';
const NOW = new Date('2024-05-17T12:00:00Z');
const V1 = await releaseOf('1.0.0');

/** GitHub, and its releases as `update` asks for them; neither errors nor reports may contain the token. */
async function setUp(t: TestContext, releases: readonly FakeRelease[] = [V1]) {
  const github = await startGithub(t, { [REPO]: releases });
  const cache = await makeFolder(t);
  const waitsSeconds: number[] = [];
  const reported: string[] = [];
  const fetch = githubFetch({
    web: impatientWeb({ sleep: async (ms) => waitsSeconds.push(ms / 1000) }),
    origin: github.url,
    cacheFolder: cache,
    now: () => NOW,
    report: (line) => reported.push(line),
  });
  const list = async () => {
    const listed = await listGithubReleases(REPO, { github: github.url, token: TOKEN, fetch });
    return listed.map(({ tag }) => tag);
  };
  const assertRefused = async (expected: RegExp) => {
    await assert.rejects(list(), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message + reported, /ghp_/);
      return true;
    });
  };
  /** Changes every answer that is kept. */
  const changeKept = async (change: (kept: Record<string, unknown>) => unknown) => {
    for (const name of await readdir(cache)) {
      const file = path.join(cache, name);
      const kept = await readFile(file, 'utf8');
      assert.doesNotMatch(kept, /ghp_/);
      await writeFile(file, JSON.stringify(change(JSON.parse(kept))));
    }
  };
  return { github, list, assertRefused, changeKept, waitsSeconds, reported };
}

test('all pages are listed, without drafts; the second time GitHub only confirms them', async (t) => {
  const versions = ['1.3.0', '1.2.0', '1.1.0', '1.0.0'];
  const releases = await Promise.all(versions.map((version) => releaseOf(version)));
  const { github, list } = await setUp(t, [await releaseOf('2.0.0', { draft: true }), ...releases]);
  const tags = versions.map((version) => `v${version}`);
  assert.deepEqual(await list(), tags);
  assert.equal(github.unchanged, 0);
  assert.deepEqual(await list(), tags);
  assert.deepEqual([github.unchanged, github.asked.length], [2, 4], 'both pages');
  for (const { headers } of github.requests) assert.equal(headers.authorization, `token ${TOKEN}`);
  github.repositories[REPO] = [await releaseOf('1.4.0'), ...releases];
  assert.deepEqual(await list(), ['v1.4.0', ...tags]);
});

test('of all pages together no more is read than is allowed', async () => {
  const allowed: number[] = [];
  const listing = listGithubReleases(REPO, {
    github: 'http://h',
    token: '',
    fetch: async (_url, { mostBytes }) => {
      allowed.push(mostBytes);
      const headers = { 'content-type': 'application/json', 'content-length': String(2 ** 26) };
      const link = allowed.length < 3 ? { link: '<http://h/next>; rel="next"' } : {};
      return new Response('[]', { headers: { ...headers, ...link } });
    },
  });
  assert.deepEqual(await listing, []);
  assert.deepEqual(allowed, [2 ** 28, 2 ** 28 - 2 ** 26, 2 ** 28 - 2 ** 27]);
});

test('a list without end is given up', async (t) => {
  const { github, assertRefused } = await setUp(t);
  let page = 0;
  github.intercept = (_, response) => {
    const link = `<${github.url}/repos/x?page=${++page}>; rel="next"`;
    response.writeHead(200, { ...JSON_TYPE, link }).end('[]');
    return true;
  };
  await assertRefused(/\/repos\/x\?… is a page more than the 100 allowed/);
  assert.equal(page, 100);
});

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;
type Headers = Readonly<Record<string, string>>;

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html' };

const answer =
  (
    status: number,
    headers: Headers = {},
    body: string | Buffer = `{"message": "${TOKEN}"}`,
  ): Answer =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
    return true;
  };
const cut: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': 1000 }).write('[', () => response.destroy());
  return true;
};
/** Each of the answers once, then those of GitHub. */
const first = (...answers: Answer[]): Answer => {
  const left = [...answers];
  return (request, response) => left.shift()?.(request, response) ?? false;
};
const limitEnds = (inSeconds: number) => ({
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': String(NOW.getTime() / 1000 + inSeconds),
});

// GitHub's first answers, the waits in seconds, the lines reported.
const passing: readonly (readonly [Answer, number[], string[]])[] = [
  [first(answer(403, limitEnds(90))), [91], ["GitHub's rate limit is used up: waiting 91 s"]],
  [first(answer(429, limitEnds(30))), [31], ["GitHub's rate limit is used up: waiting 31 s"]],
  [
    first(answer(403, { 'retry-after': '7' })),
    [7],
    ["GitHub's rate limit is used up: waiting 7 s"],
  ],
  [first(answer(502), cut), [0.001, 0.001], []],
];

for (const [i, [intercept, waits, lines]] of passing.entries()) {
  test(`what passes is waited out: ${lines[0] ?? 'a server error, then a connection that is cut'}, ${i}`, async (t) => {
    const { github, list, waitsSeconds, reported } = await setUp(t);
    github.intercept = intercept;
    assert.deepEqual(await list(), ['v1.0.0']);
    assert.deepEqual([waitsSeconds, reported], [waits, lines]);
  });
}

const toPortal: Answer = (request, response) =>
  request.url === '/portal'
    ? answer(200, HTML_TYPE, '<html>sign in</html>')(request, response)
    : answer(302, { location: '/portal' })(request, response);
const LATER = /GitHub refuses to list example\/plugin-abc now/;

// What comes instead of the list, how, the error message.
const refusals: readonly (readonly [string, Answer, RegExp])[] = [
  ['401', answer(401), /GitHub refuses the token: put a valid one into GITHUB_TOKEN/],
  ['403', answer(403), LATER],
  ['404', answer(404), /GitHub knows no repository example\/plugin-abc/],
  ['500 again and again', answer(500), /\/repos\/example\/plugin-abc\/releases\?… answers 500/],
  ['a connection that is cut again and again', cut, /cut the connection/],
  ['a limit that lasts for days', answer(403, limitEnds(1e6)), LATER],
  ['a limit that lasts for two hours', answer(429, limitEnds(7200)), LATER],
  ['a wait for a day', answer(403, { 'retry-after': '86400' }), LATER],
  ['a limit that never ends', answer(429, limitEnds(1)), LATER],
  [
    'a page called JSON',
    answer(200, JSON_TYPE, '<html>'),
    /else .*application\/json, it begins with "<html>"/,
  ],
  ['a page without a type', answer(200, {}, '<html>'), /something else .*no content type/],
  ['a page elsewhere', toPortal, /a web page .*: http:\/\/127\.0\.0\.1:\d+\/portal answered 200/],
  [
    'an object',
    answer(200, JSON_TYPE, '{"message":"x"}'),
    /it begins with "\{\\"message\\":\\"x\\"\}"/,
  ],
  ['null', answer(200, JSON_TYPE, 'null'), /it begins with "null"/],
  ['nothing', answer(200, JSON_TYPE, ''), /answered 200, application\/json, an empty body/],
  ['half a list', answer(200, JSON_TYPE, '[{"tag_name":'), /not a list of releases/],
  ['a long page', answer(200, HTML_TYPE, 'x'.repeat(9999)), /it begins with "x{80}…"/],
  [
    'what terminals obey',
    answer(200, HTML_TYPE, '\u001b[2J\u009b2J\u202e'),
    /"\\u001b\[2J\\u\{9b\}2J\\u\{202e\}"/,
  ],
  ['bytes', answer(200, HTML_TYPE, Buffer.from([0, 255, 254])), /"\\u0000/],
  ['the token', answer(200, HTML_TYPE, `no, ${TOKEN}`), /it begins with "no, …"/],
  ['a list of numbers', answer(200, JSON_TYPE, '[1]'), /something else than releases: \[0\]/],
  ['a list of null', answer(200, JSON_TYPE, '[null]'), /something else than releases: \[0\]/],
  [
    'a list of others',
    answer(200, JSON_TYPE, '[{"tag_name": 1}]'),
    /than releases: \[0\]\.tag_name/,
  ],
  ['releases without files', answer(200, JSON_TYPE, '[{"tag_name": "v1.0.0"}]'), /\[0\]\.assets/],
  ['404 with a page', answer(404, HTML_TYPE), /answers 404 Not Found, with a web page — check/],
  ['403 with a page', answer(403, HTML_TYPE), /answers 403 Forbidden, with a web page — check/],
  ['401 with a page', answer(401, HTML_TYPE), /answers 401 Unauthorized, with a web page/],
  ['407', answer(407, HTML_TYPE), /cannot be asked: a proxy seems to want a sign-in \(407\)/],
  ['511', answer(511, HTML_TYPE), /answers 511 .*, with a web page — check/],
];

for (const [what, intercept, expected] of refusals) {
  test(`${what} instead of GitHub's list is an error, and not kept`, async (t) => {
    const { github, list, assertRefused, waitsSeconds } = await setUp(t);
    github.intercept = intercept;
    await assertRefused(expected);
    assert.ok(
      Math.max(0, ...waitsSeconds) <= 65 * 60,
      'no wait is longer than the hour of a limit',
    );
    github.intercept = () => false;
    assert.deepEqual(await list(), ['v1.0.0']);
  });
}

// The URL given for the next page, by the addresses of GitHub and of another server.
const elsewhere: Readonly<Record<string, (own: string, other: string) => string>> = {
  'on another port': (_, other) => other,
  'on another host': (own) => own.replace('127.0.0.1', 'localhost'),
  'on another host of a like name': (own) => own.replace('127.0.0.1', '127.0.0.1.example'),
  'by another scheme': (own) => own.replace('http:', 'https:'),
  'in a file': () => 'file://',
  'behind a password': (own) => own.replace('//', '//a:b@'),
};

for (const [where, to] of Object.entries(elsewhere)) {
  for (const isKept of [false, true]) {
    test(`a next page ${where} is not asked for, by ${isKept ? 'a kept answer' : 'GitHub'}`, async (t) => {
      const other = await startLoopback(t, (_, response) => response.end('[]'));
      const { github, list, assertRefused, changeKept } = await setUp(t);
      const link = `<${to(github.url, other.url)}/next>; rel="next"`;
      await list();
      if (isKept) await changeKept((kept) => ({ ...kept, link }));
      else github.intercept = answer(200, { ...JSON_TYPE, link }, '[]');
      await assertRefused(/\/next .*is not asked: only http:\/\/127\.0\.0\.1:\d+ may be/);
      assert.deepEqual(other.asked, [], 'nobody else hears of it');
    });
  }
}

// What the cache holds instead of an answer.
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
  test(`a kept answer that was made ${damage} is not used`, async (t) => {
    const { github, list, changeKept } = await setUp(t);
    await list();
    await changeKept(damage);
    assert.deepEqual(await list(), ['v1.0.0']);
    assert.equal(github.unchanged, 0);
  });
}
