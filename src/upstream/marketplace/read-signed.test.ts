import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { impatientWeb, startLoopback } from '../../../test/engines/loopback-server.ts';
import { formatReleases } from '../../catalog/format-catalog.ts';
import { parseCatalog } from '../../catalog/parse-catalog.ts';
import { digestOf } from '../../lib/digests.ts';
import { UserError } from '../../lib/errors.ts';
import {
  EXPIRED,
  inDays,
  PUBLISHER,
  pinned,
  STRANGER,
  signText,
  statementOf,
} from '../../signatures/fixture-statement.ts';
import type { Statement } from '../../signatures/statement.ts';
import { type ReadCatalog, readMarketplace } from './read-marketplace.ts';

const catalogOf = (version: string) =>
  formatReleases(
    parseCatalog(JSON.stringify([{ manifest: { id: 'abc', version } }]), 'test.json').releases,
  );

const [OLD, NEW, HOSTILE] = ['1.0.0', '2.0.0', '6.6.6'].map(catalogOf) as [string, string, string];

/** What a marketplace hands out; a text or what its requests get in turn. */
interface HandedOut {
  signed: string | string[];
  catalog: string | string[];
  /** Whether the tag of `/signed.json` stays the same, as on a host that names snapshots by tags. */
  tag?: string;
}

/** A marketplace, what it is asked, and somebody who has pinned a key. */
async function start(t: TestContext, first: HandedOut) {
  const state = { ...first };
  const next = (texts: string | string[]) =>
    typeof texts === 'string' ? texts : ((texts.length > 1 ? texts.shift() : texts[0]) ?? '');
  const server = await startLoopback(t, ({ url, headers }, response) => {
    const name = { '/signed.json': 'signed', '/catalog.json': 'catalog' }[url ?? ''];
    const text = name === undefined ? '' : next(state[name as 'signed' | 'catalog']);
    if (text === '') return response.writeHead(404).end();
    const tag = (name === 'signed' && state.tag) || digestOf(text).slice(0, 8);
    const etag = `"${tag}"`;
    if (headers['if-none-match'] === etag) return response.writeHead(304).end();
    return response.writeHead(200, { etag, 'content-type': 'application/json' }).end(text);
  });
  const site = `${server.url}/`;
  const read = async (
    kept?: ReadCatalog,
    { at = 0, keys = pinned(PUBLISHER), isPinned = true } = {},
  ) => {
    const pin = { keys, now: inDays(at), flag: '--upstream-key' } as const;
    server.requests.length = 0;
    const web = impatientWeb();
    return await readMarketplace({ url: site, web, kept, ...(isPinned && { pin }) });
  };
  const asked = () =>
    server.requests.map(
      ({ url, headers }) => `${url}${headers['if-none-match'] ? ' if changed' : ''}`,
    );
  const sign = (catalog: string, more: Partial<Statement> = {}, key = PUBLISHER) =>
    signText(statementOf(catalog, { site, ...more }), key);
  return { state, read, asked, sign };
}

const versionOf = ({ releases }: ReadCatalog) => releases[0]?.manifest.version;

/** The same, with the old state read. */
async function startRead(t: TestContext) {
  const started = await start(t, { signed: '', catalog: OLD });
  started.state.signed = await started.sign(OLD);
  return { ...started, kept: await started.read() };
}

test('what is signed is read with two requests, and looked at daily with one that is conditional', async (t) => {
  const { read, asked, kept } = await startRead(t);
  assert.equal(versionOf(kept), '1.0.0');
  assert.deepEqual(asked(), ['/signed.json', '/catalog.json']);
  let last = kept;
  for (const at of [1, 2, 3]) {
    last = await read(last, { at });
    assert.deepEqual(asked(), ['/signed.json if changed']);
  }
  assert.deepEqual(last, kept);
});

test('a state that was signed anew is learned of without its catalog', async (t) => {
  const { state, read, asked, sign, kept } = await startRead(t);
  state.signed = await sign(OLD, { counter: 9, expires: inDays(60).toISOString() });
  const next = await read(kept);
  assert.deepEqual(asked(), ['/signed.json if changed']);
  assert.deepEqual([next.releases, next.signed?.counter], [kept.releases, 9]);
  const later = await read(next, { at: 40 });
  assert.deepEqual(asked(), ['/signed.json if changed']);
  assert.equal(later.signed?.counter, 9);
});

test('so is one whose host gives it the tag of the one before, once that has expired', async (t) => {
  const { state, read, asked, sign } = await startRead(t);
  state.tag = 'same';
  const kept = await read();
  state.signed = await sign(OLD, { counter: 9, expires: inDays(60).toISOString() });
  assert.equal((await read(kept)).signed?.counter, 5);
  assert.deepEqual(asked(), ['/signed.json if changed']);
  assert.equal((await read(kept, { at: 40 })).signed?.counter, 9);
  assert.deepEqual(asked(), ['/signed.json']);
});

test('a new state is read, also where it goes live between the two requests', async (t) => {
  const { state, read, asked, sign, kept } = await startRead(t);
  const [before, after] = [state.signed as string, await sign(NEW, { counter: 6 })];
  Object.assign(state, { signed: after, catalog: NEW });
  assert.equal(versionOf(await read(kept)), '2.0.0');
  assert.deepEqual(asked(), ['/signed.json if changed', '/catalog.json']);
  Object.assign(state, { signed: [before, after], catalog: NEW });
  assert.equal(versionOf(await read()), '2.0.0');
  assert.deepEqual(asked(), ['/signed.json', '/catalog.json', '/signed.json']);
});

