import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { impatientWeb } from '../../test/engines/loopback-server.ts';
import { makeFolder } from '../../test/make-folder.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { Web } from '../lib/http/web.ts';
import {
  PUBLISHER,
  pinned,
  NOW as SIGNED_NOW,
  STRANGER,
  signText,
  statementOf,
} from '../signatures/fixture-statement.ts';
import { recordFirstSeen } from './first-seen.ts';
import { parseLock, renderLock } from './lock.ts';
import { LOCK_FILE, readUpstream } from './read-upstream.ts';

const url = 'https://example.com';
const fetchedAt = '2024-05-17T00:00:00.000Z';

const entries = (version: string) => JSON.stringify([{ manifest: { id: 'abc', version } }]);
const catalog = (version: string) => parseCatalog(entries(version), 'test.json').releases;

const answering = (version: string) =>
  impatientWeb({ fetch: async () => new Response(entries(version)) });

const down = impatientWeb({
  fetch: async () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    throw new TypeError('fetch failed', { cause });
  },
});

const unasked = impatientWeb({ fetch: async () => assert.fail('the marketplace is not asked') });

/** A folder, perhaps with a lock in it, and what reads the upstream there. */
async function makeProject(t: TestContext, lock?: string) {
  const folder = await makeFolder(t);
  const lockPath = path.join(folder, LOCK_FILE);
  if (lock !== undefined) await writeFile(lockPath, lock);
  const read = async (web: Web, isRefresh: boolean, at = fetchedAt, minAgeDays = 0) => {
    const result = await readUpstream({
      url,
      lockPath,
      isRefresh,
      isReported: (id) => id !== 'denied',
      minAgeDays,
      web,
      now: () => new Date(at),
    });
    return { ...result, versions: result.releases.map(({ manifest }) => manifest.version) };
  };
  return { folder, lockPath, read };
}

const seen = (version: string, at: string) => recordFirstSeen(catalog(version), new Date(at));

const kept = renderLock({
  ...{ url, fetchedAt, releases: catalog('1.0.0') },
  firstSeen: seen('1.0.0', fetchedAt),
});

test('what is fetched first is kept, and from then on used as it is', async (t) => {
  const { folder, lockPath, read } = await makeProject(t);
  assert.deepEqual((await read(answering('1.0.0'), false)).versions, ['1.0.0']);
  assert.equal(await readFile(lockPath, 'utf8'), kept, 'the same fetch makes the same bytes');
  assert.deepEqual(await readdir(folder), [LOCK_FILE], 'nothing else is left there');
  assert.deepEqual((await read(unasked, false)).versions, ['1.0.0']);
});

test('it is fetched anew when asked to', async (t) => {
  const { lockPath, read } = await makeProject(t, kept);
  const later = '2024-06-01T00:00:00.000Z';
  const { versions, warnings } = await read(answering('2.0.0'), true, later);
  assert.deepEqual([versions, warnings], [['2.0.0'], []]);
  const lock = parseLock(await readFile(lockPath, 'utf8'), LOCK_FILE);
  assert.deepEqual(lock, {
    url,
    fetchedAt: later,
    etag: undefined,
    releases: catalog('2.0.0'),
    firstSeen: { ...seen('1.0.0', fetchedAt), ...seen('2.0.0', later) },
    warnings: [],
  });
});

test('a catalog that has not changed is not fetched again, and counts as fetched', async (t) => {
  const { lockPath, read } = await makeProject(t);
  const sent: (string | null)[] = [];
  const web = impatientWeb({
    fetch: async (_, init) => {
      const tag = new Headers(init?.headers).get('if-none-match');
      sent.push(tag);
      if (tag === '"one"') return new Response(null, { status: 304 });
      return new Response(entries('1.0.0'), { headers: { etag: '"one"' } });
    },
  });
  const first = await read(web, false);
  const later = '2024-06-01T00:00:00.000Z';
  const again = await read(web, true, later);
  assert.deepEqual(again, { ...first, fetchedAt: later });
  assert.deepEqual(sent, [null, '"one"']);
  const releases = catalog('1.0.0');
  const firstSeen = seen('1.0.0', fetchedAt);
  const lock = { url, fetchedAt: later, etag: '"one"', releases, firstSeen };
  assert.equal(await readFile(lockPath, 'utf8'), renderLock(lock));
  await writeFile(lockPath, renderLock({ ...lock, url: 'https://example.org' }));
  await read(web, true);
  assert.equal(sent.at(-1), null, 'the tag of another marketplace is not sent');
});

