import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeAws, type FakeAwsOptions } from '../../test/fakes/fake-aws.ts';
import { servedFiles, signedFile } from '../snapshot/parse-snapshot.ts';
import {
  deployAll,
  deployTo,
  liveIdOf,
  makeBuilds,
  putText,
  SiteWitness,
} from './fixture-publish.ts';
import { listSnapshots } from './list-snapshots.ts';
import { planPrune, prune } from './prune.ts';
import { rollback } from './rollback.ts';

const HOUR_MS = 3_600_000;
const builds = await makeBuilds({ after });

test('snapshots are listed with their use, size and changes', async () => {
  const { aws, ids, target } = await deployAll(builds);
  const snapshots = await listSnapshots(target);
  const [first, second, third] = ids;
  const rows = snapshots.map(({ id, isLive, liveAt, retiredAt, change }) => [
    ...[id, isLive, change?.releasesAdded],
    ...[liveAt, retiredAt].map((at) => at?.toISOString().slice(11, 16)),
  ]);
  assert.deepEqual(rows, [
    [third, true, ['jira 1.2.0'], '04:00', undefined],
    [second, false, ['jira 1.1.0'], '02:00', '04:00'],
    [first, false, undefined, '00:00', '02:00'],
  ]);
  const keys = [...aws.state.objects.keys()];
  const served = keys.filter(
    (key) => key.startsWith(`snapshots/${third}/`) && key !== signedFile(third),
  );
  const { files, plugins, releases } = snapshots[0] ?? {};
  assert.deepEqual([files, plugins, releases], [served.length, 4, 7]);
});

// How many to keep, hours since the third went live, the numbers of the snapshots that are removed.
const cases: readonly [number, number, readonly number[]][] = [
  [1, 48, [2, 1]],
  [2, 48, [1]],
  [3, 48, []],
  [1, 0.5, [1]],
  // The edges may use a snapshot for less than an hour, not for an hour.
  [1, 1, [2, 1]],
];

for (const [keep, hours, expected] of cases) {
  test(`a prune that keeps ${keep}, ${hours} hours after the last deploy, removes ${expected.length}: never the live snapshot, nor one that edges may still use`, async () => {
    const { aws, ids, target } = await deployAll(builds);
    const now = new Date(Date.parse('2026-01-01T04:00:00Z') + hours * HOUR_MS);
    const options = { target, keep, edgeMs: HOUR_MS, now };
    const removed = expected.map((number) => ids[number - 1]);
    const { state } = aws;
    assert.deepEqual((await planPrune(options)).removed, removed);
    assert.equal(aws.state, state, 'a plan changes nothing');
    assert.deepEqual((await prune(options)).removed, removed);
    const keys = [...aws.state.objects.keys()];
    for (const [i, id] of ids.entries()) {
      const isLeft = keys.some((key) => key.includes(`/${id}/`));
      assert.equal(isLeft, !expected.includes(i + 1), `snapshot ${i + 1}`);
    }
    new SiteWitness([builds.third]).check(aws.state, 'after a prune');
    assert.equal((await listSnapshots(target)).length, ids.length - expected.length);
  });
}

test('a snapshot counts as used when it was last live, also by a rollback', async () => {
  const { aws, ids, target, wait, now } = await deployAll(builds);
  const there = await rollback({ target, id: ids[0] });
  assert.deepEqual(there, { id: ids[0], fromId: ids[2], probes: 0 });
  wait(2);
  assert.equal((await rollback({ target })).id, ids[2], 'back to where it came from');
  wait(48);
  const { removed } = await prune({ target, keep: 2, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1]]);
  assert.equal(liveIdOf(aws.state), ids[2]);
});

test('a prune keeps the snapshot whose router was uploaded and not published', async () => {
  const { ids, target, now, wait } = await deployAll(builds);
  const development = await target.edge.read('DEVELOPMENT');
  await target.edge.update({ code: builds.first.router, comment: '' }, development?.etag ?? '');
  wait(48);
  const { removed } = await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1]], 'a deploy of the first may be about to publish');
});

test('at no moment of a prune is an incomplete snapshot listed', async () => {
  const { aws, ids, target, now, wait } = await deployAll(builds);
  wait(48);
  const before = aws.effects.length;
  const { removed } = await prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[1], ids[0]]);
  for (const { operation, key, state } of aws.effects.slice(before)) {
    for (const { snapshot } of Object.values(builds)) {
      if (!state.objects.has(`manifests/${snapshot.id}/snapshot.json`)) continue;
      const isWhole = servedFiles(snapshot).every(({ path }) => state.objects.has(path));
      assert.ok(isWhole, `${snapshot.id} is listed after ${operation} of ${key}`);
    }
  }
});

const OTHER = '0123456789abcdef';

// The hours before a second part of the snapshot arrives, those after it, whether a prune removes both.
for (const [before, hours, isRemoved] of [
  [0, 23, false],
  [0, 25, true],
  [30, 0, false],
] as const) {
  test(`what a dead deploy left is ${isRemoved ? 'removed' : 'kept'} ${hours} hours after its last part arrived`, async () => {
    const { aws, target, now, wait } = await deployAll(builds);
    await putText(target, `snapshots/${OTHER}/api/a.json`, '[]');
    wait(before);
    await putText(target, `snapshots/${OTHER}/api/b.json`, '[]');
    wait(hours);
    const { leftovers } = await prune({ target, keep: 9, edgeMs: HOUR_MS, now: now() });
    assert.deepEqual(leftovers, isRemoved ? [OTHER] : []);
    assert.equal(aws.state.objects.has(`snapshots/${OTHER}/api/a.json`), !isRemoved);
  });
}

