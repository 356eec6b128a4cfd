import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type AwsState, FakeAws, type FakeAwsOptions } from '../../../test/fakes/fake-aws.ts';
import { type FaultRates, randomFaults } from '../../../test/fakes/faults.ts';
import type { Schedule } from '../../../test/fakes/scheduler.ts';
import { seededRandom, seeds, THOROUGH } from '../../../test/random.ts';
import { UserError } from '../../lib/errors.ts';
import { newObject, type Target, toRecord } from '../aws/target.ts';
import { listSnapshots } from '../list-snapshots.ts';
import { prune } from '../prune.ts';
import { rollback } from '../rollback.ts';
import { BucketPointer } from './bucket-pointer.ts';
import { checkWhole, deployHost, type HostBuilds, makeHostBuilds } from './fixture-hosts.ts';

const builds = await makeHostBuilds({ after });
const { first, second } = builds;

/** A bucket without CloudFront. */
function bucketTarget(aws: FakeAws, client?: string): Target {
  const { bucket, sleep } = aws.target(client);
  return { bucket, edge: new BucketPointer(bucket, () => new Date()), sleep };
}

/** The live build of a state; undefined if there is none. */
function liveOf({ objects }: AwsState) {
  const pointer = objects.get('pointer.json');
  const name = pointer && JSON.parse(pointer.body.toString()).live?.build;
  if (!name) return undefined;
  const live = Object.values(builds).find(({ router }) => router === name);
  assert.ok(live, `docs/design.md, invariant 7: ${name} is live`);
  return live;
}

async function checkState(state: AwsState, when: string): Promise<void> {
  const live = liveOf(state);
  if (live) await checkWhole(async (key) => state.objects.get(key)?.body, live, when);
}

const pruneAll = (target: Target) =>
  prune({ target, keep: 1, edgeMs: 3_600_000, now: new Date(Date.now() + 48 * 3_600_000) });

const deployOf = (name: keyof HostBuilds) => (target: Target) =>
  deployHost(target, builds[name], { concurrency: 1, isForced: true });
const rollbackTo = (name: keyof HostBuilds) => (target: Target) =>
  rollback({ target, id: builds[name].snapshot.id });

test('a bucket without CloudFront is deployed to, rolled back and pruned', async () => {
  const aws = new FakeAws();
  const target = bucketTarget(aws);
  await deployHost(target, first);
  await deployHost(target, second);
  assert.equal(liveOf(aws.state), second);
  await rollback({ target });
  assert.equal(liveOf(aws.state), first);
  const listed = await listSnapshots(target);
  assert.deepEqual(
    listed.map(({ id, isLive }) => [id, isLive]),
    [
      [first.snapshot.id, true],
      [second.snapshot.id, false],
    ],
  );
  const { removed } = await pruneAll(target);
  assert.deepEqual(removed, [second.snapshot.id]);
  await checkState(aws.state, 'after the prune');
  assert.ok(
    [...aws.state.objects.keys()].every(
      (key) => !key.includes(second.snapshot.id) || key.startsWith('deployments/'),
    ),
  );
});

test('a server that ignores conditions is found out before anything goes live', async () => {
  const aws = new FakeAws();
  const { bucket, ...others } = bucketTarget(aws);
  const careless = {
    ...bucket,
    put: (...[object, body]: Parameters<typeof bucket.put>) => bucket.put(object, body),
  };
  const edge = new BucketPointer(careless, () => new Date());
  await assert.rejects(deployHost({ ...others, bucket: careless, edge }, first), {
    name: 'UserError',
    message: /ignores the condition of a write.*nothing went live/,
  });
  assert.equal(liveOf(aws.state), undefined);
});

test('a pointer that no deploy wrote is reported', async () => {
  const aws = new FakeAws();
  const target = bucketTarget(aws);
  const body = toRecord({ build: '../etc' });
  await target.bucket.put(newObject('pointer.json', 'application/json', body), body);
  await assert.rejects(deployHost(target, first), /pointer\.json was not written by a deploy/);
});

test('damage that the server did not notice is found before the switch', async () => {
  const aws = new FakeAws();
  const target = bucketTarget(aws);
  const { bucket } = target;
  const get = async (...args: Parameters<typeof bucket.get>) => {
    const stored = await bucket.get(...args);
    return stored && args[0].endsWith('labels.json')
      ? { ...stored, body: Buffer.from('?') }
      : stored;
  };
  await assert.rejects(deployHost({ ...target, bucket: { ...bucket, get } }, first), {
    message: /1 of \d+ files in s3:\/\/marketplace are missing or damaged: nothing went live/,
  });
  assert.equal(liveOf(aws.state), undefined);
});

// The command, the snapshots deployed before, the second run.
const scenarios: readonly (readonly [
  string,
  (target: Target) => Promise<unknown>,
  readonly (keyof HostBuilds)[],
  ((target: Target) => Promise<unknown>)?,
])[] = [
  ['a first deploy', deployOf('first'), []],
  ['a deploy over another snapshot', deployOf('second'), ['first']],
  ['a rollback', (target) => rollback({ target }), ['first', 'second'], rollbackTo('first')],
  ['a prune', pruneAll, ['first', 'second', 'third']],
];

