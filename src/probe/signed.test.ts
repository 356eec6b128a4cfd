import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import {
  DAY_MS,
  PUBLISHER,
  pinned,
  STRANGER,
  signText,
  statementOf,
} from '../signatures/fixture-statement.ts';
import type { Statement } from '../signatures/statement.ts';
import { makeMarketplace, passOn, probe, SOON } from './fixture-probe.ts';

const { snapshot, url: upstream } = await makeMarketplace({ after });
const catalog = snapshot.files.find(({ path }) => path.endsWith('/api/catalog.json'));
const build = { snapshot, label: 'dist' };

/** The kinds, levels and messages of what a probe finds about what is signed. */
async function probeSigned(
  t: TestContext,
  {
    days = 20,
    key = PUBLISHER,
    ...more
  }: Partial<Statement> & { days?: number; key?: typeof PUBLISHER },
) {
  let text = '';
  const port = await passOn(t, upstream, {
    plant: (answer, { target }) => {
      if (target !== '/signed.json' || text === '') return;
      answer.body = Buffer.from(text);
    },
  });
  const site = `http://127.0.0.1:${port}`;
  const expires = new Date(SOON.getTime() + days * DAY_MS).toISOString();
  const known = { site, snapshot: snapshot.id, catalog: catalog?.sha256 ?? '', expires };
  text = await signText(statementOf('', { ...known, ...more }), key);
  const options = { url: site, build, snapshotKeys: pinned(PUBLISHER) };
  const { findings } = await probe(t, options);
  return findings
    .filter(({ check }) => check === 'signature')
    .map(({ level, message }) => `${level}: ${message}`);
}

test('a marketplace that is signed as it is has no faults, and one that is not signed has', async (t) => {
  assert.deepEqual(await probeSigned(t, {}), []);
  const { findings } = await probe(t, { url: upstream, snapshotKeys: pinned(PUBLISHER) });
  assert.match(findings.find(({ check }) => check === 'signature')?.message ?? '', /is not signed/);
  const unpinned = await probe(t, { url: upstream });
  assert.deepEqual(
    unpinned.findings.filter(({ check }) => check === 'signature'),
    [],
  );
});

// What is handed out, what is found.
const faults: readonly (readonly [string, Parameters<typeof probeSigned>[1], RegExp])[] = [
  ['an expired statement', { days: -1 }, /^error: .*expired on 2026-05-10/],
  ['one that expires soon', { days: 5 }, /^warning: expires in 5 days: .* takes nothing new$/],
  ['one by somebody else', { key: STRANGER }, /^error: .*is not one of the given keys/],
  [
    'one about another address',
    { site: 'https://staging.example.com' },
    /^error: .*is about https:\/\/staging/,
  ],
  [
    'one of another catalog',
    { catalog: '0'.repeat(64) },
    /^error: .*is not the catalog that is signed/,
  ],
  [
    'one of another build',
    { snapshot: '0'.repeat(16) },
    /^error: is about snapshot 0{16}, and dist is/,
  ],
];

for (const [what, given, expected] of faults) {
  test(`a probe finds ${what}`, async (t) => {
    const [found = '', ...others] = await probeSigned(t, given);
    assert.match(found, expected);
    assert.deepEqual(others, []);
  });
}