// The time of the attempt, the age in the warning.
const ages: readonly [string, string][] = [
  ['2024-05-17T00:59:00Z', '0 hours'],
  ['2024-05-18T05:00:00Z', '29 hours'],
  ['2024-05-27T12:00:00Z', '10 days'],
  ['2024-05-16T12:00:00Z', '0 hours'],
];

for (const [at, age] of ages) {
  test(`where it cannot be fetched anew, what is kept goes on, ${age} old`, async (t) => {
    const { lockPath, read } = await makeProject(t, kept);
    const { versions, warnings } = await read(down, true, at);
    assert.deepEqual(versions, ['1.0.0']);
    assert.deepEqual(
      warnings.map(({ level, message }) => [level, message]),
      [
        [
          'warning',
          `refuses the connection; the catalog kept in ${LOCK_FILE} is used, which is ${age} old`,
        ],
      ],
    );
    assert.equal(await readFile(lockPath, 'utf8'), kept);
  });
}

test('without a kept catalog, a failed fetch is an error', async (t) => {
  const { folder, read } = await makeProject(t);
  await assert.rejects(read(down, false), /refuses the connection/);
  await assert.rejects(
    read(impatientWeb({ fetch: async () => new Response('[{}]') }), false),
    /\[0\] manifest: is missing: left out/,
  );
  assert.deepEqual(await readdir(folder), [], 'what cannot be used is not kept');
});

const edited = kept.replace('"1.0.0"', '"1.0.1"');