test('a catalog with entries that are left out is read each time, so that they are reported', async (t) => {
  const odd = JSON.stringify([{ manifest: { id: 'abc', version: '1.0.0' } }, { manifest: {} }]);
  const { state, read, asked, sign } = await start(t, { signed: '', catalog: odd });
  state.signed = await sign(odd);
  const kept = await read();
  assert.equal((await read(kept)).warnings.length, 1);
  assert.deepEqual(asked(), ['/signed.json', '/catalog.json']);
});

test('a marketplace for users only is asked with their password, which no statement names', async (t) => {
  const sent: (string | undefined)[] = [];
  const { url } = await startLoopback(t, ({ url: target, headers }, response) => {
    sent.push(headers.authorization);
    response.end(target === '/signed.json' ? text : OLD);
  });
  const text = await signText(statementOf(OLD, { site: url }));
  const pin = { keys: pinned(PUBLISHER), now: inDays(0), flag: '--upstream-key' } as const;
  const own = url.replace('//', '//a:b@');
  assert.equal(versionOf(await readMarketplace({ url: own, web: impatientWeb(), pin })), '1.0.0');
  const basic = `Basic ${Buffer.from('a:b').toString('base64')}`;
  assert.deepEqual(sent, [basic, basic]);
});

type Started = Awaited<ReturnType<typeof startRead>>;

// The attack, what is handed out then, the reason, the days since the old state was read.
const attacks: readonly (readonly [
  string,
  (started: Started) => Promise<Partial<HandedOut>>,
  RegExp,
  number?,
])[] = [
  [
    'a catalog that was tampered with',
    async () => ({ catalog: HOSTILE, signed: [] }),
    /catalog\.json.* is not the catalog that is signed, whose SHA-256 is [0-9a-f]{64} — .*caches may differ/,
  ],
  [
    'a swapped signature',
    async ({ sign, state }) => {
      const { signature } = JSON.parse(state.signed as string);
      const { signed } = JSON.parse(await sign(HOSTILE, { counter: 9 }));
      return { catalog: HOSTILE, signed: JSON.stringify({ signed, signature }) };
    },
    /signed\.json: is not what was signed/,
  ],
  [
    'a state signed by somebody else',
    async ({ sign }) => ({
      catalog: HOSTILE,
      signed: await sign(HOSTILE, { counter: 9 }, STRANGER),
    }),
    /is not one of the given keys — use nothing from there/,
  ],
  [
    'a state signed with a key that has expired',
    async ({ sign }) => ({
      catalog: HOSTILE,
      signed: await sign(HOSTILE, { counter: 9 }, EXPIRED),
    }),
    /expired on 2026-05-07/,
  ],
  [
    'a replayed old state',
    async ({ sign }) => ({ catalog: HOSTILE, signed: await sign(HOSTILE, { counter: 4 }) }),
    /has the counter 4, and 5 was seen before: an old state is handed out/,
  ],
  [
    'another state with the same counter',
    async ({ sign }) => ({ catalog: HOSTILE, signed: await sign(HOSTILE) }),
    /has the counter 5, and 5 was seen before, of another snapshot/,
  ],
  [
    'a frozen mirror',
    async () => ({}),
    /expired on 2026-06-15.*: something hands out an old state/,
    30,
  ],
  [
    'the state of another marketplace of the publisher',
    async ({ sign }) => ({
      catalog: HOSTILE,
      signed: await sign(HOSTILE, { counter: 9, site: 'https://staging.example.com' }),
    }),
    /is about https:\/\/staging\.example\.com, not about http:\/\/127/,
  ],
  [
    'a marketplace that is no longer signed',
    async () => ({ catalog: HOSTILE, signed: '{"signed":null}' }),
    /says that the marketplace is not signed/,
  ],
  [
    'a marketplace without any statement',
    async () => ({ catalog: HOSTILE, signed: '' }),
    /not signed/,
  ],
  [
    'a marketplace without its catalog',
    async () => ({ catalog: '', signed: [] }),
    /catalog\.json: is not the catalog/,
  ],
];

for (const [what, attack, reason, at = 0] of attacks) {
  test(`${what} is refused where a key is pinned, and only there`, async (t) => {
    const started = await startRead(t);
    const { state, read, sign, kept } = started;
    const handed = await attack(started);
    // As soon as one has the key, what is handed out has to be new.
    if (Array.isArray(handed.signed)) handed.signed = await sign(NEW, { counter: 9 });
    Object.assign(state, handed);
    const reading = read(kept, { at, keys: [...pinned(PUBLISHER), ...pinned(EXPIRED)] });
    await assert.rejects(reading, (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, reason);
      assert.ok(error.problems.length > 0, 'a build that goes on with what is kept shows them');
      return true;
    });
    if (state.catalog === '') return;
    const unpinned = await read(undefined, { isPinned: false });
    assert.equal(versionOf(unpinned), state.catalog === HOSTILE ? '6.6.6' : '1.0.0');
  });
}