test('a prune leaves alone what no deploy put below snapshots/', async () => {
  const { aws, target, now, wait } = await deployAll(builds);
  const names = ['notes/a.json', '__proto__/a', '../a', `${OTHER}x/a`, 'a.json', '/a'];
  for (const name of names) await putText(target, `snapshots/${name}`, '[]');
  wait(48);
  const { leftovers } = await prune({ target, keep: 9, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(leftovers, []);
  for (const name of names) assert.ok(aws.state.objects.has(`snapshots/${name}`), name);
});

test('a snapshot of more than a thousand objects is removed in several requests', async () => {
  const { aws, ids, target, now, wait } = await deployAll(builds);
  for (let i = 0; i < 1010; i++) await putText(target, `snapshots/${ids[0]}/more/${i}`, '');
  wait(48);
  const { removed } = await prune({ target, keep: 2, edgeMs: HOUR_MS, now: now() });
  assert.deepEqual(removed, [ids[0]]);
  const left = [...aws.state.objects.keys()].filter((key) => key.includes(`/${ids[0]}/`));
  assert.deepEqual(left, []);
  assert.equal(aws.requests.filter(({ operation }) => operation === 'DeleteObjects').length, 2);
});

// S3's answers when two conditional requests meet, or one comes after the other.
for (const code of ['ConditionalRequestConflict', 'PreconditionFailed']) {
  test(`a prune whose record gets ${code} stops: another prune began`, async () => {
    const faults: FakeAwsOptions['faults'] = ({ operation, key }) =>
      operation === 'PutObject' && key === 'prune.json' ? { kind: 'error', code } : undefined;
    const aws = new FakeAws({ faults, now: () => new Date('2026-01-01T00:00:00Z') });
    await deployTo(aws, builds.first);
    await deployTo(aws, builds.second);
    const target = aws.target();
    const now = new Date('2026-01-03T00:00:00Z');
    await assert.rejects(prune({ target, keep: 1, edgeMs: HOUR_MS, now }), /another prune began/);
    new SiteWitness([builds.second]).check(aws.state, 'after a prune that stopped');
    assert.equal((await listSnapshots(target)).length, 2, 'it removed nothing');
  });
}

test('a prune stops before its next request after another prune began', async () => {
  const { aws, ids, target, now, wait } = await deployAll(builds);
  wait(48);
  const record = JSON.stringify({ removing: [ids[0]], at: now().toISOString() });
  const listed = target.bucket.list;
  target.bucket.list = async (prefix) => {
    if (prefix.startsWith('snapshots/')) await putText(target, 'prune.json', record);
    return await listed(prefix);
  };
  const pruning = prune({ target, keep: 1, edgeMs: HOUR_MS, now: now() });
  await assert.rejects(pruning, /another prune began meanwhile/);
  assert.equal((await listSnapshots(target)).length, 3, 'it removed nothing');
  assert.equal(String(aws.state.objects.get('prune.json')?.body), record, 'the other record stays');
});

test('a deploy of a snapshot that a prune is removing fails before it uploads anything', async () => {
  const { aws, ids, target } = await deployAll(builds);
  const at = '2026-01-01T05:00:00.000Z';
  await putText(target, 'prune.json', JSON.stringify({ removing: [ids[0]], at }));
  await target.bucket.remove([`snapshots/${ids[0]}/api/labels.json`]);
  const { state } = aws;
  await assert.rejects(
    deployTo(aws, builds.first),
    /is being removed by a prune that began at 2026-01-01T05:00:00\.000Z/,
  );
  assert.equal(aws.state, state, 'what it uploads would be removed, or stay for ever');
});

const AT = '2026-01-01T05:00:00.000Z';

// The text of prune.json, the error message.
const records: readonly (readonly [string, RegExp])[] = [
  ['{}', /removing: .*expected array/],
  ['', /is empty/],
  ['null', /expected object/],
  [`{"removing": [], "at": "soon"}`, /:1:\d+ at: "soon" is not a date and time/],
  [`{"removing": [], "at": "${AT}", "at": "${AT}"}`, /:1:\d+ at: appears twice/],
  ...['', '.', '..', '../manifests', `${OTHER}/api`, OTHER.toUpperCase(), '__proto__', '*'].map(
    (id) =>
      [
        JSON.stringify({ removing: [OTHER, id], at: AT }),
        /:1:\d+ removing\[1\]: ".*" is not the id of a snapshot/,
      ] as const,
  ),
];

test('an error names the location in a prune record that no prune wrote, and nothing is changed', async () => {
  const { aws, ids, target, now } = await deployAll(builds);
  for (const [text, expected] of records) {
    await putText(target, 'prune.json', text);
    const { state } = aws;
    const options = { target, keep: 1, edgeMs: HOUR_MS, now: now() };
    for (const attempt of [() => prune(options), () => deployTo(aws, builds.first)]) {
      await assert.rejects(attempt, (error) => {
        assert.match(String(error), /s3:\/\/marketplace\/prune\.json was not written by a prune/);
        assert.match(String(error), expected);
        return true;
      });
    }
    assert.equal(aws.state, state, text);
  }
  assert.equal(liveIdOf(aws.state), ids[2]);
});