/** The stored state, without times. */
const contentsOf = (state: AwsState) => ({
  live: liveOf(state)?.router,
  objects: [...state.objects.keys()]
    .map((key) => key.replace(/^deployments\/.*-/, 'deployments/'))
    .sort(),
});

for (const [name, run, before, again = run] of scenarios) {
  test(`${name} in a bucket without CloudFront that dies after any effect leaves the old build or the new one, and the next run completes it`, async (t) => {
    const aws = new FakeAws();
    for (const each of before) await deployHost(bucketTarget(aws), builds[each]);
    const begun = aws.effects.length;
    const from = liveOf(aws.state);
    await run(bucketTarget(aws));
    const ended = contentsOf(aws.state);
    const effects = aws.effects.slice(begun);
    assert.ok(effects.length > 3);
    for (const [i, { state }] of effects.entries()) {
      const when = `after effect ${i}`;
      const live = liveOf(state);
      assert.ok(
        live === from || live === liveOf(aws.state),
        `invariant 7: ${live?.router} ${when}`,
      );
      await checkState(state, when);
      if (!THOROUGH && i % 5 > 0) continue;
      const resumed = new FakeAws({ state });
      await again(bucketTarget(resumed));
      assert.deepEqual(contentsOf(resumed.state), ended, `resumed ${when}`);
    }
    t.diagnostic(`${effects.length} crash points`);
  });
}

const CLIENTS = ['ALICE', 'BOB'] as const;

/** A random order. */
function randomSchedule(seed: number): Schedule {
  const random = seededRandom(seed);
  return (waiting) => random.below(waiting.length);
}

// The two commands, the snapshots deployed before, how many interleavings are tried.
const pairs: readonly (readonly [
  string,
  readonly ((target: Target) => Promise<unknown>)[],
  readonly (keyof HostBuilds)[],
  number,
])[] = [
  ['two deploys', [deployOf('second'), deployOf('third')], ['first'], 8],
  ['a deploy and a rollback', [deployOf('third'), rollbackTo('first')], ['first', 'second'], 8],
  ['two rollbacks', [rollbackTo('first'), rollbackTo('second')], ['first', 'second', 'third'], 20],
  [
    'a rollback and a prune of its snapshot',
    [rollbackTo('first'), pruneAll],
    ['first', 'second'],
    30,
  ],
  ['a deploy and a prune of its snapshot', [deployOf('first'), pruneAll], ['first', 'second'], 12],
];

for (const [name, commands, before, tries] of pairs) {
  test(`${name} of a bucket without CloudFront at once: what is live is always whole, and the loser gets an error`, async (t) => {
    const prepared = new FakeAws();
    for (const each of before) await deployHost(bucketTarget(prepared), builds[each]);
    let losers = 0;
    for (const seed of seeds(tries)) {
      const options: FakeAwsOptions = {
        state: prepared.state,
        clients: CLIENTS,
        schedule: randomSchedule(seed),
      };
      const aws = new FakeAws(options);
      const ended = await Promise.allSettled(
        commands.map((command, i) => {
          const client = CLIENTS[i] ?? '';
          return command(bucketTarget(aws, client)).finally(() => aws.leave(client));
        }),
      );
      for (const [i, { state, operation, key }] of aws.effects.entries()) {
        const isChange = operation === 'DeleteObjects' || key === 'pointer.json';
        if (isChange) await checkState(state, `after effect ${i}, SEED=${seed}`);
      }
      const failed = ended.filter((end) => end.status === 'rejected');
      assert.ok(failed.length < 2, `both lost, SEED=${seed}: ${failed.map((end) => end.reason)}`);
      for (const { reason } of failed) {
        assert.ok(reason instanceof UserError, `SEED=${seed}: ${reason?.stack}`);
      }
      losers += failed.length;
    }
    t.diagnostic(`${seeds(tries).length} interleavings, ${losers} with a loser`);
  });
}

const RATES: FaultRates = [
  [0.04, { kind: 'error', code: 'SlowDown' }],
  [0.03, { kind: 'lost-request' }],
  [0.06, { kind: 'lost-answer' }],
];

test('requests to a bucket without CloudFront may fail, and answers be lost: every command succeeds', async () => {
  for (const seed of seeds(6)) {
    const aws = new FakeAws({ faults: randomFaults(seededRandom(seed), RATES) });
    const target = bucketTarget(aws);
    await deployHost(target, first);
    await deployHost(target, second);
    assert.equal(liveOf(aws.state), second, `SEED=${seed}`);
    await rollback({ target });
    assert.equal(liveOf(aws.state), first, `SEED=${seed}`);
    await pruneAll(target);
    await checkState(aws.state, `SEED=${seed}`);
  }
});
