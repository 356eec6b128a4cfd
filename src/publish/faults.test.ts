import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fault, type FaultPlan, randomFaults } from '../../test/aws/faults.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import {
  BUCKET,
  deployTo,
  liveIdOf,
  makeBuilds,
  SiteWitness,
  startAws,
  targetOf,
} from './fixture-publish.ts';
import { prune } from './prune.ts';
import { manifestKey } from './records/object-keys.ts';
import { rollback } from './rollback.ts';

/** Each fault, and how often it comes. */
const RATES: readonly (readonly [number, Fault])[] = [
  [0.03, { kind: 'error', code: 'SlowDown' }],
  [0.03, { kind: 'error', code: 'ServiceUnavailable' }],
  [0.02, { kind: 'error', code: 'InternalError' }],
  [0.03, { kind: 'drop-before' }],
  [0.04, { kind: 'drop-after' }],
  [0.02, { kind: 'cut' }],
  [0.03, { kind: 'delay', ms: 30 }],
];

test('whatever goes wrong on the way, as long as trying again helps, everything ends as it should', async (t) => {
  const builds = await makeBuilds(t);
  const witness = new SiteWitness(Object.values(builds));
  const faults: Record<string, number> = {};
  for (const seed of seeds(6)) {
    const plan = randomFaults(seededRandom(seed), { rates: RATES, inARow: 2 });
    const counted: FaultPlan = (request) => {
      const fault = plan(request);
      if (fault) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
      return fault;
    };
    const aws = await startAws(t, { faults: counted });
    const target = targetOf(aws);
    await deployTo(aws, builds.first);
    await deployTo(aws, builds.second);
    assert.equal(liveIdOf(aws.state), builds.second.snapshot.id, `SEED=${seed}`);
    await rollback({ target });
    assert.equal(liveIdOf(aws.state), builds.first.snapshot.id, `SEED=${seed}`);
    const now = new Date(Date.now() + 48 * 3_600_000);
    // The router of the second was uploaded before that of the first: nobody claims it.
    const { removed } = await prune({ target, keep: 1, edgeMs: 3_600_000, now });
    assert.deepEqual(removed, [builds.second.snapshot.id], `SEED=${seed}`);
    for (const [i, { state }] of aws.effects.entries()) {
      if (liveIdOf(state) !== null) witness.check(state, `after effect ${i}, SEED=${seed}`);
    }
    await aws.close();
  }
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  assert.equal(Object.keys(faults).length, 5, `every kind came: ${JSON.stringify(faults)}`);
  t.diagnostic(
    `${total} faults injected (${JSON.stringify(faults)}), ${witness.answers} answers compared, none of them wrong`,
  );
});

// The request that gets no answer although it took effect.
for (const operation of ['UpdateFunction', 'PublishFunction', 'PutObject', 'DeleteObjects']) {
  test(`where the answer to ${operation} is lost, asking again is not taken for somebody else's change`, async (t) => {
    const builds = await makeBuilds(t);
    const aws = await startAws(t, {
      faults: (request) =>
        request.operation === operation && request.count === 1 ? { kind: 'drop-after' } : undefined,
    });
    await deployTo(aws, builds.first);
    await deployTo(aws, builds.second);
    const now = new Date(Date.now() + 48 * 3_600_000);
    const target = targetOf(aws);
    await prune({ target, keep: 1, edgeMs: 3_600_000, now });
    assert.equal(liveIdOf(aws.state), builds.second.snapshot.id);
    new SiteWitness([builds.second]).check(aws.state, `after a lost ${operation}`);
    assert.ok(aws.requests.some(({ fault }) => fault === 'drop-after'));
  });
}

test('after a file was refused nothing more is begun', async (t) => {
  const { first } = await makeBuilds(t);
  let puts = 0;
  const aws = await startAws(t, {
    faults: ({ operation }) =>
      operation === 'PutObject' && ++puts > 5 ? { kind: 'error', code: 'AccessDenied' } : undefined,
  });
  await assert.rejects(deployTo(aws, first, { concurrency: 4 }), { name: 'AccessDenied' });
  // Those on their way, and those begun until the first answer was there.
  assert.ok(puts <= 5 + 2 * 4, `${puts} files were sent`);
  assert.equal(aws.state.buckets.get(BUCKET)?.has(manifestKey(first.snapshot.id)), false);
});

test('a deploy that is killed sends nothing more, and the next one sends only the rest', async (t) => {
  const { first } = await makeBuilds(t);
  let puts = 0;
  const aws = await startAws(t, {
    clients: ['KILLED', 'NEXT'],
    faults: ({ operation, client }) => {
      if (client === 'KILLED' && operation === 'PutObject') puts++;
      return puts > 15 ? { kind: client === 'KILLED' ? 'die' : 'delay', ms: 0 } : undefined;
    },
  });
  const killed = { ...targetOf(aws, 'KILLED') };
  await assert.rejects(deployTo(aws, first, { target: killed }));
  const { upload } = await deployTo(aws, first, { target: targetOf(aws, 'NEXT') });
  assert.equal(upload.present, 15);
  const sent = aws.effects.filter(({ kind }) => kind === 'PutObject').map(({ key }) => key);
  assert.equal(new Set(sent).size, sent.length, 'nothing was sent twice');
  new SiteWitness([first]).check(aws.state, 'after the second deploy');
});
