import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { FakeAws } from '../../test/fakes/fake-aws.ts';
import { type FaultPlan, type FaultRates, randomFaults } from '../../test/fakes/faults.ts';
import { seededRandom, seeds } from '../../test/random.ts';
import { deployTo, liveIdOf, SiteWitness } from './fixture-publish.ts';
import { prune } from './prune.ts';
import { manifestKey } from './records/object-keys.ts';
import { rollback } from './rollback.ts';
import { makeBothBuilds } from './store/fixture-store.ts';

const kinds = await makeBothBuilds({ after });
const { first } = kinds[0][1];

/** A prune that keeps the live snapshot only. */
const pruneTo = (aws: FakeAws) =>
  prune({
    target: aws.target(),
    keep: 1,
    edgeMs: 3_600_000,
    now: new Date(Date.now() + 48 * 3_600_000),
  });

const RATES: FaultRates = [
  [0.03, { kind: 'error', code: 'SlowDown' }],
  [0.03, { kind: 'error', code: 'ServiceUnavailable' }],
  [0.02, { kind: 'error', code: 'InternalError' }],
  [0.03, { kind: 'lost-request' }],
  [0.06, { kind: 'lost-answer' }],
  [0.03, { kind: 'delay' }],
];

for (const [kind, builds] of kinds) {
  const { first, second } = builds;

  test(`requests ${kind} may fail, answers may be lost or late: if trying again helps, every command succeeds`, async (t) => {
    const witness = new SiteWitness(Object.values(builds));
    const faults: Record<string, number> = {};
    for (const seed of seeds(6)) {
      const aws = new FakeAws({ faults: randomFaults(seededRandom(seed), RATES) });
      await deployTo(aws, first);
      await deployTo(aws, second);
      assert.equal(liveIdOf(aws.state), second.snapshot.id, `SEED=${seed}`);
      await rollback({ target: aws.target() });
      assert.equal(liveIdOf(aws.state), first.snapshot.id, `SEED=${seed}`);
      // The router of the second was uploaded before that of the first: nobody claims it.
      const { removed } = await pruneTo(aws);
      assert.deepEqual(removed, [second.snapshot.id], `SEED=${seed}`);
      for (const [i, { state }] of aws.effects.entries()) {
        if (liveIdOf(state) !== null) witness.check(state, `after effect ${i}, SEED=${seed}`);
      }
      for (const { fault } of aws.requests) if (fault) faults[fault] = (faults[fault] ?? 0) + 1;
    }
    assert.equal(Object.keys(faults).length, 4, `every kind came: ${JSON.stringify(faults)}`);
    t.diagnostic(`faults: ${JSON.stringify(faults)}; ${witness.answers} answers compared`);
  });
}

for (const operation of [
  'UpdateFunction',
  'PublishFunction',
  'PutObject',
  'DeleteObjects',
  'UpdateKeys',
]) {
  const { first, second } = kinds[1][1];
  test(`after the answer to ${operation} is lost, the second try does not count as somebody else's change`, async () => {
    const lost = new Set<string>();
    const faults: FaultPlan = ({ operation: asked, key }) => {
      if (asked !== operation || lost.has(key)) return undefined;
      lost.add(key);
      return { kind: 'lost-answer' };
    };
    const aws = new FakeAws({ faults });
    await deployTo(aws, first);
    await deployTo(aws, second);
    await pruneTo(aws);
    assert.equal(liveIdOf(aws.state), second.snapshot.id);
    new SiteWitness([second]).check(aws.state, `after a lost ${operation}`);
    assert.ok(lost.size > 0);
  });
}

test('after one upload is refused no other one begins', async () => {
  let puts = 0;
  const aws = new FakeAws({
    faults: ({ operation }) =>
      operation === 'PutObject' && ++puts > 5 ? { kind: 'error', code: 'AccessDenied' } : undefined,
  });
  await assert.rejects(deployTo(aws, first, { concurrency: 4 }), { name: 'AccessDenied' });
  // Those under way, and those that began before the first answer arrived.
  assert.ok(puts <= 5 + 2 * 4, `${puts} files were sent`);
  assert.equal(aws.state.objects.has(manifestKey(first.snapshot.id)), false);
});

test('a killed deploy sends nothing more, and the next one sends only the rest', async () => {
  let puts = 0;
  const aws = new FakeAws({
    faults: ({ operation, client }) =>
      client === 'KILLED' && operation === 'PutObject' && ++puts > 15 ? { kind: 'die' } : undefined,
  });
  await assert.rejects(deployTo(aws, first, { target: aws.target('KILLED') }));
  const { upload } = await deployTo(aws, first);
  assert.equal(upload.present, 15);
  const sent = aws.effects
    .filter(({ operation }) => operation === 'PutObject')
    .map(({ key }) => key);
  assert.equal(new Set(sent).size, sent.length, 'nothing was sent twice');
  new SiteWitness([first]).check(aws.state, 'after the second deploy');
});