// The lock, the error message.
const broken: readonly [string, RegExp][] = [
  ['', /is empty/],
  [kept.slice(0, kept.indexOf('[')), /a value is missing/],
  ['[]', /:1:1: \[\] .*expected object, received array/],
  ['null', /:1:1: null .*expected object/],
  ['{"__proto__": {}}', /url: .*expected string/],
  [kept.replace('"url": ', '"url": "https://example.org", "url": '), /url: appears twice/],
  [kept.replace('"manifest"', '"manifest": {}, "manifest"'), /manifest: appears twice/],
  [kept.replace('"sha256"', '"sha256": 1, "\\u0073ha256"'), /sha256: appears twice/],
  [kept.replace(/"releases": \[/, '"releases": {}, "x": ['), /releases: \{\} .*expected array/],
  [kept.replace(fetchedAt, '9999-12-31T23:59:60Z'), /fetchedAt: "9999.*" is not a date/],
  [kept.replace(fetchedAt, '0000-01-01T00:00:00Z'), /fetchedAt: "0000.*" is not a date/],
  [kept.replace(fetchedAt, '2024'), /fetchedAt: "2024" is not a date and time/],
  [kept.replace('"sha256"', '"etag": "a\\nb", "sha256"'), /etag: "a\\nb" is not an entity tag/],
  [edited, /changed by hand/],
  [kept.replace(/("abc@1\.0\.0 \w+": ")2024/, '$12020'), /changed by hand/],
  [kept.replace('2024', 'about'), /fetchedAt: "about.*" is not a date and time/],
  [
    kept.replace(url, 'https://example.org'),
    /is of https:\/\/example\.org, not of https:\/\/example\.com/,
  ],
];

for (const [text, message] of broken) {
  test(`what is kept is refused where it ${message.source}, until it is fetched anew`, async (t) => {
    const { lockPath, read } = await makeProject(t, text);
    await assert.rejects(read(unasked, false), (error) => {
      assert.match(String(error), message);
      assert.match(
        String(error),
        /^UserError: .*(?:\n {2}marketplace\.upstream\.json\b.*--refresh)+$/,
      );
      return true;
    });
    assert.equal(await readFile(lockPath, 'utf8'), text, 'it is left as it is');
    await assert.rejects(read(down, true), /refuses the connection/, 'nor is it used');
    assert.deepEqual((await read(answering('2.0.0'), true)).versions, ['2.0.0']);
  });
}

test('a lock that cannot be written is reported, and leaves no file', async (t) => {
  const { folder, lockPath, read } = await makeProject(t);
  await mkdir(path.join(lockPath, 'in-the-way'), { recursive: true });
  await assert.rejects(
    read(answering('1.0.0'), true),
    /marketplace\.upstream\.json cannot be written/,
  );
  assert.deepEqual(await readdir(folder), [LOCK_FILE]);
});

test('a lock keeps releases as they are, whatever they contain', () => {
  const releases = parseCatalog(
    '[{"manifest":{"id":"abc","version":"1.0.0","__proto__":{"2":1,"1":2},"n":1.5},"x":null,"labels":[{"name":"L"}]}]',
    'test.json',
  ).releases;
  const lock = { url, fetchedAt, releases, firstSeen: recordFirstSeen(releases, new Date(0)) };
  assert.equal(renderLock(parseLock(renderLock(lock), LOCK_FILE)), renderLock(lock));
});

// A body answered with 200, the warning.
const nothing: readonly [string, RegExp][] = [
  ['', /an empty body/],
  ['null', /it begins with "null"/],
  ['[]', /lists no plugin/],
  ['[null]', /lists no plugin/],
  ['{}', /it begins with "\{\}"/],
  ['<!doctype html>', /it begins with "<!doctype html>"/],
  [entries('2.0.0').slice(0, -5), /is not whole/],
];

for (const [body, message] of nothing) {
  test(`an upstream that answers ${body || 'nothing'} takes nothing away`, async (t) => {
    const web = impatientWeb({ fetch: async () => new Response(body) });
    const { lockPath, read } = await makeProject(t, kept);
    const { versions, warnings } = await read(web, true);
    assert.deepEqual(versions, ['1.0.0']);
    assert.match(warnings[0]?.message ?? '', message);
    for (const { missing, message } of warnings) {
      assert.match(message, /; the catalog kept in marketplace\.upstream\.json is used/);
      assert.equal(missing, 'refresh', 'with --strict, it is an error');
    }
    assert.equal(await readFile(lockPath, 'utf8'), kept);
    const { folder, read: readFirst } = await makeProject(t);
    await assert.rejects(readFirst(web, false), message);
    assert.deepEqual(await readdir(folder), [], 'where nothing is kept, nothing is written');
  });
}

/** Releases of plugins: `a1 a2 b1`. */
const list = (names: string) =>
  JSON.stringify(
    names.split(' ').map((name) => ({ manifest: { id: name[0], version: `${name[1]}.0.0` } })),
  );

// The kept catalog, what the upstream has now, whether it lost most of it.
const losses: readonly [string, string, boolean][] = [
  ['a1 b1 c1', 'a1', true],
  ['a1 b1 c1', 'a1 x1 y1 z1', true],
  ['a1 a2 a3', 'a3', true],
  ['a1 b1', 'a1', false],
  ['a1 b1 c1', 'a2 b2 c2', false],
  ['a1', 'a1 b1', false],
];

for (const [before, after, isLoss] of losses) {
  test(`from ${before} to ${after}, ${isLoss ? 'most' : 'not most'} is lost`, async (t) => {
    const { releases } = parseCatalog(list(before), 'test.json');
    const { read } = await makeProject(t, renderLock({ url, fetchedAt, releases }));
    const web = impatientWeb({ fetch: async () => new Response(list(after)) });
    const { warnings, releases: now } = await read(web, true);
    assert.deepEqual(now, parseCatalog(list(after), 'test.json').releases);
    assert.deepEqual(
      warnings.map(({ message }) => /^had \d releases of/.test(message)),
      isLoss ? [true] : [],
    );
  });
}

test('entries passed on are reported at each build, those left out only when fetched', async (t) => {
  const body = JSON.stringify([
    { manifest: { id: 'abc', version: '1.0.0' } },
    { manifest: { id: 'passed', version: '1.0.0' }, homepage_url: 'x' },
    { manifest: { id: 'left-out', version: '1.0' } },
    { manifest: { id: 'denied', version: '1.0' } },
    { manifest: { id: 'denied', version: '1.0.0' }, homepage_url: 'x' },
  ]);
  const { read } = await makeProject(t);
  const reported = ({ warnings }: { warnings: readonly { path?: string }[] }) =>
    warnings.map(({ path }) => path);
  const fetched = await read(impatientWeb({ fetch: async () => new Response(body) }), false);
  assert.deepEqual(reported(fetched), [
    'passed@1.0.0 homepage_url',
    'left-out@1.0 manifest.version',
  ]);
  const again = await read(unasked, false);
  assert.deepEqual(reported(again), ['passed@1.0.0 homepage_url']);
  assert.deepEqual(again.releases, fetched.releases);
});

/** A marketplace whose publisher signs, and a project that pins the key. */
async function pinProject(t: TestContext, lock?: string) {
  const project = await makeProject(t, lock);
  const { lockPath } = project;
  const signed = (version: string, more: object = {}) =>
    signText(statementOf(entries(version), { site: url, ...more }));
  const serving = (version: string, statement: string) =>
    impatientWeb({
      fetch: async (address) =>
        new Response(String(address).endsWith('/signed.json') ? statement : entries(version)),
    });
  const read = (web: Web, isRefresh: boolean, keys = pinned(PUBLISHER)) =>
    readUpstream({
      ...{
        url,
        lockPath,
        isRefresh,
        isReported: () => true,
        minAgeDays: 0,
        web,
        now: () => SIGNED_NOW,
      },
      keys,
    });
  return { lockPath, signed, serving, read };
}

test('what is signed is kept with its counter, which from then on only grows', async (t) => {
  const { lockPath, signed, serving, read } = await pinProject(t);
  const versionOf = async (reading: ReturnType<typeof read>) =>
    (await reading).releases[0]?.manifest.version;
  assert.equal(await versionOf(read(serving('1.0.0', await signed('1.0.0')), false)), '1.0.0');
  const kept = await readFile(lockPath, 'utf8');
  const [key] = pinned(PUBLISHER);
  assert.deepEqual(parseLock(kept, LOCK_FILE).signed, {
    snapshot: statementOf(entries('1.0.0')).snapshot,
    catalog: statementOf(entries('1.0.0')).catalog,
    counter: 5,
    expires: statementOf('').expires,
    key: key?.key.fingerprint,
  });
  assert.equal(await versionOf(read(unasked, false)), '1.0.0');
  const replayed = serving('0.9.0', await signed('0.9.0', { counter: 4 }));
  const { releases, warnings } = await read(replayed, true);
  assert.equal(releases[0]?.manifest.version, '1.0.0');
  assert.match(
    warnings[0]?.message ?? '',
    /counter 4, and 5 was seen before.*; the catalog kept in marketplace\.upstream\.json is used/,
  );
  assert.equal(warnings[0]?.missing, 'refresh', 'with --strict, it is an error');
  assert.equal(await readFile(lockPath, 'utf8'), kept);
  const next = serving('2.0.0', await signed('2.0.0', { counter: 6 }));
  assert.equal(await versionOf(read(next, true)), '2.0.0');
});

test('what was fetched without the pinned key is not used, until it is fetched anew', async (t) => {
  const { lockPath, signed, serving, read } = await pinProject(t, kept);
  const unsigned = /was fetched without a signature by such a key .*--refresh/;
  await assert.rejects(read(unasked, false), unsigned);
  const bad = serving('6.6.6', '{"signed":null}');
  await assert.rejects(read(bad, true), /not signed/, 'what is kept is no better');
  assert.equal(await readFile(lockPath, 'utf8'), kept);
  await read(serving('1.0.0', await signed('1.0.0')), true);
  assert.equal((await read(unasked, false)).releases.length, 1);
  await assert.rejects(read(unasked, false, pinned(STRANGER)), unsigned);
});

test('the file names what waits for its age, and what does no longer', async (t) => {
  const { lockPath, read } = await makeProject(t, kept);
  const waiting = async () => JSON.parse(await readFile(lockPath, 'utf8')).waiting;
  await read(answering('2.0.0'), true, '2024-06-01T00:00:00Z', 7);
  assert.deepEqual(await waiting(), { 'abc@2.0.0': '2024-06-08T00:00:00.000Z' });
  await read(unasked, false);
  await read(answering('2.0.0'), true, '2024-06-08T00:00:00Z', 7);
  assert.equal(await waiting(), undefined);
  await read(answering('3.0.0'), true, '2024-06-09T00:00:00Z', 0);
  assert.equal(await waiting(), undefined);
});
